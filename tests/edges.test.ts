import { describe, expect, test } from "vitest";
import { Engine } from "../js/engine/engine.js";
import { Plan } from "../js/engine/plan.js";
import { type Layer, layers, losses, type Sequential, sequential, setSeed, tensor } from "../js/index.js";
import type { LossLike } from "../js/losses/index.js";

// What breaks first, by name. Expected values are worked out by hand or in float64; tests/fixtures/ has most of these from Keras, too.

const wave = (n: number, seed = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i * i));
const near = (got: ArrayLike<number>, expected: ArrayLike<number>, digits = 5) => {
  expect(got.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(got[i], `at ${i}`).toBeCloseTo(value, digits);
  });
};

async function compiled(chain: Layer[], loss: LossLike = "mse"): Promise<Sequential> {
  const model = sequential(chain);
  model.compile({ optimizer: { className: "SGD", config: { learningRate: 1 } }, loss });
  return model.ready();
}

/** A layer's output for x, and the gradient that it hands on from dy. */
async function through(layer: Layer, shape: number[], x: ArrayLike<number>, dy: ArrayLike<number>) {
  layer.ensureBuilt(shape.slice(1));
  const engine = new Engine();
  const plan = new Plan(true);
  const input = plan.input(shape);
  input.needsGradient = true;
  const { y, backward } = layer.record(plan, input);
  const gradient = plan.input(y.shape);
  const [out, dx] = [plan.keep(y), plan.keep(backward(gradient)!)];
  await engine.ready();
  engine.enter(plan);
  engine.arena.read(input).set(Array.from(x));
  engine.arena.read(gradient).set(Array.from(dy));
  engine.run(plan);
  return { y: [...engine.arena.read(out)], dx: [...engine.arena.read(dx)] };
}

describe("all-negative pooling windows", () => {
  const x = [-9, -8, -7, -6, -5];

  test("have a negative maximum: padding is no zero", async () => {
    const { y, dx } = await through(layers.maxPooling1d(3, { padding: "same", strides: 2 }), [1, 5, 1], x, [1, 10, 100]);
    expect(y).toEqual([-8, -6, -5]);
    expect(dx).toEqual([0, 1, 0, 10, 100]);
    const square = await through(
      layers.maxPooling2d(2, { padding: "same" }),
      [1, 3, 3, 1],
      [-9, -8, -7, -6, -5, -4, -3, -2, -1],
      [1, 1, 1, 1],
    );
    expect(square.y).toEqual([-5, -4, -2, -1]);
  });

  test("have a mean of the elements that are there", async () => {
    const { y, dx } = await through(layers.averagePooling1d(3, { padding: "same", strides: 2 }), [1, 5, 1], x, [2, 3, 2]);
    near(y, [-8.5, -7, -5.5]);
    near(dx, [1, 2, 1, 2, 1]);
  });

  test("have a negative maximum over all", async () => {
    const { y, dx } = await through(layers.globalMaxPooling1d(), [1, 5, 1], x, [3]);
    expect(y).toEqual([-5]);
    expect(dx).toEqual([0, 0, 0, 0, 3]);
  });
});

describe("ties", () => {
  test("of a pooling window: the first one gets the gradient, as in TensorFlow", async () => {
    const { dx } = await through(layers.maxPooling1d(2), [1, 6, 1], [3, 3, 1, 2, 0, 0], [1, 10, 100]);
    expect(dx).toEqual([1, 0, 0, 10, 100, 0]);
  });

  test("of a maximum over all: each gets the same share, as in TensorFlow", async () => {
    const { dx } = await through(layers.globalMaxPooling1d(), [1, 4, 1], [3, 1, 3, 2], [1]);
    near(dx, [0.5, 0, 0.5, 0]);
  });

  test("of classes: the first one counts as the prediction", async () => {
    const model = sequential([layers.activation("linear", { inputShape: [3] })]);
    model.compile({ optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
    const x = [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2]]; // biome-ignore format: rows
    expect((await model.evaluate(x, [0, 1], { verbose: 0 })).accuracy).toBe(0.5);
  });
});

describe("odd sizes with same", () => {
  const to5 = [1, 2, 3, 4, 5];

  test.each([
    // what is missing goes in front by half, rounded down: 5, 2, 1 → (0, 1); 5, 3, 2 → (1, 1); 6, 3, 2 → (0, 1); 8, 4, 3 → (1, 1)
    [to5, 2, 1, 1, [3, 5, 7, 9, 5]],
    [to5, 3, 2, 1, [3, 9, 9]],
    [[...to5, 6], 3, 2, 1, [6, 12, 11]],
    [[...to5, 6, 7, 8], 4, 3, 1, [6, 18, 21]],
    [to5, 3, 1, 2, [4, 6, 9, 6, 8]],
    [to5, 7, 1, 1, [10, 15, 15, 15, 14]],
  ])("conv1d of %j, kernel %i, strides %i, dilation %i", async (x, kernelSize, strides, dilationRate, expected) => {
    const options = { padding: "same", strides, dilationRate, kernelInitializer: "ones", inputShape: [x.length, 1] } as const;
    const model = await compiled([layers.conv1d(1, kernelSize, options)]);
    near(model.predictSync(tensor(x, [1, x.length, 1])).data, expected);
  });

  test("conv2d: rows and columns each by their own size", async () => {
    const model = await compiled([layers.conv2d(1, 2, { padding: "same", strides: 2, kernelInitializer: "ones", inputShape: [3, 4, 1] })]);
    const x = Array.from({ length: 12 }, (_, i) => i + 1);
    near(model.predictSync(tensor(x, [1, 3, 4, 1])).data, [1 + 2 + 5 + 6, 3 + 4 + 7 + 8, 9 + 10, 11 + 12]);
  });

  test.each([
    [3, 1, [1.5, 2, 3, 4, 4.5]],
    [2, 2, [1.5, 3.5, 5]],
    [3, 2, [1.5, 3, 4.5]],
  ])("averagePooling1d of %i by %i", async (poolSize, strides, expected) => {
    const model = await compiled([layers.averagePooling1d(poolSize, { padding: "same", strides, inputShape: [5, 1] })]);
    near(model.predictSync(tensor(to5, [1, 5, 1])).data, expected);
  });

  test.each([
    [3, [1, 2, 4, 2, 4, 2]],
    [4, [2, 4, 6, 4, 6, 3]],
    [5, [2, 4, 6, 9, 6, 8]],
  ])("conv1dTranspose, kernel 1 to %i, strides 2", async (kernelSize, expected) => {
    const model = await compiled([layers.conv1dTranspose(1, kernelSize, { padding: "same", strides: 2, inputShape: [3, 1] })]);
    const kernel = tensor(Array.from({ length: kernelSize }, (_, i) => i + 1), [kernelSize, 1, 1]); // biome-ignore format: one thing
    model.setWeights([kernel, tensor([0], [1])]);
    near(model.predictSync(tensor([1, 1, 1], [1, 3, 1])).data, expected);
  });
});

const nets: [string, number[], () => Layer[]][] = [
  ["dense", [5], () => [layers.dense(4, { activation: "tanh" }), layers.dense(2)]],
  ["conv2d", [6, 5, 2], () => [layers.conv2d(3, 3, { padding: "same" }), layers.maxPooling2d(2), layers.flatten(), layers.dense(2)]],
  ["lstm", [4, 3], () => [layers.bidirectional(layers.lstm(3)), layers.dense(2)]],
  ["gru", [4, 3], () => [layers.gru(5, { returnSequences: true }), layers.globalAveragePooling1d(), layers.dense(2)]],
];
const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

describe("batch of 1", () => {
  test.each(nets)(
    "%s: predictions are those of a larger batch, and gradients have the mean of a larger batch's",
    async (_, shape, make) => {
      setSeed(5);
      const model = await compiled([layers.input({ shape }), ...make()]);
      const [n, size] = [4, sizeOf(shape)];
      const [x, y] = [wave(n * size), wave(n * 2, 3)];
      const one = (i: number) => [x.slice(i * size, (i + 1) * size), y.slice(2 * i, 2 * i + 2)] as const;
      const together = [...model.predictSync(x).data];
      near(Array.from({ length: n }, (_, i) => [...model.predictSync(one(i)[0]).data]).flat(), together, 6);
      const before = model.getWeights();
      const moves = (x: Float32Array, y: Float32Array) => {
        model.setWeights(before);
        model.trainOnBatch(x, y);
        return model.getWeights().flatMap(({ data }, i) => Array.from(data, (w, j) => w - before[i].data[j]));
      };
      const all = moves(x, y);
      const each = Array.from({ length: n }, (_, i) => moves(...one(i)));
      near(all.map((_, j) => each.reduce((sum, move) => sum + move[j], 0) / n), all, 6); // biome-ignore format: one thing
    },
  );
});

describe("last batch smaller than the rest", () => {
  test.each(nets)("%s: loss, metrics and predictions are those of all samples in one batch", async (_, shape, make) => {
    const model = sequential([layers.input({ shape }), ...make()]);
    model.compile({ optimizer: { className: "SGD", config: { learningRate: 0 } }, loss: "mse", metrics: ["mae"] });
    const [n, size] = [7, sizeOf(shape)];
    const [x, y] = [wave(n * size), wave(n * 2, 3)];
    const expected = await model.evaluate(x, y, { batchSize: n, verbose: 0 });
    for (const batchSize of [3, 4, 6]) {
      const got = await model.evaluate(x, y, { batchSize, verbose: 0 });
      for (const key of ["loss", "mae"]) expect(got[key]).toBeCloseTo(expected[key], 6);
      near((await model.predict(x, { batchSize })).data, (await model.predict(x, { batchSize: n })).data, 6);
      const { history } = await model.fit(x, y, { epochs: 1, batchSize, verbose: 0 });
      expect(history.loss[0]).toBeCloseTo(expected.loss, 6);
    }
  });

  test("a batch of 1 at the end, of a net that was trained on larger ones", async () => {
    const model = await compiled([layers.input({ shape: [3] }), layers.dense(2)]);
    const { history } = await model.fit(wave(15), wave(10), { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 });
    expect(history.loss.every(Number.isFinite)).toBe(true);
  });
});

describe("sequences of length 1", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const x = [0.5, -1.5];
  const dot = (w: ArrayLike<number>, columns: number, column: number) => x[0] * w[column] + x[1] * w[columns + column];

  test.each<[string, () => Layer, (z: number[]) => number]>([
    ["simpleRnn", () => layers.simpleRnn(1), ([h]) => Math.tanh(h)],
    ["lstm", () => layers.lstm(1), ([i, , c, o]) => sigmoid(o) * Math.tanh(sigmoid(i) * Math.tanh(c))],
    ["gru", () => layers.gru(1), ([z, , h]) => (1 - sigmoid(z)) * Math.tanh(h)],
    ["gru, reset before", () => layers.gru(1, { resetAfter: false }), ([z, , h]) => (1 - sigmoid(z)) * Math.tanh(h)],
    ["bidirectional", () => layers.bidirectional(layers.simpleRnn(1), { mergeMode: "sum" }), ([a, b]) => Math.tanh(a) + Math.tanh(b)],
  ])("%s has no state to begin with", async (name, make, f) => {
    const model = await compiled([layers.input({ shape: [1, 2] }), make()]);
    const weights = model.getWeights();
    const kernels = name === "bidirectional" ? [0, 3] : [0];
    // recurrent kernels work on zeros; biases but the lstm's forget gate's are zeros
    const z = kernels.flatMap(k =>
      Array.from({ length: weights[k].shape[1] }, (_, gate) => dot(weights[k].data, weights[k].shape[1], gate)),
    );
    near(model.predictSync(tensor(x, [1, 1, 2])).data, [f(z)], 6);
  });

  test("convolutions and poolings of one step", async () => {
    const model = await compiled([
      layers.conv1d(2, 3, { padding: "same", kernelInitializer: "ones", inputShape: [1, 2] }),
      layers.maxPooling1d(2, { padding: "same" }),
      layers.globalAveragePooling1d(),
    ]);
    near(model.predictSync(tensor(x, [1, 1, 2])).data, [-1, -1]);
  });
});

describe("fully masked rows", () => {
  const steps = 4;
  const x = wave(3 * steps * 2);
  x.fill(0, steps * 2, 2 * steps * 2); // the second sample is padding alone

  test.each<[string, (sequences: boolean) => Layer]>([
    ["simpleRnn", returnSequences => layers.simpleRnn(3, { returnSequences })],
    ["lstm", returnSequences => layers.lstm(3, { returnSequences })],
    ["gru", returnSequences => layers.gru(3, { returnSequences })],
    ["gru, reset before", returnSequences => layers.gru(3, { returnSequences, resetAfter: false })],
    ["bidirectional", returnSequences => layers.bidirectional(layers.lstm(3, { returnSequences }))],
  ])("%s puts out zeros, and learns nothing from them", async (_, make) => {
    for (const sequences of [false, true]) {
      setSeed(3);
      const model = await compiled([layers.masking({ inputShape: [steps, 2] }), make(sequences)]);
      const size = model.outputShape!.slice(1).reduce<number>((a, b) => a * b!, 1);
      const { data } = model.predictSync(x);
      expect([...data.subarray(size, 2 * size)]).toEqual(Array(size).fill(0));
      expect(data.subarray(0, size).some(v => v !== 0)).toBe(true);
      const before = model.getWeights();
      const trained = (label: number) => {
        model.setWeights(before);
        const y = wave(3 * size, 5).fill(label, size, 2 * size);
        model.trainOnBatch(x, y);
        return model.getWeights().map(({ data }) => [...data]);
      };
      expect(trained(5)).toEqual(trained(-7));
      expect(trained(5).flat().every(Number.isFinite)).toBe(true);
    }
  });

  test("a loss over steps counts those that are there, and is 0 where there is none", async () => {
    const model = await compiled([layers.masking({ inputShape: [steps, 2] }), layers.dense(1)]);
    const y = new Float32Array(3 * steps);
    const predicted = model.predictSync(x).data;
    const rows = [0, 2].flatMap(i => [...predicted.subarray(i * steps, (i + 1) * steps)]);
    expect(model.testOnBatch(x, y).loss).toBeCloseTo(rows.reduce((sum, p) => sum + p * p, 0) / rows.length, 6);
    expect(model.testOnBatch(new Float32Array(steps * 2), new Float32Array(steps)).loss).toBe(0);
    const before = model.getWeights();
    model.trainOnBatch(new Float32Array(steps * 2), new Float32Array(steps).fill(9));
    expect(model.getWeights()).toEqual(before);
  });
});

describe("labels at the clip", () => {
  // float32's clip at 1e-7 and 1 - 1e-7: Keras's -log of them
  const [LOW, HIGH] = [16.118096, 15.942385];
  const identity = (n: number) => [layers.activation("linear", { inputShape: [n] })];

  test.each<[string, LossLike, number[], number[], number]>([
    ["binary_crossentropy, p = 0 for a 1", "binary_crossentropy", [0], [1], LOW],
    ["binary_crossentropy, p = 1 for a 0", "binary_crossentropy", [1], [0], HIGH],
    ["binary_crossentropy, p = 0 for a 0", "binary_crossentropy", [0], [0], 1.192e-7],
    ["categorical_crossentropy, p = 0", "categorical_crossentropy", [0, 1, 0], [1, 0, 0], LOW],
    ["categorical_crossentropy, p = 1", "categorical_crossentropy", [0, 1, 0], [0, 1, 0], 1.192e-7],
    ["sparse_categorical_crossentropy, p = 0", "sparse_categorical_crossentropy", [0, 1, 0], [2], LOW],
    ["binary_focal_crossentropy, p = 0 for a 1", "binary_focal_crossentropy", [0], [1], LOW],
    ["kl_divergence, p = 0", "kl_divergence", [0, 1], [1, 0], LOW - 1e-7 * LOW],
  ])("%s", async (_, loss, p, y, expected) => {
    const model = await compiled(identity(p.length), loss);
    expect(model.testOnBatch([p], [y]).loss).toBeCloseTo(expected, 4);
    expect(model.trainOnBatch([p], [y]).loss).toBeCloseTo(expected, 4);
  });

  test.each<[string, LossLike, number[], number[], number]>([
    ["binary, from logits, far off", losses.binaryCrossentropy({ fromLogits: true }), [300], [0], 300],
    ["binary, from logits, sure and right", losses.binaryCrossentropy({ fromLogits: true }), [300], [1], 0],
    ["binary, behind a sigmoid: no clip", "binary_crossentropy", [-300], [1], 300],
    ["categorical, from logits", losses.categoricalCrossentropy({ fromLogits: true }), [1e4, 0, -1e4], [0, 0, 1], 2e4],
    ["categorical, behind a softmax: no clip", "categorical_crossentropy", [1e4, 0, -1e4], [0, 1, 0], 1e4],
    ["sparse, behind a softmax: no clip", "sparse_categorical_crossentropy", [500, 0, 0], [1], 500],
  ])("logits huge: %s", async (_, loss, logits, y, expected) => {
    const end = typeof loss === "string" ? (logits.length > 1 ? "softmax" : "sigmoid") : "linear";
    const model = await compiled([layers.dense(logits.length, { activation: end, useBias: false, inputShape: [1] })], loss);
    model.setWeights([tensor(logits, [1, logits.length])]);
    expect(model.testOnBatch([[1]], [y]).loss).toBeCloseTo(expected, 3);
    model.trainOnBatch([[1]], [y]);
    // the gradient is p - y
    const [most] = [Math.max(...logits)];
    const label = y.length < logits.length ? logits.map((_, i) => Number(i === y[0])) : y;
    const p = logits.length === 1 ? [Number(logits[0] > 0)] : logits.map(v => Number(v === most));
    near(model.getWeights()[0].data, logits.map((v, i) => v - (p[i] - label[i])), 3); // biome-ignore format: one thing
  });
});
