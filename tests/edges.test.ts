// The edges where libraries differ, each by its name. What is expected was worked out by hand or by plain loops in float64; that real Keras
// says the same is in the fixtures: "all negative", "ties", "batch of 1", "one step", "samples without steps", "at saturation" and the like.
import { describe, expect, test } from "vitest";
import { type Layer, layers, type Sequential, sequential, setSeed, type Tensor, tensor } from "../js/index.js";

/** A compiled model of some layers that is ready. */
async function ready(of: Layer[], loss: string | null = null): Promise<Sequential> {
  const model = sequential(of);
  model.compile({ optimizer: "sgd", loss });
  return model.ready();
}

const near = (got: Tensor | number[], expected: readonly number[], digits = 6) => {
  const values = Array.isArray(got) ? got : Array.from(got.data);
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value, `at ${i}`).toBeCloseTo(expected[i], digits);
};

/** y = f(x), and the gradient of Σ y with respect to x. */
async function pass(layer: Layer, x: Tensor) {
  const model = await ready([layer]);
  const y = model.forward(x);
  const { inputGradient } = model.backward({ data: new Float32Array(y.data.length).fill(1), shape: y.shape });
  return { y, dx: inputGradient! };
}

const image = (size: number, values: number[]) => tensor(Float32Array.from(values), [1, size, size, 1]);
const line = (values: number[]) => tensor(Float32Array.from(values), [1, values.length, 1]);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("all-negative pooling windows", () => {
  const x = [-9, -8, -7, -6, -5, -4, -3, -2, -1];

  test("keep their largest, and padding is never it", async () => {
    const { y, dx } = await pass(layers.maxPooling2d(2, { padding: "same", inputShape: [3, 3, 1] }), image(3, x));
    near(y, [-5, -4, -2, -1]);
    near(dx, [0, 0, 0, 0, 1, 1, 0, 1, 1]);
  });

  test("of a whole image", async () => {
    const { y, dx } = await pass(layers.globalMaxPooling2d({ inputShape: [3, 3, 1] }), image(3, x));
    near(y, [-1]);
    near(dx, [0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test("of a sequence", async () => {
    const { y, dx } = await pass(layers.maxPooling1d(2, { padding: "same", inputShape: [3, 1] }), line([-3, -2, -1]));
    near(y, [-2, -1]);
    near(dx, [0, 1, 1]);
  });
});

describe("ties", () => {
  test("in a pooling window: the first takes the gradient", async () => {
    const { y, dx } = await pass(layers.maxPooling2d(2, { inputShape: [2, 2, 1] }), image(2, [3, 3, 3, 3]));
    near(y, [3]);
    near(dx, [1, 0, 0, 0]);
  });

  test("in overlapping windows: each window's first", async () => {
    const { dx } = await pass(layers.maxPooling1d(2, { strides: 1, inputShape: [4, 1] }), line([5, 5, 5, 5]));
    near(dx, [1, 1, 1, 0]);
  });

  test("in accuracy: the first of equal scores is the prediction", async () => {
    const model = sequential([layers.dense(3, { kernelInitializer: "zeros", inputShape: [1] })]);
    model.compile({ loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
    await model.ready();
    expect(model.testOnBatch([[1]], [0]).accuracy).toBe(1);
    expect(model.testOnBatch([[1]], [1]).accuracy).toBe(0);
  });
});

describe("odd sizes with `same`", () => {
  test.each([
    ["stride 2, odd", 5, { strides: 2 }, 3, [8, 20, 14]],
    ["stride 2, even", 6, { strides: 2 }, 3, [14, 26, 17]],
    ["an even kernel pads more behind", 5, {}, 4, [20, 30, 40, 26, 14]],
    ["dilation 2", 5, { dilationRate: 2 }, 3, [11, 16, 22, 10, 13]],
  ])("conv1d: %s", async (_, length, options, size, expected) => {
    const model = await ready([layers.conv1d(1, size, { ...options, padding: "same", inputShape: [length, 1] })]);
    model.setWeights([tensor(Float32Array.from(upTo(size)), [size, 1, 1]), tensor(new Float32Array(1), [1])]);
    near(model.predictSync(line(upTo(length))), expected);
  });

  test("conv2d counts the pixels under a kernel of ones", async () => {
    const model = await ready([layers.conv2d(1, 3, { strides: 2, padding: "same", kernelInitializer: "ones", inputShape: [5, 5, 1] })]);
    near(model.predictSync(image(5, new Array(25).fill(1))), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });

  test("averages count only what is there", async () => {
    const { y, dx } = await pass(layers.averagePooling1d(3, { strides: 1, padding: "same", inputShape: [5, 1] }), line(upTo(5)));
    near(y, [1.5, 2, 3, 4, 4.5]);
    near(dx, [1 / 2 + 1 / 3, 1 / 2 + 2 / 3, 1, 1 / 2 + 2 / 3, 1 / 2 + 1 / 3]);
  });
});

describe("batch of 1", () => {
  const nets: [string, number[], () => Layer[]][] = [
    ["dense", [7], () => [layers.dense(5, { activation: "tanh", inputShape: [7] }), layers.batchNormalization()]],
    ["convolutions", [7, 7, 3], () => [layers.conv2d(4, 3, { inputShape: [7, 7, 3] }), layers.maxPooling2d(2), layers.flatten()]],
    ["lstm", [6, 3], () => [layers.lstm(5, { inputShape: [6, 3] })]],
  ];
  test.each(nets)("is the first sample of a larger one: %s", async (_, shape, make) => {
    setSeed(3);
    const model = await ready([...make(), layers.dense(2)]);
    const size = shape.reduce((a, b) => a * b);
    const x = Float32Array.from({ length: 9 * size }, (_, i) => Math.sin(i));
    const all = model.predictSync(tensor(x, [9, ...shape]));
    near(model.predictSync(tensor(x.slice(0, size), [1, ...shape])), Array.from(all.data.slice(0, 2)));
  });

  test("trains: w ← w - 2 · rate · (w·x + b - y) · x", async () => {
    const model = await ready([layers.dense(1, { kernelInitializer: "ones", inputShape: [2] })], "mse");
    expect(model.trainOnBatch([[2, 3]], [1]).loss).toBeCloseTo(16, 6);
    near(model.getWeights()[0], [1 - 0.01 * 2 * 4 * 2, 1 - 0.01 * 2 * 4 * 3]);
    near(model.getWeights()[1], [-0.01 * 2 * 4]);
  });
});

test("a last batch smaller than the rest counts by its samples", async () => {
  const model = await ready([layers.dense(1, { kernelInitializer: "ones", trainable: false, inputShape: [1] })], "mse");
  const x = [[0], [0], [0], [0], [10]];
  const y = [1, 1, 1, 1, 0];
  const mean = (4 * 1 + 100) / 5;
  expect((await model.evaluate(x, y, { batchSize: 2, verbose: 0 })).loss).toBeCloseTo(mean, 5);
  const { history } = await model.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 });
  expect(history.loss[0]).toBeCloseTo(mean, 5);
});

describe("sequences of length 1", () => {
  const constant = (value: number) => ({ className: "Constant", config: { value } });
  const given = {
    kernelInitializer: constant(0.3),
    recurrentInitializer: constant(0.7),
    biasInitializer: constant(0.2),
    inputShape: [1, 2],
  };
  const x = tensor(Float32Array.of(1, -0.5), [1, 1, 2]);
  const z = 0.3 * (1 - 0.5) + 0.2;
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  test.each<[string, Layer, number]>([
    ["simpleRnn", layers.simpleRnn(1, given), Math.tanh(z)],
    ["lstm", layers.lstm(1, given), sigmoid(z) * Math.tanh(sigmoid(z) * Math.tanh(z))],
    ["gru", layers.gru(1, { ...given, resetAfter: false }), (1 - sigmoid(z)) * Math.tanh(z)],
  ])("%s", async (_, layer, expected) => {
    near((await ready([layer])).predictSync(x), [expected]);
  });

  test("both ways", async () => {
    const model = await ready([layers.bidirectional(layers.simpleRnn(1, given), { inputShape: [1, 2] })]);
    near(model.predictSync(x), [Math.tanh(z), Math.tanh(z)]);
  });
});

describe("fully masked rows", () => {
  const x = tensor(Float32Array.of(1, 2, 0, 0), [2, 2, 1]);

  test.each([
    ["simpleRnn", () => layers.simpleRnn(3)],
    ["lstm", () => layers.lstm(3)],
    ["gru", () => layers.gru(3)],
  ])("%s leaves them at the state that it began with", async (_, make) => {
    const y = (await ready([layers.masking({ inputShape: [2, 1] }), make()])).predictSync(x);
    expect(Array.from(y.data.slice(3))).toEqual([0, 0, 0]);
    expect(y.data.slice(0, 3).every(value => value !== 0)).toBe(true);
  });

  test("do not count in the loss, and give no gradient", async () => {
    const model = await ready(
      [layers.masking({ inputShape: [2, 1] }), layers.timeDistributed(layers.dense(1, { kernelInitializer: "ones" }))],
      "mse",
    );
    const { loss, gradients } = model.gradients(x, tensor(Float32Array.of(0, 0, 50, 50), [2, 2, 1]));
    expect(loss).toBeCloseTo((1 + 4) / 2, 5);
    const [kernel, bias] = Object.values(gradients);
    near(kernel, [1 * 1 + 2 * 2]);
    near(bias, [1 + 2]);
  });

  test("a batch of nothing else has loss 0", async () => {
    const model = await ready([layers.masking({ inputShape: [2, 1] }), layers.timeDistributed(layers.dense(1))], "mse");
    const { loss, gradients } = model.gradients(tensor(new Float32Array(4), [2, 2, 1]), tensor(new Float32Array(4).fill(9), [2, 2, 1]));
    expect(loss).toBe(0);
    for (const { data } of Object.values(gradients)) expect(Array.from(data).every(value => value === 0)).toBe(true);
  });
});

describe("labels at the clip", () => {
  /** The loss of outputs that are what went in, and its gradient with respect to them. */
  async function lossOf(loss: string, activation: string, x: number[], y: number[]) {
    const model = await ready([layers.dense(x.length, { kernelInitializer: "identity", activation, inputShape: [x.length] })], loss);
    const result = model.gradients([x], y.length === 1 ? y : [y], { inputGradient: true });
    return { loss: result.loss, dx: Array.from(result.inputGradient!.data) };
  }

  test.each([
    ["1 where p is 0", 0, 1, -Math.log(1e-7)],
    ["0 where p is 1", 1, 0, -Math.log(1 - Math.fround(1 - 1e-7))],
    ["1 where p is 1", 1, 1, -Math.log(Math.fround(1 - 1e-7))],
    ["0 where p is 0", 0, 0, 1e-7],
  ])("binary, of probabilities: %s", async (_, p, y, expected) => {
    const { loss, dx } = await lossOf("binary_crossentropy", "linear", [p], [y]);
    expect(loss).toBeCloseTo(expected, 4);
    expect(dx.every(Number.isFinite)).toBe(true);
  });

  test.each([
    [100, 1, 0, 0],
    [100, 0, 100, 1],
    [-1e4, 1, 1e4, -1],
    [-1e4, 0, 0, 0],
  ])("binary, of the logit %d and the label %d: loss %d", async (z, y, loss, gradient) => {
    const result = await lossOf("binary_crossentropy", "sigmoid", [z], [y]);
    expect(result.loss).toBeCloseTo(loss, 4);
    near(result.dx, [gradient]);
  });

  test("categorical, of probabilities that are 0 and 1", async () => {
    expect((await lossOf("categorical_crossentropy", "linear", [1, 0, 0], [0, 1, 0])).loss).toBeCloseTo(-Math.log(1e-7), 4);
    expect((await lossOf("categorical_crossentropy", "linear", [1, 0, 0], [1, 0, 0])).loss).toBeCloseTo(0, 6);
  });

  test("categorical, of logits far apart", async () => {
    const { loss, dx } = await lossOf("categorical_crossentropy", "softmax", [1000, -1000, -1000], [0, 1, 0]);
    expect(loss).toBeCloseTo(2000, 3);
    near(dx, [1, -1, 0]);
    expect((await lossOf("sparse_categorical_crossentropy", "softmax", [1000, -1000, -1000], [1])).loss).toBeCloseTo(2000, 3);
  });
});
