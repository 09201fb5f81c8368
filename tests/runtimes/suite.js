// What wasmind must do in every runtime, in plain JavaScript without a test runner: it runs unchanged in all of them.
import * as wasmind from "wasmind";
import { loadKeras } from "wasmind/keras";
import { file, x as kerasX, predictions } from "./fixture.js";
import { check, failure, run } from "./run.js";

const { layers, loadModel, optimizers, sequential, setSeed, setThreads, tensor } = wasmind;

// biome-ignore format: a table
const xor = { x: tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), y: [0, 1, 1, 0] };

/** 64 images of 8x8: a bright row (class 0) or a bright column (class 1), on noise that everyone draws alike. */
function bars() {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const data = Float32Array.from({ length: 64 * 64 }, () => 0.3 * random());
  for (let n = 0; n < 64; n++) {
    const at = Math.floor(random() * 8);
    for (let i = 0; i < 8; i++) data[n * 64 + (n % 2 ? i * 8 + at : at * 8 + i)] += 1;
  }
  return { x: { data, shape: [64, 8, 8, 1] }, y: Float32Array.from({ length: 64 }, (_, n) => n % 2) };
}

function convnet() {
  const model = sequential([
    layers.conv2d(8, 3, { activation: "relu", inputShape: [8, 8, 1] }),
    layers.maxPooling2d(2),
    layers.flatten(),
    layers.dropout(0.1),
    layers.dense(2, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
}

const tests = {
  async "XOR is learnt"() {
    setSeed(1);
    const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [2] }), layers.dense(1, { activation: "sigmoid" })]);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "binary_crossentropy" });
    const { history } = await model.fit(xor.x, xor.y, { epochs: 300, verbose: 0 });
    const { data } = await model.predict(xor.x);
    check(history.loss.at(-1) < 0.1, `the loss ends at ${history.loss.at(-1)}`);
    same([...data].map(Math.round), xor.y);
  },

  async "a CNN learns, is saved, loaded again, and goes on as if nothing had happened"() {
    setSeed(2);
    const { x, y } = bars();
    const model = convnet();
    await model.fit(x, y, { epochs: 12, batchSize: 16, verbose: 0 });
    const { accuracy } = await model.evaluate(x, y, { verbose: 0 });
    check(accuracy > 0.95, `the accuracy is ${accuracy}`);
    const again = await loadModel(model.toSafetensors());
    same([...(await again.predict(x)).data], [...(await model.predict(x)).data]);
    await Promise.all([model.ready(), again.ready()]);
    same(again.trainOnBatch(x, y), model.trainOnBatch(x, y));
  },

  async "a seed gives the same bits again"() {
    const { x, y } = bars();
    const runs = [];
    for (let run = 0; run < 2; run++) {
      setSeed(3);
      const model = convnet();
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      runs.push([...(await model.predict(x)).data]);
    }
    same(runs[0], runs[1]);
  },

  async "an LSTM learns which end of a sequence is larger"() {
    setSeed(4);
    const count = 64;
    const data = Float32Array.from({ length: count * 6 }, (_, i) => Math.sin(i * i));
    const y = Float32Array.from({ length: count }, (_, n) => Number(data[n * 6] > data[n * 6 + 5]));
    const model = sequential([layers.lstm(8, { inputShape: [6, 1] }), layers.dense(1, { activation: "sigmoid" })]);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
    const { history } = await model.fit({ data, shape: [count, 6, 1] }, y, { epochs: 40, verbose: 0 });
    check(history.accuracy.at(-1) > 0.9, `the accuracy ends at ${history.accuracy.at(-1)}`);
  },

  async "a .keras file predicts as in Keras"() {
    const bytes = Uint8Array.from(atob(file), char => char.charCodeAt(0));
    for (const load of [loadModel, loadKeras]) {
      const model = await load(bytes);
      const { data } = await model.predict(tensor(Float32Array.from(kerasX.data), kerasX.shape));
      const worst = Math.max(...data.map((p, i) => Math.abs(p - predictions.data[i])));
      check(data.length === predictions.data.length && worst < 1e-5, `predictions differ by ${worst}`);
    }
  },

  async "many predictions at once on one model are as one by one"() {
    setSeed(5);
    const model = convnet();
    const { x } = bars();
    const whole = await model.predict(x);
    const parts = Array.from({ length: 32 }, (_, n) => ({ data: x.data.subarray(n * 128, n * 128 + 128), shape: [2, 8, 8, 1] }));
    const results = await Promise.all(parts.map(part => model.predict(part, { batchSize: 1 })));
    const worst = Math.max(...results.flatMap(({ data }, n) => [...data].map((p, i) => Math.abs(p - whole.data[n * 4 + i]))));
    check(worst < 1e-6, `they differ by ${worst}`);
  },

  async "two threads give the same bits, or a reason why there is one"() {
    const x = { data: Float32Array.from({ length: 64 * 784 }, (_, i) => Math.sin(i)), shape: [64, 784] };
    const y = Uint8Array.from({ length: 64 }, (_, i) => i % 10);
    const predictions = [];
    for (const wanted of [1, 2]) {
      const { threads, reasons } = await setThreads(wanted);
      check(threads === wanted || reasons.length > 0, `${threads} threads, and no reason`);
      setSeed(6);
      const model = sequential([layers.dense(512, { activation: "relu", inputShape: [784] }), layers.dense(10, { activation: "softmax" })]);
      model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
      await model.fit(x, y, { epochs: 20, verbose: 0 });
      predictions.push([...(await model.predict(x)).data]);
    }
    same(predictions[1], predictions[0]);
  },

  async "fit stops at an AbortSignal"() {
    const controller = new AbortController();
    const model = convnet();
    const { x, y } = bars();
    const error = await failure(() =>
      model.fit(x, y, {
        epochs: 1000,
        verbose: 0,
        signal: controller.signal,
        callbacks: [{ onEpochEnd: epoch => void (epoch === 1 && controller.abort()) }],
      }),
    );
    check(error.name === "AbortError", `it ended with ${error}`);
  },

  async "errors say what to do"() {
    const { x } = bars();
    says(await failure(() => layers.dense(3, { unit: 1 })), /unit.*Did you mean/);
    says(await failure(() => convnet().predict(tensor([[1, 2, 3]]))), /8, 8, 1/);
    says(await failure(() => convnet().compile({ loss: "mean_square_error" })), /mean_?square_?error/i);
    says(await failure(() => convnet().fit(x, [1, 0], { verbose: 0 })), /64/);
    says(await failure(() => loadModel(new Uint8Array([1, 2, 3]))), /loadModel|safetensors/);
  },
};

function same(got, expected) {
  const [a, b] = [got, expected].map(value => JSON.stringify(value));
  check(a === b, `expected ${b.slice(0, 200)}, got ${a.slice(0, 200)}`);
}

const says = ({ message }, pattern) => check(pattern.test(message), `expected a message like ${pattern}, got: ${message}`);

/**
 * Runs everything: { build, threads, reasons, passed, failed: [name and message] }.
 * @param leftOut how the names of tests begin that a runtime cannot do
 */
export const suite = (leftOut = []) =>
  run(Object.fromEntries(Object.entries(tests).filter(([name]) => !leftOut.some(words => name.startsWith(words)))));
