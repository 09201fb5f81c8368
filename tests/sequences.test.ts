import { describe, expect, test } from "vitest";
import { layers, loadModel, sequential, tensor } from "../js/index.js";

async function compiled(...chain: Parameters<typeof sequential>[0] & object) {
  const model = sequential(chain as never);
  model.compile({ optimizer: "sgd", loss: "mse" });
  return model.ready();
}

describe("embedding", () => {
  test.each([
    [[[1, 3]], "got 3 at sample 0, position 1"],
    [[[1, 0], [-1, 0]], "got -1 at sample 1, position 0"], // biome-ignore format: rows
    [[[0.5, 0]], "got 0.5 at sample 0, position 0"],
  ])("refuses %j, whoever brings it", async (ids, place) => {
    const model = await compiled(layers.embedding(3, 2, { name: "words", inputShape: [2] }), layers.flatten(), layers.dense(1));
    const message = (where: string) =>
      `${where}: x: words expected whole numbers from 0 to 2, ${place}. A larger inputDim gives it a vector.`;
    const y = new Float32Array(ids.length);
    await expect(model.fit(ids, y, { verbose: 0 })).rejects.toThrow(message("fit"));
    await expect(model.predict(ids)).rejects.toThrow(message("predict"));
    expect(() => model.predictOnBatch(ids)).toThrow(message("predictOnBatch"));
    expect(() => model.trainOnBatch(ids, y)).toThrow(message("trainOnBatch"));
  });

  test.each([
    [() => layers.embedding(0, 2), "embedding: inputDim must be a positive integer, got 0."],
    [() => layers.embedding(2, 1.5), "embedding_1: outputDim must be a positive integer, got 1.5."],
    [() => layers.embedding(2, 2, { maskZero: 1 as never }), "embedding_2: maskZero must be true or false, got 1."],
  ])("%#: says what an option must be", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("masks", () => {
  test("a masked step changes neither the loss nor a gradient, whatever its label is", async () => {
    const model = await compiled(layers.masking({ inputShape: [3, 2] }), layers.dense(1));
    const before = model.getWeights();
    const x = tensor([1, 2, 0, 0, 3, 4], [1, 3, 2]);
    const losses = [0, 100].map(label => {
      model.setWeights(before);
      const { loss } = model.trainOnBatch(x, tensor([1, label, 2], [1, 3, 1]));
      return [loss, ...model.getWeights().flatMap(({ data }) => [...data])];
    });
    expect(losses[0]).toEqual(losses[1]);
  });

  test("masking needs steps of features", () => {
    expect(() => sequential([layers.masking({ name: "skip", inputShape: [3] })])).toThrow(
      "skip: expected input of shape (None, steps, features), got (None, 3).",
    );
  });
});

describe("sample weights of steps", () => {
  test("are one a step, or one a sample", async () => {
    const model = await compiled(layers.dense(1, { inputShape: [3, 2] }));
    const [x, y] = [tensor([1, 2, 3, 4, 5, 6, 1, 0, 0, 1, 1, 1], [2, 3, 2]), new Float32Array(6)];
    const each = model.testOnBatch(x, y, { sampleWeight: [2, 2, 2, 0.5, 0.5, 0.5] }).loss;
    expect(model.testOnBatch(x, y, { sampleWeight: [2, 0.5] }).loss).toBeCloseTo(each, 5);
    expect(() => model.testOnBatch(x, y, { sampleWeight: [1, 2, 3] })).toThrow(
      "testOnBatch: sampleWeight must hold 2 numbers, one a sample, or 6, one for each step, got 3.",
    );
    expect(() => model.testOnBatch(x, y, { sampleWeight: [1, 1, 1, 1, Number.NaN, 1] })).toThrow("sampleWeight of sample 1 is NaN");
  });
});

describe("timeDistributed", () => {
  test("needs a layer, and steps", () => {
    expect(() => layers.timeDistributed("dense" as never, { name: "each" })).toThrow(
      'each: expected a layer such as layers.dense(10), got "dense".',
    );
    const model = () => sequential([layers.timeDistributed(layers.dense(2), { name: "each", inputShape: [3] })]);
    expect(model).toThrow(
      "each: expected input of shape (None, steps, features), got (None, 3). Each step is a sample to the layer inside.",
    );
  });

  test("is saved with the layer inside", async () => {
    const model = await compiled(layers.timeDistributed(layers.dense(2, { name: "inside" }), { name: "each", inputShape: [3, 4] }));
    const again = await loadModel(model.toSafetensors());
    await again.ready();
    const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
    expect(again.predictOnBatch(x)).toEqual(model.predictOnBatch(x));
    expect(again.getConfig().layers).toEqual(model.getConfig().layers);
    expect(again.layers[0].namedWeights.map(([path]) => path)).toEqual(["each/inside/kernel", "each/inside/bias"]);
  });
});
