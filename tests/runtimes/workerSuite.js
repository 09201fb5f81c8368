// The engine in a worker: what is learnt there arrives here, and a page goes on drawing meanwhile.
import { layers, optimizers, sequential, setSeed } from "wasmind";
import { inWorker } from "wasmind/worker";
import { check, failure, run } from "./run.js";

const count = 512;
const x = () => Float32Array.from({ length: count * 784 }, (_, i) => Math.sin(i * (1 + (Math.floor(i / 784) % 2))));
const y = () => Float32Array.from({ length: count }, (_, n) => n % 2);

function convnet() {
  setSeed(1);
  const model = sequential([
    layers.conv2d(16, 3, { activation: "relu", inputShape: [28, 28, 1] }),
    layers.maxPooling2d(2),
    layers.conv2d(32, 3, { activation: "relu" }),
    layers.flatten(),
    layers.dense(2, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
}

/** Runs until an end, counting the page's frames; the longest wait for one, in ms. */
async function watched(run) {
  const start = performance.now();
  let [frames, longest, last, goesOn] = [0, 0, start, true];
  const frame = now => {
    frames++;
    longest = Math.max(longest, now - last);
    last = now;
    if (goesOn) requestAnimationFrame(frame);
  };
  if (globalThis.requestAnimationFrame) requestAnimationFrame(frame);
  const result = await run();
  goesOn = false;
  return { result, perSecond: (frames / (performance.now() - start)) * 1000, longest };
}

/** A callback that ends a training after so many ms. */
function stopAfter(time) {
  const start = performance.now();
  let model;
  return {
    setModel: given => void (model = given),
    onTrainBatchEnd: () => void (performance.now() - start > time && (model.stopTraining = true)),
  };
}

async function follows(remote) {
  const [here, there] = [await remote.model.predict(x()), await remote.predict(x())];
  check(
    here.data.every((p, i) => p === there.data[i]),
    "the model here predicts otherwise",
  );
}

const withRemote = test => async () => {
  const remote = await inWorker(convnet());
  try {
    await test(remote);
  } finally {
    remote.terminate();
  }
};

const tests = {
  "it trains while a page draws, and brings the weights back": withRemote(async remote => {
    const idle = await watched(() => new Promise(resolve => setTimeout(resolve, 2000)));
    const epochs = [];
    const options = { epochs: 1000, verbose: 0, callbacks: [{ onEpochEnd: epoch => void epochs.push(epoch) }, stopAfter(3000)] };
    const { result, ...busy } = await watched(() => remote.fit(x(), y(), options));
    check(result.epoch.length === epochs.length && epochs.length > 1, `${epochs.length} epochs were told`);
    check(result.history.accuracy.at(-1) > 0.9, `the accuracy ends at ${result.history.accuracy.at(-1)}`);
    const frames = `${busy.perSecond} frames a second (${idle.perSecond} idle), the longest wait ${busy.longest} ms (${idle.longest} idle)`;
    check(busy.perSecond >= idle.perSecond / 2 && busy.longest <= idle.longest + 50, frames);
    await follows(remote);
  }),

  "an AbortSignal ends it with its reason": withRemote(async remote => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onTrainBatchEnd = batch => void (batch === 2 && controller.abort(reason));
    const options = { epochs: 1000, verbose: 0, signal: controller.signal, callbacks: [{ onTrainBatchEnd }] };
    const error = await failure(() => remote.fit(x(), y(), options));
    check(error === reason, `it ended with ${error}`);
    await follows(remote);
  }),

  "memory is handed over when asked, and errors come back": withRemote(async remote => {
    const data = x();
    await remote.predict(data, { transfer: true });
    check(data.length === 0, `${data.length} numbers stayed`);
    const { message } = await failure(() => remote.predict([[1, 2, 3]]));
    check(/28, 28, 1|784/.test(message), message);
  }),
};

export const suite = () => run(tests);
