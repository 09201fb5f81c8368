import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { layers, loadModel, optimizers, type Sequential, sequential, setSeed, tensor } from "../js/index.js";
import type { Nested } from "../js/model/nested.js";
import nested from "./fixtures/nested.json" with { type: "json" };
import { expectNear } from "./keras/close.js";

const x = tensor(nested.given.x);
const y = tensor(nested.given.y);
const adam = () => optimizers.adam({ learningRate: 0.05 });

function bases(): { base: Sequential; model: Sequential } {
  const first = layers.dense(4, { activation: "relu", name: "a", inputShape: [3] });
  const base = sequential([first, layers.dense(3, { activation: "tanh", name: "b" })], { name: "base" });
  return { base, model: sequential([base, layers.dense(2, { name: "head" })], { name: "outer" }) };
}

/** Whether a model's weights are other ones than before, one by one. */
async function moved(model: Sequential, act: () => unknown): Promise<boolean[]> {
  const before = model.getWeights();
  await act();
  return model.getWeights().map(({ data }, i) => data.join() !== before[i].data.join());
}

describe("a model as a layer of another", () => {
  test.each(nested.cases)("trains as Keras, frozen: $name", async ({ changes, trainable, loss, weights, inner }) => {
    const { base, model } = bases();
    model.setWeights(nested.given.initial.map(values => tensor(values)));
    for (const [path, value] of changes as [string, boolean][]) (path ? model.getLayer(path) : model).trainable = value;
    model.compile({ optimizer: adam(), loss: "mse" });
    const history = await model.fit(x, y, { batchSize: 4, epochs: 5, shuffle: false, verbose: 0 });
    expectNear("loss", history.history.loss, loss, 1e-5);
    expectNear(
      "weights",
      model.getWeights().flatMap(({ data }) => [...data]),
      weights.flat(),
      1e-5,
    );
    expect(model.layers.flatMap(layer => layer.trainedWeights.map(([path]) => path))).toEqual(trainable);
    expectNear("the inner model's predictions", [...(await base.predict(x)).data], inner, 1e-5);
  });

  test("shares its weights both ways", async () => {
    const { base, model } = bases();
    await model.ready();
    const before = model.predictSync(x);
    base.setWeights(base.getWeights().map(({ data, shape }) => ({ data: data.map(value => value / 2), shape })));
    expect(model.getWeights().slice(0, 4)).toEqual(base.getWeights());
    const after = model.predictSync(x);
    expect(after).not.toEqual(before);
    model.setWeights(nested.given.initial.map(values => tensor(values)));
    expect(base.getWeights()).toEqual(model.getWeights().slice(0, 4));
    expect(base.predictSync(x).shape).toEqual([8, 3]);
    expect((model.getLayer("base") as Nested).model).toBe(base);
    expect(model.getLayer("base/b")).toBe(base.layers[1]);
  });

  test("brings the weights that it has learnt", async () => {
    setSeed(1);
    const base = sequential([layers.dense(3, { activation: "tanh", inputShape: [3] })]);
    base.compile({ optimizer: adam(), loss: "mse" });
    await base.fit(x, x, { epochs: 3, verbose: 0 });
    const [weights, outputs] = [base.getWeights(), await base.predict(x)];
    const model = sequential([base]);
    expect(model.getWeights()).toEqual(weights);
    expect(model.predictSync(x)).toEqual(outputs);
    expect(base.predictSync(x)).toEqual(outputs);
  });

  test("can be trained by itself and with the other in turn, each with an optimizer of its own", async () => {
    const { base, model } = bases();
    model.compile({ optimizer: adam(), loss: "mse" });
    base.compile({ optimizer: adam(), loss: "mse" });
    await model.ready();
    const target = x.data.map(Math.sin);
    const losses = { model: [] as number[], base: [] as number[] };
    for (let step = 0; step < 60; step++) {
      losses.model.push(model.trainOnBatch(x, y).loss);
      losses.base.push(base.trainOnBatch(x, { data: target, shape: [8, 3] }).loss);
      if (step === 20) model.compile({ optimizer: adam(), loss: "mse" });
      if (step === 40) base.compile({ optimizer: adam(), loss: "mse" });
    }
    for (const series of Object.values(losses)) expect(series.at(-1)).toBeLessThan(series[0] / 2);
    expect(model.getOptimizerState()!.iterations).toBe(39);
    expect(base.getOptimizerState()!.iterations).toBe(19);
    const states = [model, base].map(one => JSON.stringify(one.getOptimizerState()));
    await model.evaluate(x, y, { verbose: 0 });
    expect([model, base].map(one => JSON.stringify(one.getOptimizerState()))).toEqual(states);
  });

  test("goes by what was trainable when training began, until it is compiled again", async () => {
    const { base, model } = bases();
    model.compile({ optimizer: "sgd", loss: "mse" });
    await model.ready();
    const all = [true, true, true, true, true, true];
    expect(await moved(model, () => model.trainOnBatch(x, y))).toEqual(all);
    base.trainable = false;
    expect(await moved(model, () => model.trainOnBatch(x, y))).toEqual(all);
    model.compile({ optimizer: "sgd", loss: "mse" });
    expect(await moved(model, () => model.trainOnBatch(x, y))).toEqual([false, false, false, false, true, true]);
    expect([base.trainable, model.getLayer("base").trainable, model.getLayer("base/a").trainable]).toEqual([false, false, false]);
  });

  test("is saved and loaded with it", async () => {
    const { base, model } = bases();
    base.trainable = false;
    base.getLayer("b").trainable = true;
    model.compile({ optimizer: adam(), loss: "mse" });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(await again.predict(x)).toEqual(await model.predict(x));
    expect([again.getLayer("base").trainable, again.getLayer("base/a").trainable, again.getLayer("base/b").trainable]).toEqual([
      false,
      false,
      true,
    ]);
    const logs = [model, again].map(one => one.trainOnBatch(x, y));
    expect(logs[1]).toEqual(logs[0]);
    expect(again.getWeights()).toEqual(model.getWeights());
    expect((await loadModel(base.toSafetensors())).getWeights()).toEqual(base.getWeights());
  });

  test("is in Keras's files as Keras has it, and comes back as it was", async () => {
    const { base, model } = bases();
    base.getLayer("a").trainable = false;
    model.compile({ optimizer: adam(), loss: "mse" });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const bytes = await model.toKeras();
    const { config } = JSON.parse(strFromU8(unzipSync(bytes)["config.json"]));
    const names = ({ layers }: { layers: { config: { name: string } }[] }) => layers.map(layer => layer.config.name);
    expect([names(config), names(config.layers[1].config)]).toEqual([
      ["input_layer", "base", "head"],
      ["input_layer", "a", "b"],
    ]);
    const again = await loadModel(bytes);
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(["base", "base/a", "base/b", "head"].map(path => again.getLayer(path).trainable)).toEqual([true, false, true, true]);
    expect(await again.predict(x)).toEqual(await model.predict(x));
    expect(again.trainOnBatch(x, y)).toEqual(model.trainOnBatch(x, y));
    expect(again.getWeights()).toEqual(model.getWeights());
  });

  test("keeps its layers apart from those of the same names in others, in all files", async () => {
    const twin = (name: string) =>
      sequential(
        [
          layers.dense(3, { name: "a" }),
          layers.batchNormalization({ name: "b" }),
          sequential([layers.dense(3, { name: "a" })], { name: "in" }),
        ],
        {
          name,
        },
      );
    const make = () => sequential([layers.input({ shape: [3] }), twin("left"), twin("right"), layers.dense(2, { name: "a" })]);
    const model = make();
    model.compile({ optimizer: adam(), loss: "mse" });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    for (const again of [await loadModel(await model.toKeras()), await loadModel(model.toSafetensors())]) {
      expect(again.getConfig()).toEqual(model.getConfig());
      expect(again.getWeights()).toEqual(model.getWeights());
      expect(again.getOptimizerState()!.tensors).toEqual(model.getOptimizerState()!.tensors);
      expect(again.getLayer("right/in/a").weights.map(({ shape }) => shape)).toEqual([[3, 3], [3]]);
    }
    const other = make();
    await other.loadWeights(await model.toKeras());
    expect(other.getWeights()).toEqual(model.getWeights());
  });

  test("may be inside a model that is inside another, and behind layers", async () => {
    setSeed(4);
    const inner = sequential([layers.conv2d(3, 3, { activation: "relu", activityRegularizer: "l2" }), layers.flatten()], { name: "inner" });
    const middle = sequential([layers.zeroPadding2d(1), inner], { name: "middle" });
    const model = sequential([layers.rescaling(0.5, { inputShape: [4, 4, 2] }), middle, layers.dense(2, { name: "head" })]);
    const flat = sequential([
      layers.rescaling(0.5, { inputShape: [4, 4, 2] }),
      layers.zeroPadding2d(1),
      layers.conv2d(3, 3, { activation: "relu", activityRegularizer: "l2" }),
      layers.flatten(),
      layers.dense(2),
    ]);
    flat.setWeights(model.getWeights());
    const images = tensor(
      Float32Array.from({ length: 96 }, (_, i) => Math.cos(i)),
      [3, 4, 4, 2],
    );
    const labels = tensor([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    for (const one of [model, flat]) one.compile({ optimizer: "adam", loss: "mse" });
    for (const one of [model, flat]) await one.fit(images, labels, { epochs: 4, batchSize: 2, shuffle: false, verbose: 0 });
    expect(model.history!.history).toEqual(flat.history!.history);
    expect(model.getWeights()).toEqual(flat.getWeights());
    expect(inner.inputShape).toEqual([null, 6, 6, 2]);
    expect(middle.predictSync(images).shape).toEqual([3, 48]);
    expect(model.layers.flatMap(layer => layer.namedWeights.map(([path]) => path)).slice(0, 2)).toEqual([
      `middle/inner/${inner.layers[0].name}/kernel`,
      `middle/inner/${inner.layers[0].name}/bias`,
    ]);
    expect(String(await model.explain())).toContain(`middle/inner/${inner.layers[0].name}`);
    const printed: string[] = [];
    model.summary({ expandNested: true, print: text => printed.push(text) });
    expect(printed[0]).toContain("│    └ inner (Sequential)");
    expect(printed[0]).toContain("│       └ ");
  });

  test("hands on masks, labels for its embedding, and states", async () => {
    setSeed(2);
    const base = sequential([layers.embedding(5, 3, { maskZero: true, inputShape: [4] })], { name: "words" });
    const model = sequential([base, layers.lstm(2), layers.dense(1)]);
    const [short, long] = [tensor([[1, 2, 0, 0]]), tensor([[1, 2, 2, 0]])];
    expect(await model.predict(short)).not.toEqual(await model.predict(long));
    const direct = sequential([layers.embedding(5, 3, { maskZero: true, inputShape: [4] }), layers.lstm(2), layers.dense(1)]);
    direct.setWeights(model.getWeights());
    expect(await direct.predict(short)).toEqual(await model.predict(short));
    await expect(model.predict(tensor([[1, 2, 5, 0]]))).rejects.toThrow("5");
  });
});

describe("popping and adding", () => {
  test("puts another head on what was learnt", async () => {
    setSeed(3);
    const model = sequential([layers.dense(4, { activation: "relu", inputShape: [3] }), layers.dense(2)]);
    model.compile({ optimizer: adam(), loss: "mse" });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const [kernel, bias] = model.getWeights();
    model.pop();
    model.layers[0].trainable = false;
    model.add(layers.dense(3, { name: "new" }));
    expect(model.getWeights().slice(0, 2)).toEqual([kernel, bias]);
    model.compile({ optimizer: adam(), loss: "mse" });
    await model.fit(x, x, { epochs: 2, verbose: 0 });
    expect(model.getWeights().slice(0, 2)).toEqual([kernel, bias]);
    expect(model.outputShape).toEqual([null, 3]);
  });

  test("lets a model go with its weights, to live by itself or in another", async () => {
    setSeed(3);
    const base = sequential([layers.dense(3, { inputShape: [3] })], { name: "base" });
    const model = sequential([layers.dense(3, { inputShape: [3] }), base]);
    const [weights, outputs] = [base.getWeights(), await base.predict(x)];
    expect((model.pop() as Nested).model).toBe(base);
    expect([base.getWeights(), base.predictSync(x)]).toEqual([weights, outputs]);
    model.setWeights(model.getWeights().map(({ data, shape }) => ({ data: data.fill(0), shape })));
    expect(base.getWeights()).toEqual(weights);
    base.add(layers.dense(1));
    const other = sequential([base]);
    expect(other.getWeights().slice(0, 2)).toEqual(weights);
  });

  test("makes a model of models layer by layer", async () => {
    const base = sequential([layers.dense(3, { activation: "relu" })], { name: "unbuilt" });
    const model = sequential([base]);
    model.add(layers.dense(1));
    expect(model.inputShape).toBeNull();
    model.build([5]);
    expect([base.inputShape, base.outputShape]).toEqual([
      [null, 5],
      [null, 3],
    ]);
    expect((await base.predict(tensor([[1, 2, 3, 4, 5]]))).shape).toEqual([1, 3]);
    expect((await model.predict(tensor([[1, 2, 3, 4, 5]]))).shape).toEqual([1, 1]);
  });
});

describe("A model in a model refuses", () => {
  const { base, model } = bases();
  test.each<[string, () => unknown, string]>([
    [
      "to be in two",
      () => sequential([base], { name: "other" }),
      "other: base belongs to outer already. Make a new layer, and setWeights().",
    ],
    ["itself", () => model.add(model), "outer: a model cannot be a layer of itself."],
    [
      "to be changed from inside",
      () => base.add(layers.dense(1)),
      "add: base is a layer of outer, which its layers must fit. Change it before.",
    ],
    ["to lose a layer from inside", () => base.pop(), "pop: base is a layer of outer, which its layers must fit. Change it before."],
    ["one without layers", () => model.add(sequential([], { name: "empty" })), "outer: empty has no layers."],
    [
      "one that does not fit",
      () => model.add(sequential([layers.dense(2, { name: "c", inputShape: [9] })])),
      "c: it was built for input of shape (None, 9), got (None, 2).",
    ],
    ["what is neither true nor false", () => (base.trainable = "no" as never), 'base: trainable must be true or false, got "no".'],
    ["a path to nowhere", () => model.getLayer("base/c"), 'base: no layer "c". Layers: a, b.'],
  ])("%s", async (_, act, message) => {
    const before = await model.predict(x);
    expect(act).toThrow(message);
    expect(await model.predict(x)).toEqual(before);
    expect((await base.predict(x)).shape).toEqual([8, 3]);
  });

  test("nothing of a model that did not fit is lost", async () => {
    const left = sequential([layers.dense(2, { inputShape: [9] })]);
    const weights = left.getWeights();
    expect(() => sequential([layers.dense(4, { inputShape: [3] }), left])).toThrow(
      "it was built for input of shape (None, 9), got (None, 4)",
    );
    expect(left.getWeights()).toEqual(weights);
    const fits = sequential([layers.dense(9, { inputShape: [3] }), left]);
    expect(fits.getWeights().slice(2)).toEqual(weights);
  });
});
