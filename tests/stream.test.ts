import { afterEach, describe, expect, test, vi } from "vitest";
import { callbacks, layers, type Sequential, sequential, setSeed, type Tensor, tensor } from "../js/index.js";

const SAMPLES = 10;
const x = tensor(Array.from({ length: SAMPLES * 3 }, (_, i) => Math.sin(i)) as number[], [SAMPLES, 3]);
const y = tensor(Array.from({ length: SAMPLES }, (_, i) => Math.cos(i)) as number[], [SAMPLES, 1]);

function slice({ data, shape: [, ...rest] }: Tensor, begin: number, end: number): Tensor {
  const size = rest.reduce((a, b) => a * b, 1);
  return { data: data.slice(begin * size, end * size), shape: [Math.min(end, data.length / size) - begin, ...rest] };
}

/** The data in batches of 4, 4 and 2. */
const pairs = () => [0, 4, 8].map(at => [slice(x, at, at + 4), slice(y, at, at + 4)] as [Tensor, Tensor]);

/** Anything that can be run over again and again. */
const iterable: Iterable<[Tensor, Tensor]> = { [Symbol.iterator]: () => pairs()[Symbol.iterator]() };
async function* generate() {
  for (const pair of pairs()) {
    await Promise.resolve();
    yield pair;
  }
}
/** A stream without an end. */
async function* endless() {
  for (;;) yield* pairs();
}

function net(isDeferred = false): Sequential {
  setSeed(5);
  const model = sequential([layers.dense(4, { activation: "tanh", ...(!isDeferred && { inputShape: [3] }) }), layers.dense(1)]);
  model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] });
  return model;
}

const bits = (model: Sequential) => model.getWeights().map(({ data }) => Array.from(data));
const quiet = { verbose: 0, shuffle: false } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe("fit on batches that come one by one", () => {
  test.each([
    ["an iterable", iterable],
    ["a generator function", () => pairs()[Symbol.iterator]() as unknown as Iterable<[Tensor, Tensor]>],
    ["an async generator function", generate],
    ["an async iterable", { [Symbol.asyncIterator]: generate }],
  ])("from %s is fit on arrays", async (_, batches) => {
    const warn = vi.spyOn(console, "warn");
    const whole = net();
    const expected = await whole.fit(x, y, { ...quiet, epochs: 3, batchSize: 4, validationData: [x, y] });
    const model = net();
    const history = await model.fit(batches as never, { ...quiet, epochs: 3, validationData: batches as never });
    expect(history.history).toEqual(expected.history);
    expect(bits(model)).toEqual(bits(whole));
    expect(warn).not.toHaveBeenCalled();
  });

  test("tells a model its input's shape", async () => {
    const model = net(true);
    await model.fit(generate, quiet);
    expect(model.inputShape).toEqual([null, 3]);
  });

  test("stepsPerEpoch ends an epoch, and the next goes on from there", async () => {
    const seen: number[] = [];
    const watch = callbacks.lambda({ onTrainBatchEnd: batch => seen.push(batch) });
    const model = net();
    const { history, epoch } = await model.fit(endless(), { ...quiet, epochs: 3, stepsPerEpoch: 2, callbacks: [watch] });
    expect(seen).toEqual([0, 1, 0, 1, 0, 1]);
    expect(epoch).toEqual([0, 1, 2]);
    const whole = net();
    await whole.fit(x, y, { ...quiet, epochs: 2, batchSize: 4 });
    expect(bits(model)).toEqual(bits(whole));
    expect(history.loss).toHaveLength(3);
  });

  test("an iterable begins anew where it ends", async () => {
    const warn = vi.spyOn(console, "warn");
    const model = net();
    const { epoch } = await model.fit(iterable, { ...quiet, epochs: 2, stepsPerEpoch: 3 });
    expect(epoch).toEqual([0, 1]);
    expect(warn).not.toHaveBeenCalled();
  });

  test("warns when the data runs out, and trains no further", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = net();
    const { epoch } = await model.fit(generate(), { ...quiet, epochs: 5, stepsPerEpoch: 2 });
    expect(epoch).toEqual([0, 1]);
    expect(warn.mock.calls.map(([message]) => String(message).slice(0, 77))).toEqual([
      "fit: your input ran out of data after 1 of 2 batches; interrupting training. ",
      "fit: your input ran out of data after 0 of 2 batches; interrupting training. ",
    ]);
  });

  test("validates on so many steps, each time from the first one on", async () => {
    const model = net();
    const measured: number[] = [];
    const watch = callbacks.lambda({ onTestBatchEnd: batch => measured.push(batch) });
    const { history } = await model.fit(generate, {
      ...quiet,
      epochs: 2,
      validationData: iterable,
      validationSteps: 2,
      callbacks: [watch],
    });
    expect(measured).toEqual([0, 1, 0, 1]);
    const { loss } = await model.evaluate(slice(x, 0, 8), slice(y, 0, 8), { verbose: 0 });
    expect(history.val_loss[1]).toBeCloseTo(loss, 6);
  });

  test("says which batch does not fit, and closes what it was given", async () => {
    let isClosed = false;
    async function* broken() {
      try {
        yield pairs()[0];
        yield [slice(x, 0, 4), slice(y, 0, 3)];
        yield pairs()[1];
      } finally {
        isClosed = true;
      }
    }
    await expect(net().fit(broken() as never, quiet)).rejects.toThrow("fit: batch 1: x has 4 samples, but y has 3.");
    expect(isClosed).toBe(true);
    const wide = [tensor([[1, 2]]), tensor([[1]])];
    await expect(net().fit(new Set([wide]) as never, quiet)).rejects.toThrow("fit: batch 0: x: expected shape (None, 3), got (1, 2).");
    await expect(net().fit(new Set([5]) as never, quiet)).rejects.toThrow("fit: batch 0: expected [x, y] or [x, y, sampleWeight], got 5.");
    await expect(net().fit(new Set<never>(), quiet)).rejects.toThrow("fit: the data holds no batch.");
  });

  test.each([
    ["batchSize", { batchSize: 8 }],
    ["validationSplit", { validationSplit: 0.5 }],
    ["sampleWeight", { sampleWeight: [1] }],
  ])("refuses %s", async (name, options) => {
    const message = `fit: ${name} does not go with data that comes in batches. Each batch has its own; validationData takes samples or batches.`;
    await expect(net().fit(generate, options)).rejects.toThrow(new Error(message));
  });

  test("weighs samples and classes", async () => {
    const model = net();
    const weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const weighted = () => pairs().map(([a, b], i) => [a, b, weights.slice(4 * i, 4 * i + 4)] as [Tensor, Tensor, number[]]);
    const { history } = await model.fit(() => weighted()[Symbol.iterator]() as never, { ...quiet, epochs: 2 });
    const whole = net();
    const expected = await whole.fit(x, y, { ...quiet, epochs: 2, batchSize: 4, sampleWeight: weights });
    expect(history.history).toEqual(expected.history.history);
  });
});

describe("fit on arrays with stepsPerEpoch", () => {
  test("makes so many batches of all samples", async () => {
    const model = net();
    const sizes: number[] = [];
    await model.fit(x, y, { ...quiet, stepsPerEpoch: 5, callbacks: [callbacks.lambda({ onTrainBatchEnd: batch => sizes.push(batch) })] });
    expect(sizes).toEqual([0, 1, 2, 3, 4]);
    const whole = net();
    await whole.fit(x, y, { ...quiet, batchSize: 2 });
    expect(bits(model)).toEqual(bits(whole));
  });

  test("goes through all samples over several epochs", async () => {
    const model = net();
    await model.fit(x, y, { ...quiet, epochs: 3, batchSize: 4, stepsPerEpoch: 1 });
    const whole = net();
    await whole.fit(x, y, { ...quiet, batchSize: 4 });
    expect(bits(model)).toEqual(bits(whole));
  });

  test("warns where there are fewer", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { epoch } = await net().fit(x, y, { ...quiet, epochs: 2, batchSize: 5, stepsPerEpoch: 3 });
    expect(epoch).toEqual([0, 1]);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe("evaluate and predict on batches that come one by one", () => {
  test("give what they give for arrays", async () => {
    const model = net();
    const expected = await model.evaluate(x, y, { batchSize: 4, verbose: 0 });
    expect(await model.evaluate(generate(), { verbose: 0 })).toEqual(expected);
    expect(await model.evaluate(endless(), { steps: 3, verbose: 0 })).toEqual(expected);
    const outputs = await model.predict(x, { batchSize: 4 });
    expect(await model.predict(generate())).toEqual(outputs);
    expect(await model.predict(new Set(pairs().map(([first]) => first)))).toEqual(outputs);
    expect(await model.predict(endless(), { steps: 2 })).toEqual(slice(outputs, 0, 8));
    expect(await model.predict(x, { batchSize: 4, steps: 2 })).toEqual(slice(outputs, 0, 8));
  });
});
