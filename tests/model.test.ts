import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { engineInfo, layers, losses, metrics, optimizers, type Sequential, sequential, setSeed, tensor } from "../js/index.js";
import { uniform } from "./kernels/data.js";
import { bits, classifier, convnet, distance, forward, regression, samples, stateOf } from "./nets.js";

const { x, values, classes, oneHot } = samples(20);

describe("a sequential model", () => {
  test.each<[string, () => Sequential]>([
    ["the first layer's inputShape", () => sequential([layers.dense(3, { inputShape: [4], name: "a" }), layers.dense(2, { name: "b" })])],
    ["an input layer", () => sequential([layers.input({ shape: [4] }), layers.dense(3, { name: "a" }), layers.dense(2, { name: "b" })])],
    [
      "add()",
      () => {
        const model = sequential();
        model.add(layers.dense(3, { inputShape: [4], name: "a" }));
        model.add(layers.dense(2, { name: "b" }));
        return model;
      },
    ],
    [
      "build()",
      () => {
        const model = sequential([layers.dense(3, { name: "a" }), layers.dense(2, { name: "b" })]);
        model.build([4]);
        return model;
      },
    ],
  ])("knows its shapes from %s", async (_, make) => {
    setSeed(7);
    const model = make();
    expect(model.inputShape).toEqual([null, 4]);
    expect(model.outputShape).toEqual([null, 2]);
    expect(model.layers.map(({ name, inputShape, outputShape }) => ({ name, inputShape, outputShape }))).toEqual([
      { name: "a", inputShape: [4], outputShape: [3] },
      { name: "b", inputShape: [3], outputShape: [2] },
    ]);
    expect(model.getWeights().map(({ shape }) => shape)).toEqual([[4, 3], [3], [3, 2], [2]]);
    expect(model.countParams()).toBe(4 * 3 + 3 + 3 * 2 + 2);
    const { data, shape } = await model.predict(x);
    expect(shape).toEqual([20, 2]);
    expect(distance(data, forward(model, x).data)).toBeLessThan(1e-6);
  });

  test.each<[string, (model: Sequential) => Promise<unknown>]>([
    ["predict", model => model.predict(x)],
    ["evaluate", model => model.evaluate(x, values, { verbose: 0 })],
    ["fit", model => model.fit(x, values, { verbose: 0 })],
  ])("without a shape is built by the data of %s", async (_, run) => {
    const model = sequential([layers.dense(3), layers.dense(1)]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    expect(model.inputShape).toBeNull();
    expect(model.outputShape).toBeNull();
    await run(model);
    expect(model.inputShape).toEqual([null, 4]);
    expect(model.countParams()).toBe(4 * 3 + 3 + 3 + 1);
  });

  test("names itself and its layers as Keras does", async () => {
    vi.resetModules();
    const { layers, sequential } = await import("../js/index.js");
    const model = sequential([
      layers.conv2d(2, 3, { inputShape: [9, 9, 1] }),
      layers.conv2d(2, 3, { name: "mine" }),
      layers.conv2d(2, 3),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dropout(0.5),
      layers.dense(1),
      layers.activation("tanh"),
      layers.dense(1),
    ]);
    const names = ["conv2d", "mine", "conv2d_1", "max_pooling2d", "flatten", "dropout", "dense", "activation", "dense_1"];
    expect(model.layers.map(({ name }) => name)).toEqual(names);
    expect([model, sequential(), sequential([], { name: "own" }), sequential()].map(({ name }) => name)).toEqual([
      "sequential",
      "sequential_1",
      "own",
      "sequential_2",
    ]);
  });

  test("gives layers by name and by place", () => {
    const model = sequential([layers.dense(3, { inputShape: [4], name: "a" }), layers.dense(2, { name: "b" })]);
    expect([model.getLayer("b"), model.getLayer(0), model.getLayer(-1)].map(({ name }) => name)).toEqual(["b", "a", "b"]);
  });

  test("keeps weights when layers are added and taken away", async () => {
    const model = regression();
    await model.fit(x, values, { verbose: 0 });
    const before = bits(model.getWeights());
    model.add(layers.dense(2, { name: "extra" }));
    expect(model.outputShape).toEqual([null, 2]);
    expect(bits(model.getWeights()).slice(0, 4)).toEqual(before);
    expect(distance((await model.predict(x)).data, forward(model, x).data)).toBeLessThan(1e-6);
    expect(model.pop().name).toBe("extra");
    expect(model.outputShape).toEqual([null, 1]);
    expect(bits(model.getWeights())).toEqual(before);
    expect(distance((await model.predict(x)).data, forward(model, x).data)).toBeLessThan(1e-6);
  });

  test("stays ready when layers are added, and its optimizer starts anew", async () => {
    const model = regression({ optimizer: optimizers.sgd({ momentum: 0.9 }) });
    await model.ready();
    model.trainOnBatch(x, values);
    expect(model.getOptimizerState()?.iterations).toBe(1);
    model.add(layers.dense(1));
    expect(model.getOptimizerState()).toBeNull();
    expect(model.predictSync(x).shape).toEqual([20, 1]);
    model.trainOnBatch(x, values);
    expect(model.getOptimizerState()?.iterations).toBe(1);
    expect(Object.keys(model.getOptimizerState()!.tensors)).toHaveLength(6);
  });

  test("lets a popped layer take its weights to another model", async () => {
    const model = regression();
    await model.fit(x, values, { verbose: 0 });
    const before = bits(model.getWeights());
    const last = model.pop();
    const other = sequential([layers.dense(8, { activation: "tanh", inputShape: [4] }), last]);
    expect(bits(other.getWeights()).slice(2)).toEqual(before.slice(2));
    expect(model.pop().name).not.toBe(last.name);
    expect(model.layers).toEqual([]);
    expect(model.inputShape).toEqual([null, 4]);
    model.add(layers.dense(2));
    expect(model.outputShape).toEqual([null, 2]);
  });

  test("runs with one layer of any kind", async () => {
    const image = { data: uniform(2 * 4 * 4), shape: [2, 4, 4, 1] };
    const alone = [
      layers.flatten(),
      layers.dropout(0.5),
      layers.activation("linear"),
      layers.activation("softmax"),
      layers.maxPooling2d(),
      layers.dense(2, { useBias: false }),
      layers.conv2d(3, 2),
    ];
    for (const layer of alone) {
      const model = sequential([layers.input({ shape: [4, 4, 1] }), layer]);
      const { data, shape } = await model.predict(image);
      const expected = forward(model, image);
      expect(shape, layer.name).toEqual(expected.shape);
      expect(distance(data, expected.data), layer.name).toBeLessThan(1e-6);
      model.compile({ optimizer: "adam", loss: "mse" });
      const { loss } = await model.evaluate(image, expected as never, { verbose: 0 });
      expect(loss, layer.name).toBeLessThan(1e-12);
      await model.fit(image, expected as never, { verbose: 0 });
    }
  });

  test("copies weights in and out", () => {
    const model = regression();
    const weights = model.getWeights();
    weights[0].data.fill(5);
    expect(model.getWeights()[0].data).not.toContain(5);
    model.setWeights(weights);
    expect(bits(model.getWeights())).toEqual(bits(weights));
    weights[0].data.fill(6);
    expect(model.getWeights()[0].data).not.toContain(6);
  });

  test("predicts anew after setWeights", async () => {
    const model = regression();
    const before = await model.predict(x);
    model.setWeights(model.getWeights().map(({ data, shape }) => ({ data: data.map(w => 2 * w), shape })));
    const after = await model.predict(x);
    expect(distance(after.data, before.data)).toBeGreaterThan(1e-3);
    expect(distance(after.data, forward(model, x).data)).toBeLessThan(1e-6);
  });
});

describe("a failed change leaves everything as it was:", () => {
  const model = regression();
  const taken = layers.dense(1, { inputShape: [2] });
  sequential([taken]);
  const before = stateOf(model);

  test.each<[string, () => unknown]>([
    ["a second layer of one name", () => model.add(layers.dense(1, { name: model.layers[0].name }))],
    ["a layer of another model", () => model.add(taken)],
    ["a layer that does not fit", () => model.add(layers.conv2d(1, 1))],
    ["a layer that needs more memory than there is", () => model.add(layers.dense(2 ** 31))],
    ["an input behind a layer", () => model.add(layers.input({ shape: [1] }))],
    ["no layer", () => model.add("dense" as never)],
    ["another shape", () => model.build([5])],
    ["weights of another shape", () => model.setWeights(model.getWeights().reverse())],
    ["too few weights", () => model.setWeights(model.getWeights().slice(1))],
    ["an unknown optimizer", () => model.compile({ optimizer: "adamm", loss: "mae" })],
    ["an unknown loss", () => model.compile({ optimizer: "adam", loss: "mea" })],
    ["an unknown metric", () => model.compile({ optimizer: "adam", loss: "mae", metrics: ["accuracies"] })],
  ])("%s", (_, change) => {
    expect(change).toThrow(Error);
    expect(stateOf(model)).toEqual(before);
  });

  test("a first layer that does not fit", () => {
    const empty = sequential();
    expect(() => empty.add(layers.conv2d(1, 3, { inputShape: [2, 2, 1] }))).toThrow(Error);
    expect(empty.inputShape).toBeNull();
    empty.add(layers.conv2d(1, 3, { inputShape: [5, 5, 1] }));
    expect(empty.outputShape).toEqual([null, 3, 3, 1]);
  });

  test("a model whose layers do not fit leaves them free", () => {
    const [first, second] = [layers.dense(3, { inputShape: [4] }), layers.dense(2)];
    expect(() => sequential([first, second, layers.flatten({ name: second.name })])).toThrow(Error);
    expect([first.owner, second.owner]).toEqual([null, null]);
    expect(sequential([first, second]).outputShape).toEqual([null, 2]);
  });

  test("data that the layers do not fit leave them unbuilt", async () => {
    const late = sequential([layers.dense(3), layers.conv2d(1, 1)]);
    await expect(late.predict(x)).rejects.toThrow(Error);
    expect(late.inputShape).toBeNull();
    expect(late.layers.map(layer => [layer.outputShape, layer.weights])).toEqual([
      [null, []],
      [null, []],
    ]);
    expect((await late.predict({ data: uniform(18), shape: [1, 3, 3, 2] })).shape).toEqual([1, 3, 3, 1]);
  });
});

describe("compile", () => {
  const lossOf = async (model: Sequential, y: Parameters<Sequential["evaluate"]>[1]) => model.evaluate(x, y, { verbose: 0 });

  test.each<[string, string[], () => Parameters<Sequential["compile"]>[0]["loss"], typeof values]>([
    ["meanSquaredError", ["mse", "MSE", "mean_squared_error", "meanSquaredError", "MeanSquaredError"], losses.meanSquaredError, values],
    ["meanAbsoluteError", ["mae", "MAE", "mean_absolute_error", "MeanAbsoluteError"], losses.meanAbsoluteError, values],
    ["huber", ["huber", "Huber"], losses.huber, values],
    [
      "binaryCrossentropy",
      ["bce", "BCE", "binary_crossentropy", "binaryCrossentropy", "BinaryCrossentropy"],
      losses.binaryCrossentropy,
      classes.map(c => [c / 2]),
    ],
  ])("takes %s under its names, and as an object", async (_, names, make, y) => {
    const model = sequential([layers.dense(1, { inputShape: [4], activation: "sigmoid" })]);
    const found = [];
    for (const loss of [make(), ...names]) {
      model.compile({ optimizer: "sgd", loss });
      found.push(await lossOf(model, y));
    }
    expect(found[0].loss).toBeGreaterThan(0);
    for (const logs of found) expect(logs).toEqual(found[0]);
  });

  test("takes categorical losses, optimizers and metrics under their names, and as objects", async () => {
    setSeed(3);
    const model = classifier();
    const weights = model.getWeights();
    const results = [];
    for (const [optimizer, loss, metric] of [
      ["adam", "categorical_crossentropy", "categorical_accuracy"],
      ["Adam", "CategoricalCrossentropy", metrics.categoricalAccuracy()],
      [optimizers.adam(), losses.categoricalCrossentropy(), "categorical_accuracy"],
    ] as const) {
      model.setWeights(weights);
      model.compile({ optimizer, loss, metrics: [metric] });
      await model.fit(x, oneHot, { epochs: 3, shuffle: false, verbose: 0 });
      results.push({ weights: bits(model.getWeights()), history: model.history?.history });
    }
    expect(Object.keys(results[0].history!)).toEqual(["categorical_accuracy", "loss"]);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test("takes rmsprop where no optimizer is named", () => {
    const model = regression();
    model.compile({ loss: "mse" });
    expect(model.optimizer.className).toBe("RMSprop");
  });

  test("takes options of objects", async () => {
    const model = regression();
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.5, momentum: 0.25, nesterov: true }), loss: losses.huber({ delta: 0.1 }) });
    expect(model.getConfig().compile).toMatchObject({
      optimizer: { className: "SGD", config: { learningRate: 0.5, momentum: 0.25, nesterov: true, name: "sgd" } },
      loss: { className: "Huber", config: { delta: 0.1 } },
      metrics: [],
      weightedMetrics: [],
    });
    const { loss } = await lossOf(model, values);
    const y = forward(model, x).data;
    const huber = values.map(([t], i) => (Math.abs(y[i] - t) <= 0.1 ? (y[i] - t) ** 2 / 2 : 0.1 * Math.abs(y[i] - t) - 0.1 ** 2 / 2));
    expect(loss).toBeCloseTo(huber.reduce((a, b) => a + b) / 20, 6);
  });

  test("keeps the weights, and the optimizer starts anew", async () => {
    const model = regression({ optimizer: "adam" });
    await model.fit(x, values, { epochs: 2, verbose: 0 });
    const before = bits(model.getWeights());
    expect(model.getOptimizerState()?.iterations).toBe(2);
    model.compile({ optimizer: "adam", loss: "mse" });
    expect(bits(model.getWeights())).toEqual(before);
    expect(model.getOptimizerState()).toBeNull();
    await model.fit(x, values, { verbose: 0 });
    expect(model.getOptimizerState()?.iterations).toBe(1);
  });

  test("tells metrics of one name apart as Keras does", async () => {
    const model = classifier();
    model.compile({
      optimizer: "sgd",
      loss: "categorical_crossentropy",
      metrics: ["accuracy", "accuracy", "mse"],
      weightedMetrics: ["accuracy", "mae", metrics.categoricalAccuracy({ name: "mse" })],
    });
    const logs = await model.evaluate(x, oneHot, { verbose: 0 });
    expect(Object.keys(logs)).toEqual(["accuracy", "accuracy_1", "loss", "mae", "mse", "weighted_accuracy", "weighted_mse"]);
    expect(logs.accuracy_1).toBe(logs.accuracy);
    expect(logs.weighted_mse).toBe(logs.accuracy);
    expect(model.metrics.map(({ name }) => name)).toEqual(["accuracy", "accuracy_1", "mse", "weighted_accuracy", "mae", "weighted_mse"]);
  });

  test("lets two models share an optimizer", async () => {
    const optimizer = optimizers.adam();
    setSeed(1);
    const alone = regression({ optimizer: "adam" });
    setSeed(1);
    const [shared, other] = [regression({ optimizer }), regression({ optimizer })];
    for (const model of [alone, shared, other]) await model.ready();
    for (let step = 0; step < 5; step++) {
      alone.trainOnBatch(x, values);
      shared.trainOnBatch(x, values);
      if (step % 2) other.trainOnBatch(x, values);
    }
    expect(bits(shared.getWeights())).toEqual(bits(alone.getWeights()));
    expect(other.getOptimizerState()?.iterations).toBe(2);
  });

  test("lets the learning rate be set between steps", async () => {
    const model = regression({ optimizer: optimizers.sgd({ learningRate: 0.1 }) });
    await model.ready();
    model.optimizer.learningRate = 0;
    const before = bits(model.getWeights());
    model.trainOnBatch(x, values);
    expect(bits(model.getWeights())).toEqual(before);
    model.optimizer.learningRate = 0.1;
    model.trainOnBatch(x, values);
    expect(bits(model.getWeights())).not.toEqual(before);
  });
});

describe("frozen layers", () => {
  const uniformImages = (n: number) => ({ data: uniform(n * 36), shape: [n, 6, 6, 1] });
  const convnetOfThree = () =>
    sequential([
      layers.conv2d(5, 3, { inputShape: [6, 6, 1], activation: "tanh" }),
      layers.conv2d(3, 2, { activation: "tanh" }),
      layers.flatten(),
      layers.dense(3, { activation: "softmax" }),
    ]);

  test("keep their weights while the others learn", async () => {
    for (const frozen of [0, 1]) {
      const model = regression({ optimizer: "adam" });
      model.layers[frozen].trainable = false;
      model.compile({ optimizer: "adam", loss: "mse" });
      const before = bits(model.getWeights());
      await model.fit(x, values, { epochs: 3, verbose: 0 });
      const after = bits(model.getWeights());
      expect(after.slice(2 * frozen, 2 * frozen + 2)).toEqual(before.slice(2 * frozen, 2 * frozen + 2));
      expect(after.slice(2 - 2 * frozen, 4 - 2 * frozen)).not.toEqual(before.slice(2 - 2 * frozen, 4 - 2 * frozen));
    }
  });

  test("change nothing about what the others learn", async () => {
    const { data } = uniformImages(6);
    for (const optimizer of [optimizers.sgd({ momentum: 0.5 }), optimizers.adam()]) {
      setSeed(2);
      const [free, frozen] = [convnetOfThree(), convnetOfThree()];
      frozen.setWeights(free.getWeights());
      frozen.layers[1].trainable = false;
      const before = bits(frozen.getWeights());
      for (const model of [free, frozen]) {
        model.compile({ optimizer, loss: "sparse_categorical_crossentropy" });
        await model.ready();
        model.trainOnBatch(data, [0, 1, 2, 0, 1, 2]);
      }
      const [all, some] = [bits(free.getWeights()), bits(frozen.getWeights())];
      expect([...some.slice(0, 2), ...some.slice(4)]).toEqual([...all.slice(0, 2), ...all.slice(4)]);
      expect(some.slice(2, 4)).toEqual(before.slice(2, 4));
      expect(all.slice(2, 4)).not.toEqual(before.slice(2, 4));
    }
  });

  test("may be all of them", async () => {
    const model = convnet();
    for (const layer of model.layers) layer.trainable = false;
    model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
    const before = bits(model.getWeights());
    const { history } = await model.fit({ data: uniform(4 * 36), shape: [4, 6, 6, 1] }, [0, 1, 2, 0], { epochs: 2, verbose: 0 });
    expect(bits(model.getWeights())).toEqual(before);
    expect(history.loss[1]).toBe(history.loss[0]);
  });

  test("thaw at the next compile, and not before", async () => {
    const model = sequential([layers.dense(300, { inputShape: [4], trainable: false, kernelRegularizer: "l2" }), layers.dense(1)]);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit(x, values, { verbose: 0 });
    model.layers[0].trainable = true;
    const before = bits(model.getWeights());
    await model.fit(x, values, { batchSize: 7, verbose: 0 });
    expect(bits(model.getWeights()).slice(0, 2)).toEqual(before.slice(0, 2));
    expect(Object.keys(model.getOptimizerState()!.tensors)).toHaveLength(4);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit(x, values, { verbose: 0 });
    expect(bits(model.getWeights()).slice(0, 1)).not.toEqual(before.slice(0, 1));
  });
});

test("engineInfo tells the build of the kernels and the threads", () => {
  const isRelaxed = WebAssembly.validate(readFileSync("dist/kernels/relaxed.wasm"));
  const { build, threads, reasons } = engineInfo();
  expect(build).toBe(isRelaxed ? "relaxed" : "simd");
  expect(reasons.includes("This runtime has no relaxed SIMD.")).toBe(!isRelaxed);
  expect(threads).toBeGreaterThanOrEqual(1);
});

test("tensor reads nested arrays and flat ones", () => {
  expect(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
  expect(tensor([1, 2, 3, 4], [2, 2])).toEqual({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
  expect(tensor(Uint8Array.of(1, 2), [2, 1])).toEqual({ data: Float32Array.of(1, 2), shape: [2, 1] });
  expect(tensor(5)).toEqual({ data: Float32Array.of(5), shape: [] });
  expect(tensor([])).toEqual({ data: new Float32Array(0), shape: [0] });
});
