import { beforeAll, describe, expect, test } from "vitest";
import { layers, optimizers, type Sequential, sequential, setSeed, type Tensor, tensor } from "../js/index.js";
import type { OptimizerLike } from "../js/optimizers/index.js";
import known from "./fixtures/gradients.json" with { type: "json" };
import { build } from "./keras/build.js";
import { expectNear } from "./keras/close.js";
import { readGroup } from "./keras/fixtures.js";

const flat = (gradients: Record<string, Tensor>) => Object.values(gradients).flatMap(({ data }) => [...data]);

describe("gradients as Keras has them:", () => {
  test.each(known)("$name", async ({ name, loss, halfSquares }) => {
    const fixture = readGroup(name.split("/")[0]).find(one => one.name === name)!;
    const { x, y, sample_weight: sampleWeight } = fixture.arrays;
    const model = await build(fixture);
    const before = model.getWeights();
    const found = model.gradients(x, y, { sampleWeight, inputGradient: true });
    expectNear("loss", [found.loss], [loss.loss], 1e-5);
    expectNear("weights", flat(found.gradients), loss.weights.flat(), 1e-4);
    expect(Object.keys(found.gradients)).toEqual(model.layers.flatMap(layer => layer.trainedWeights.map(([path]) => path)));
    if (loss.input) expectNear("input", [...found.inputGradient!.data], loss.input, 1e-4);
    else expect(found.inputGradient).toBeNull();
    // the loss Σ y² / 2, whose gradient is y
    const outputs = model.forward(x);
    const back = model.backward(outputs);
    expectNear("weights from dy", flat(back.gradients), halfSquares.weights.flat(), 1e-4);
    if (halfSquares.input) expectNear("input from dy", [...back.inputGradient!.data], halfSquares.input, 1e-4);
    expect(model.getWeights()).toEqual(before);
  });
});

const samples = 6;
const x = tensor(
  Float32Array.from({ length: samples * 36 }, (_, i) => Math.sin(i * i)),
  [samples, 6, 6, 1],
);
const y = Uint8Array.of(0, 1, 2, 0, 2, 1);

async function net(optimizer: OptimizerLike): Promise<Sequential> {
  setSeed(3);
  const model = sequential(
    [
      layers.conv2d(4, 3, { activation: "relu", inputShape: [6, 6, 1], kernelRegularizer: "l2", name: "conv" }),
      layers.maxPooling2d(2),
      layers.flatten(),
      layers.dropout(0.3),
      layers.dense(3, { activation: "softmax", name: "dense" }),
    ],
    { name: "net" },
  );
  model.compile({ optimizer, loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model.ready();
}

describe("gradients and applyGradients", () => {
  test.each<[string, () => OptimizerLike]>([
    ["sgd", () => "sgd"],
    ["adam", () => "adam"],
    ["adam, clipped", () => optimizers.adam({ clipnorm: 0.01, weightDecay: 0.01 })],
    ["adam, gathering two batches", () => optimizers.adam({ gradientAccumulationSteps: 2 })],
    ["an average of the weights", () => optimizers.sgd({ useEma: true, emaOverwriteFrequency: 2 })],
  ])("are trainOnBatch bit for bit: %s", async (_, optimizer) => {
    const [one, other] = [await net(optimizer()), await net(optimizer())];
    for (let step = 0; step < 4; step++) {
      const logs = one.trainOnBatch(x, y);
      const { loss, metrics, gradients } = other.gradients(x, y, { inputGradient: step % 2 === 1 });
      other.applyGradients(gradients);
      expect({ loss, ...metrics }).toEqual(logs);
      expect(other.getWeights()).toEqual(one.getWeights());
    }
    expect(other.getOptimizerState()!.iterations).toBe(4);
    expect(other.getOptimizerState()!.tensors).toEqual(one.getOptimizerState()!.tensors);
  });

  test("take gradients that were changed", async () => {
    const model = await net(optimizers.sgd({ learningRate: 0.5 }));
    const { gradients } = model.gradients(x, y);
    expect(Object.keys(gradients)).toEqual(["conv/kernel", "conv/bias", "dense/kernel", "dense/bias"]);
    const [kernel, bias] = model.getWeights().slice(-2);
    for (const { data } of Object.values(gradients)) data.fill(0);
    gradients["dense/bias"].data.set([1, -2, 0.5]);
    model.applyGradients(gradients);
    const [kernelAfter, biasAfter] = model.getWeights().slice(-2);
    expect(kernelAfter).toEqual(kernel);
    expect([...biasAfter.data]).toEqual([...bias.data].map((value, i) => value - 0.5 * [1, -2, 0.5][i]));
  });

  test("leave frozen layers out", async () => {
    const model = await net("adam");
    model.layers[0].trainable = false;
    model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
    const { gradients, inputGradient } = model.gradients(x, y, { inputGradient: true });
    expect(Object.keys(gradients)).toEqual(["dense/kernel", "dense/bias"]);
    expect(inputGradient!.shape).toEqual([6, 6, 6, 1]);
    const before = model.getWeights();
    model.applyGradients(gradients);
    const after = model.getWeights();
    expect(after.map((tensor, i) => tensor.data.join() !== before[i].data.join())).toEqual([false, false, true, true]);
  });
});

describe("forward and backward", () => {
  test("train a model that was compiled without a loss", async () => {
    setSeed(1);
    const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [1] }), layers.dense(1)]);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }) });
    await model.ready();
    const points = tensor(
      Float32Array.from({ length: 32 }, (_, i) => i / 16 - 1),
      [32, 1],
    );
    let squares = 0;
    for (let step = 0; step < 400; step++) {
      const outputs = model.forward(points);
      const errors = outputs.data.map((value, i) => value - points.data[i] ** 2);
      squares = errors.reduce((sum, error) => sum + error * error, 0) / 32;
      model.applyGradients(model.backward({ data: errors.map(error => error / 16), shape: [32, 1] }).gradients);
    }
    expect(squares).toBeLessThan(1e-3);
    await expect(model.fit(points, points)).rejects.toThrow(
      new Error('fit: compile() the model with a loss, such as "categorical_crossentropy".'),
    );
  });

  test("drop what the next training step would drop", async () => {
    const model = await net("sgd");
    const first = model.forward(x);
    expect(model.forward(x)).toEqual(first);
    expect(model.predictOnBatch(x)).not.toEqual(first);
    model.trainOnBatch(x, y);
    model.setWeights((await net("sgd")).getWeights());
    expect(model.forward(x)).not.toEqual(first);
  });
});

describe("The explicit loop refuses", () => {
  let model: Sequential;
  beforeAll(async () => {
    model = await net("adam");
  });

  test.each<[string, () => unknown, () => string]>([
    ["backward before forward", () => model.backward(new Float32Array(18)), () => "backward: call forward(x) right before"],
    [
      "backward after a prediction",
      () => [model.forward(x), model.predictOnBatch(x), model.backward(new Float32Array(18))],
      () => "backward: call forward(x)",
    ],
    [
      "backward twice",
      () => [model.forward(x), model.backward(new Float32Array(18)), model.backward(new Float32Array(18))],
      () => "backward: call forward(x)",
    ],
    [
      "a dy of another shape",
      () => [model.forward(x), model.backward(new Float32Array(15))],
      () => "backward: dy must have the shape of the output, (6, 3), got 5 samples.",
    ],
    [
      "a dy that is not finite",
      () => [model.forward(x), model.backward(new Float32Array(18).fill(Number.NaN))],
      () => "backward: dy: sample 0 holds NaN",
    ],
    [
      "an option that is none",
      () => model.gradients(x, y, { inputGradients: true } as object),
      () => 'gradients: unknown option "inputGradients". Did you mean "inputGradient"?',
    ],
    [
      "gradients that are missing",
      () => model.applyGradients({}),
      () => `applyGradients: conv/kernel: expected a tensor of shape (3, 3, 1, 4), got undefined.`,
    ],
    [
      "gradients of something else",
      () => model.applyGradients({ ...model.gradients(x, y).gradients, "other/kernel": tensor([1]) }),
      () => "applyGradients: other/kernel is none of the trained weights: ",
    ],
    [
      "gradients that are not finite",
      () => {
        const { gradients } = model.gradients(x, y);
        gradients["conv/kernel"].data[3] = Number.POSITIVE_INFINITY;
        model.applyGradients(gradients);
      },
      () => `applyGradients: conv/kernel: sample 0 holds Infinity`,
    ],
  ])("%s", (_, act, message) => {
    const before = model.getWeights();
    expect(act).toThrow(message());
    expect(model.getWeights()).toEqual(before);
  });
});
