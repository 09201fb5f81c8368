import { execFileSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callbacks, layers, loadModel, optimizers, sequential, setSeed } from "../js/index.js";
import { parcel } from "../js/worker/messages.js";
import { type InWorkerOptions, inWorker, type WorkerModel } from "../js/worker.js";
import { bits } from "./nets.js";

const count = 64;
const x = () => ({
  data: Float32Array.from({ length: count * 16 }, (_, i) => Math.sin(i * (1 + (Math.floor(i / 16) % 2)))),
  shape: [count, 16],
});
const y = () => Float32Array.from({ length: count }, (_, n) => n % 2);

function classifier() {
  setSeed(1);
  const model = sequential([layers.dense(32, { activation: "relu", inputShape: [16] }), layers.dense(2, { activation: "softmax" })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
}

/** The page's side from js/, the worker's as it was built. */
const start = (model = classifier(), options: InWorkerOptions = {}) =>
  inWorker(model, { worker: new Worker(new URL("../dist/worker/modelWorker.js", import.meta.url)), ...options });

describe("a model in a worker", () => {
  let remote: WorkerModel;
  beforeAll(async () => {
    remote = await start();
  });
  afterAll(() => remote.terminate());

  test("learns as it would here, and the model here follows it", async () => {
    const here = classifier();
    const expected = await here.fit(x(), y(), { epochs: 5, shuffle: false, validationSplit: 0.25, verbose: 0 });
    const epochs: number[] = [];
    const got = await remote.fit(x(), y(), {
      ...{ epochs: 5, shuffle: false, validationSplit: 0.25, verbose: 0 },
      callbacks: [{ onEpochEnd: (_, { loss }) => void epochs.push(loss) }],
    });
    expect(got.history).toEqual(expected.history);
    expect(got.epoch).toEqual([0, 1, 2, 3, 4]);
    expect(epochs).toEqual(expected.history.loss);
    expect(bits(remote.model.getWeights())).toEqual(bits(here.getWeights()));
    expect(remote.model.history).toBe(got);
    expect(await remote.evaluate(x(), y(), { verbose: 0 })).toEqual(await here.evaluate(x(), y(), { verbose: 0 }));
    expect(bits([await remote.predict(x())])).toEqual(bits([await here.predict(x())]));
    // a model that is loaded goes on with the optimizer's state
    const again = await loadModel(await remote.toSafetensors());
    await Promise.all([again.ready(), here.ready()]);
    expect(again.trainOnBatch(x(), y())).toEqual(here.trainOnBatch(x(), y()));
  });

  test("takes the learning rate, weights and end that callbacks ask for", async () => {
    const stopping = callbacks.earlyStopping({ monitor: "loss", mode: "max", patience: 1, restoreBestWeights: true });
    const rates = callbacks.learningRateScheduler(epoch => 0.01 / (epoch + 1));
    const { epoch, history } = await remote.fit(x(), y(), { epochs: 50, verbose: 0, callbacks: [rates, stopping] });
    expect(epoch.length).toBeLessThan(50);
    expect(stopping.stoppedEpoch).toBeGreaterThan(0);
    expect(history.learning_rate.slice(0, 2)).toEqual([0.01, 0.005]);
    expect(bits([await remote.predict(x())])).toEqual(bits([await remote.model.predict(x())]));
  });

  test("stops at an AbortSignal, with its reason, and goes on afterwards", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onTrainBatchEnd = (batch: number) => void (batch === 1 && controller.abort(reason));
    const options = { epochs: 1e6, batchSize: 16, verbose: 0 as const, signal: controller.signal, callbacks: [{ onTrainBatchEnd }] };
    await expect(remote.fit(x(), y(), options)).rejects.toBe(reason);
    await expect(remote.predict(x(), { signal: controller.signal })).rejects.toBe(reason);
    expect(bits([await remote.predict(x())])).toEqual(bits([await remote.model.predict(x())]));
  });

  test("predicts while it trains", async () => {
    const controller = new AbortController();
    const training = remote.fit(x(), y(), { epochs: 1e6, verbose: 0, signal: controller.signal });
    const outputs = await Promise.all(Array.from({ length: 4 }, () => remote.predict(x())));
    for (const { shape } of outputs) expect(shape).toEqual([count, 2]);
    await expect(remote.update()).rejects.toThrow("at work in its worker");
    controller.abort();
    await expect(training).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });

  test("copies data, or takes its memory over", async () => {
    const data = x();
    await remote.predict(data);
    expect(data.data).toHaveLength(count * 16);
    await remote.predict(data, { transfer: true });
    expect(data.data).toHaveLength(0);
  });

  test("says what is wrong", async () => {
    await expect(remote.predict([[1, 2, 3]])).rejects.toThrow("16");
    await expect(remote.predict(x(), { batchsize: 3 } as never)).rejects.toThrow('Did you mean "batchSize"?');
    await expect(remote.predict((() => []) as never)).rejects.toThrow("the data holds no batch");
    const own = new TypeError("mine");
    const onEpochEnd = () => {
      throw own;
    };
    await expect(remote.fit(x(), y(), { verbose: 0, callbacks: [{ onEpochEnd }] })).rejects.toBe(own);
    await expect(remote.fit(x(), y(), { verbose: 0, callbacks: [{ onEpoch: () => {} } as never] })).rejects.toThrow('"onEpoch"');
  });

  test("takes another compilation, and weights that were changed here", async () => {
    await remote.compile({ optimizer: "sgd", loss: "sparse_categorical_crossentropy" });
    remote.model.setWeights(remote.model.getWeights().map(({ data, shape }) => ({ data: data.fill(0), shape })));
    await remote.update();
    expect((await remote.predict(x())).data).toEqual(new Float32Array(count * 2).fill(0.5));
    expect(Object.keys(await remote.evaluate(x(), y(), { verbose: 0 }))).toEqual(["loss"]);
  });
});

describe("batches that come one by one, to a worker", () => {
  /** The data in batches of 16. */
  const pairs = () => {
    const [{ data }, labels] = [x(), y()];
    return [0, 16, 32, 48].map(
      at => [data.subarray(at * 16, (at + 16) * 16), labels.subarray(at, at + 16)] as [Float32Array, Float32Array],
    );
  };
  /** Without an end; knows how many it gave, and whether it was closed. */
  function endless() {
    const seen = { given: 0, closed: 0 };
    async function* generate() {
      try {
        for (;;) {
          for (const pair of pairs()) {
            seen.given++;
            yield pair;
          }
        }
      } finally {
        seen.closed++;
      }
    }
    return { seen, generate };
  }
  const quiet = { verbose: 0, shuffle: false } as const;
  let remote: WorkerModel;
  beforeAll(async () => {
    remote = await start();
  });
  afterAll(() => remote.terminate());

  test.each([
    ["an iterable", { [Symbol.iterator]: () => pairs()[Symbol.iterator]() }],
    ["a generator function", () => pairs()[Symbol.iterator]() as Iterable<[Float32Array, Float32Array]>],
    [
      "an async iterable",
      {
        async *[Symbol.asyncIterator]() {
          yield* pairs();
        },
      },
    ],
  ])("from %s: fit, evaluate and predict are those on arrays", async (_, batches) => {
    const own = await start();
    const here = classifier();
    const expected = await here.fit(x(), y(), { ...quiet, epochs: 3, batchSize: 16, validationData: [x(), y()], validationBatchSize: 16 });
    const seen: number[] = [];
    const onTrainBatchEnd = (batch: number) => void seen.push(batch);
    const got = await own.fit(batches, { ...quiet, epochs: 3, validationData: batches, callbacks: [{ onTrainBatchEnd }] });
    expect(got.history).toEqual(expected.history);
    expect(seen).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect(bits(own.model.getWeights())).toEqual(bits(here.getWeights()));
    expect(await own.evaluate(batches, { verbose: 0 })).toEqual(await here.evaluate(x(), y(), { batchSize: 16, verbose: 0 }));
    expect(bits([await own.predict(batches)])).toEqual(bits([await here.predict(x())]));
    own.terminate();
  });

  test("come when they are wanted, and no sooner; the iterator is closed", async () => {
    const { seen, generate } = endless();
    const ahead: number[] = [];
    let done = 0;
    const onTrainBatchEnd = () => void ahead.push(seen.given - ++done);
    const { epoch } = await remote.fit(generate, { ...quiet, epochs: 3, stepsPerEpoch: 3, callbacks: [{ onTrainBatchEnd }] });
    expect(epoch).toEqual([0, 1, 2]);
    expect(ahead).toEqual(Array(9).fill(0));
    expect(seen).toEqual({ given: 9, closed: 1 });
  });

  test("end at an AbortSignal, and at terminate()", async () => {
    const { seen, generate } = endless();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onTrainBatchEnd = (batch: number) => void (batch === 2 && controller.abort(reason));
    await expect(remote.fit(generate, { ...quiet, signal: controller.signal, callbacks: [{ onTrainBatchEnd }] })).rejects.toBe(reason);
    expect(seen.closed).toBe(1);
    const own = await start();
    await expect(own.fit(generate, { ...quiet, callbacks: [{ onTrainBatchEnd: () => own.terminate() }] })).rejects.toThrow("terminate()");
    await expect.poll(() => seen.closed).toBe(2);
  });

  test("what their source throws comes out, and what cannot be sent is said", async () => {
    const own = new TypeError("mine");
    const failing = function* () {
      yield* pairs();
      throw own;
    };
    await expect(remote.fit(failing, quiet)).rejects.toBe(own);
    await expect(remote.fit([[() => {}, 1]][Symbol.iterator]() as never, quiet)).rejects.toThrow("could not be cloned");
    await expect(remote.fit(pairs()[Symbol.iterator](), { ...quiet, batchSize: 4 })).rejects.toThrow("batchSize does not go with data");
  });

  test("carry what they hold, not all of the memory around it", async () => {
    const [[first]] = pairs();
    const { data, buffers } = parcel({ x: [first, [[1, 2]]], keep: new Float32Array(4) }, false);
    const [copy] = data.x as [Float32Array];
    expect(copy.buffer.byteLength).toBe(first.byteLength);
    expect(copy).toEqual(first);
    expect(buffers).toEqual([copy.buffer]);
  });

  test("are handed over, if asked", async () => {
    const given: Float32Array[] = [];
    const generate = function* () {
      for (const [x, y] of pairs()) {
        given.push(x.slice());
        yield [given.at(-1)!, y] as [Float32Array, Float32Array];
      }
    };
    await remote.fit(generate, { ...quiet, transfer: true });
    expect(given.map(({ length }) => length)).toEqual([0, 0, 0, 0]);
  });
});

test("a model whose input's shape is not known yet is built there and here", async () => {
  const model = sequential([layers.dense(2, { activation: "softmax" })]);
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
  const remote = await start(model, { threads: 1 });
  await remote.fit(x(), y(), { verbose: 0 });
  expect(model.inputShape).toEqual([null, 16]);
  remote.terminate();
  await expect(remote.predict(x())).rejects.toThrow("ended by terminate()");
});

test("a worker that cannot start is an error", async () => {
  const worker = new Worker("throw new Error('no')", { eval: true });
  await expect(start(classifier(), { worker })).rejects.toThrow("The worker failed: no.");
});

test("the built package finds its worker itself, and the process may end", () => {
  const program = `
    import { layers, sequential } from "wasmind";
    import { inWorker } from "wasmind/worker";
    const remote = await inWorker(sequential([layers.dense(1, { inputShape: [2], kernelInitializer: "ones" })]));
    console.log((await remote.predict([[1, 2]])).data[0]);`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 30_000 })).toBe("3\n");
});
