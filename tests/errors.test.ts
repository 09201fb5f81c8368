import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  callbacks,
  constraints,
  initializers,
  layers,
  metrics,
  optimizers,
  type Sequential,
  sequential,
  setSeed,
  tensor,
  utils,
} from "../js/index.js";
import { uniform } from "./kernels/data.js";
import { bits, samples, stateOf } from "./nets.js";

const { x, values, classes, oneHot } = samples(20);
const quiet = { verbose: 0 } as const;

/** Anything where TypeScript would not let it through. */
const any = (value: unknown) => value as never;

/** The samples with one number replaced. */
function spoilt(at: number, value: number) {
  const data = Float64Array.from(x.data);
  data[at] = value;
  return data;
}
const spoiltLabels = (at: number, label: number) => classes.map((own, i) => (i === at ? label : own));

function net(name: string, units: number, activation: string, loss: string): Sequential {
  const model = sequential(
    [layers.dense(3, { inputShape: [4], name: "a", activation: "tanh" }), layers.dense(units, { activation, name: "b" })],
    { name },
  );
  model.compile({ optimizer: "adam", loss });
  return model;
}

const model = net("net", 1, "linear", "mse");
const classifier = net("classifier", 3, "softmax", "categorical_crossentropy");
const sparse = net("sparse", 3, "softmax", "sparse_categorical_crossentropy");
const models = [model, classifier, sparse];

/** Runs what must fail with exactly this message, and must leave every model as it was. */
async function refused(run: () => unknown, message: string) {
  const before = models.map(stateOf);
  const outcome = await Promise.resolve()
    .then(run)
    .then(
      () => "no error",
      error => error,
    );
  expect(outcome).toBeInstanceOf(Error);
  expect(outcome).not.toBeInstanceOf(TypeError);
  expect((outcome as Error).message).toBe(message);
  expect(models.map(stateOf)).toEqual(before);
}

beforeAll(async () => {
  await model.fit(x, values, { epochs: 2, ...quiet });
  await classifier.fit(x, oneHot, { epochs: 2, ...quiet });
  await sparse.fit(x, classes, { epochs: 2, ...quiet });
});

describe("inputs are refused:", () => {
  const noData = (got: string) => `x: expected a tensor, nested arrays or a typed array, got ${got}`;
  const inputs: [string, unknown, string][] = [
    ["another number of features", [[1, 2, 3]], "x: expected shape (None, 4), got (1, 3)."],
    ["another rank", { data: new Float32Array(16), shape: [1, 4, 4] }, "x: expected shape (None, 4), got (1, 4, 4)."],
    ["one sample alone", [1, 2, 3, 4], "x: expected shape (None, 4), got (4,). One sample alone has the shape (1, 4)."],
    ["a number alone", tensor(5), "x: expected shape (None, 4), got ()."],
    ["a part of a sample", new Float32Array(7), "x: expected samples of 4 numbers, (None, 4), got an array of 7."],
    ["no samples", new Float32Array(0), "x holds no samples."],
    ["an empty array", [], "x: expected shape (None, 4), got (0,)."],
    ["text", "abc", noData('"abc".')],
    ["nothing", undefined, noData("undefined.")],
    ["null", null, noData("null.")],
    ["an object", { values: [1] }, noData("an object.")],
    ["a DataView", new DataView(new ArrayBuffer(16)), noData("a DataView.")],
    ["big integers", BigInt64Array.of(1n), noData("a BigInt64Array. Float64Array.from(values, Number) makes numbers of it.")],
    ["nested big integers", [[1n, 2n, 3n, 4n]], "x: expected a number at [0, 0], got 1n."],
    [
      "strings",
      [
        [1, 2, 3, 4],
        [1, 2, "3", 4],
      ],
      'x: expected a number at [1, 2], got "3".',
    ],
    ["null in place of a number", [[1, null, 3, 4]], "x: expected a number at [0, 1], got null."],
    ["booleans", [[true, false, true, false]], "x: expected a number at [0, 0], got true."],
    ["typed arrays in an array", [Float32Array.of(1, 2, 3, 4)], "x: expected a number at [0], got a Float32Array."],
    [
      "rows of different lengths",
      [
        [1, 2, 3, 4],
        [1, 2, 3],
      ],
      "x: rows differ in length: expected 4 elements at [1], got 3 elements.",
    ],
    ["a number among rows", [[1, 2, 3, 4], 5], "x: rows differ in length: expected 4 elements at [1], got 5."],
    ["a tensor of a plain array", { data: [1, 2, 3, 4], shape: [1, 4] }, "x: a tensor's data must be a typed array, got [1, 2, 3, 4]."],
    [
      "a tensor without a shape",
      { data: new Float32Array(4), shape: "1,4" },
      `x: a tensor's shape must be an array of whole numbers, got "1,4".`,
    ],
    [
      "a tensor that holds too few numbers",
      { data: new Float32Array(3), shape: [1, 4] },
      "x: a tensor of shape (1, 4) must hold 4 numbers, got 3.",
    ],
    ["NaN", spoilt(14, Number.NaN), "x: sample 3 holds NaN. Remove or replace such values first."],
    ["Infinity", spoilt(79, Number.NEGATIVE_INFINITY), "x: sample 19 holds -Infinity. Remove or replace such values first."],
    ["what float32 does not hold", spoilt(0, 1e39), "x: sample 0 holds 1e+39, too large for float32. Remove or replace such values first."],
  ];

  test.each(inputs)("%s", async (_, given, message) => {
    await refused(() => model.predict(any(given)), `predict: ${message}`);
    await refused(() => model.predictSync(any(given)), `predictSync: ${message}`);
    await refused(() => model.predictOnBatch(any(given)), `predictOnBatch: ${message}`);
    await refused(() => model.fit(any(given), values, quiet), `fit: ${message}`);
    await refused(() => model.evaluate(any(given), values, quiet), `evaluate: ${message}`);
    await refused(() => model.trainOnBatch(any(given), values), `trainOnBatch: ${message}`);
    await refused(() => model.testOnBatch(any(given), values), `testOnBatch: ${message}`);
    await refused(() => model.fit(x, values, any({ validationData: [given, values], ...quiet })), `fit: validationData: ${message}`);
  });
});

describe("labels are refused:", () => {
  const oneNumber =
    'y: expected labels of shape (None, 3), got one number a sample. For numbers of classes use the loss "sparse_categorical_crossentropy", ' +
    "or utils.toCategorical(y, 3).";
  const oneHots =
    'y: expected the number of a class for each sample, got 3 numbers. For one-hot labels use the loss "categorical_crossentropy".';
  const bytes = { data: oneHot.data.map(v => 255 * v), shape: [20, 3] };
  const first = oneHot.data.indexOf(1);

  test.each<[string, Sequential, unknown, string]>([
    ["fewer than samples", model, values.slice(1), " x has 20 samples, but y has 19."],
    ["of two columns for one unit", model, values.map(([v]) => [v, v]), " y: expected shape (None, 1), got (20, 2)."],
    [
      "names",
      sparse,
      classes.map(c => ["cat", "dog", "owl"][c]),
      ` y: expected a number at [0], got "${["cat", "dog", "owl"][classes[0]]}".`,
    ],
    ["none", model, undefined, " y: expected a tensor, nested arrays or a typed array, got undefined."],
    ["NaN", model, values.map((row, i) => (i === 7 ? [Number.NaN] : row)), " y: sample 7 holds NaN. Remove or replace such values first."],
    ["classes for a loss of one-hot rows", classifier, classes, ` ${oneNumber}`],
    ["classes as bytes for a loss of one-hot rows", classifier, Uint8Array.from(classes), ` ${oneNumber}`],
    ["classes in a column for a loss of one-hot rows", classifier, classes.map(c => [c]), ` ${oneNumber}`],
    ["one-hot rows for a loss of classes", sparse, oneHot, ` ${oneHots}`],
    ["flat one-hot rows for a loss of classes", sparse, oneHot.data, ` ${oneHots}`],
    ["a class that is none", sparse, spoiltLabels(5, 3), " y: expected classes from 0 to 2, got 3 at sample 5."],
    ["a negative class", sparse, spoiltLabels(6, -1), " y: expected classes from 0 to 2, got -1 at sample 6."],
    ["half a class", sparse, spoiltLabels(7, 0.5), " y: expected classes from 0 to 2, got 0.5 at sample 7."],
    ["no number for a class", sparse, spoiltLabels(8, Number.NaN), " y: sample 8 holds NaN. Remove or replace such values first."],
    [
      "one-hot rows of 255",
      classifier,
      bytes,
      ` y: expected labels from 0 to 1 for categorical_crossentropy, got 255 at sample ${Math.floor(first / 3)}.`,
    ],
  ])("%s", async (_, model, given, message) => {
    await refused(() => model.fit(x, any(given), quiet), `fit:${message}`);
    await refused(() => model.evaluate(x, any(given), quiet), `evaluate:${message}`);
    await refused(() => model.trainOnBatch(x, any(given)), `trainOnBatch:${message}`);
    await refused(() => model.testOnBatch(x, any(given)), `testOnBatch:${message}`);
  });

  test("out of range for binary cross-entropy", async () => {
    const binary = sequential([layers.dense(1, { inputShape: [4], activation: "sigmoid" })]);
    binary.compile({ optimizer: "adam", loss: "binary_crossentropy" });
    await refused(
      () => binary.fit(x, classes, quiet),
      `fit: y: expected labels from 0 to 1 for binary_crossentropy, got 2 at sample ${classes.indexOf(2)}.`,
    );
  });
});

describe("weights of samples are refused:", () => {
  const weights = values.map(() => 1);
  test.each<[string, object, string]>([
    ["too few", { sampleWeight: [1, 2] }, "sampleWeight must hold 20 numbers, one a sample, got 2."],
    ["one number", { sampleWeight: 5 }, "sampleWeight must hold 20 numbers, one a sample, got 0."],
    ["NaN", { sampleWeight: weights.map((w, i) => (i === 3 ? Number.NaN : w)) }, "sampleWeight of sample 3 is NaN."],
    [
      "two kinds",
      { sampleWeight: weights, classWeight: { 0: 1 } },
      "classWeight and sampleWeight do not go together. Multiply them into sampleWeight.",
    ],
    ["a Map", { classWeight: new Map([[0, 1]]) }, "classWeight must be an object such as { 0: 1, 1: 20 }, got a Map."],
    ["a word", { classWeight: "balanced" }, 'classWeight must be an object such as { 0: 1, 1: 20 }, got "balanced".'],
    ["names of classes", { classWeight: { cat: 1 } }, "classWeight maps numbers of classes to weights, got cat: 1."],
    ["text", { classWeight: { 0: "1" } }, 'classWeight maps numbers of classes to weights, got 0: "1".'],
  ])("%s", async (_, options, message) => {
    await refused(() => sparse.fit(x, classes, any({ ...options, ...quiet })), `fit: ${message}`);
    await refused(() => sparse.trainOnBatch(x, classes, any(options)), `trainOnBatch: ${message}`);
  });

  test("of classes, where a sample has several labels", async () => {
    const rows = sequential([layers.dense(2, { inputShape: [3, 4], activation: "softmax" })]);
    rows.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
    const message = "fit: classWeight needs one label a sample, but the output has the shape (None, 3, 2).";
    await refused(() => rows.fit(new Float32Array(12), new Uint8Array(3), { classWeight: { 0: 2 }, ...quiet }), message);
  });

  test("of classes, in testOnBatch", async () => {
    const message = 'testOnBatch: unknown option "classWeight". Known: sampleWeight.';
    await refused(() => sparse.testOnBatch(x, classes, any({ classWeight: { 0: 1 } })), message);
  });
});

describe("arguments of fit are refused:", () => {
  test.each<[object, string]>([
    [{ epochs: 0 }, "epochs must be a positive integer, got 0."],
    [{ epochs: 1.5 }, "epochs must be a positive integer, got 1.5."],
    [{ epochs: Number.NaN }, "epochs must be a positive integer, got NaN."],
    [{ epochs: 5n }, "epochs must be a positive integer, got 5n."],
    [{ epochs: "5" }, 'epochs must be a positive integer, got "5".'],
    [{ batchSize: -32 }, "batchSize must be a positive integer, got -32."],
    [{ initialEpoch: -1 }, "initialEpoch must be an integer of at least 0, got -1."],
    [{ validationBatchSize: 0 }, "validationBatchSize must be a positive integer, got 0."],
    [{ validationSplit: 2 }, "validationSplit must be a number between 0 and 1, got 2."],
    [{ validationSplit: 1 }, "validationSplit of 1 leaves 0 samples for training and 20 for validation. Both need some."],
    [{ validationSplit: 1e-20 }, "validationSplit of 1e-20 leaves 20 samples for training and 0 for validation. Both need some."],
    [{ validationData: { x, values } }, "validationData must be an array, got an object."],
    [{ validationData: [x] }, "validationData must be [x, y] or [x, y, sampleWeight], got 1 elements."],
    [{ validationData: [x, values.slice(1)] }, "validationData: x has 20 samples, but y has 19."],
    [{ validationFreq: 0 }, "validationFreq must be a positive integer, got 0."],
    [{ validationFreq: [1, "2"] }, 'validationFreq must be a positive integer, got "2".'],
    [{ shuffle: "batch" }, 'shuffle must be true or false, got "batch".'],
    [{ verbose: 3 }, 'verbose must be 0, 1, 2 or "auto", got 3.'],
    [{ callbacks: callbacks.earlyStopping() }, "callbacks must be an array, got an EarlyStopping."],
    [{ signal: new AbortController() }, "signal must be an AbortSignal, got an AbortController."],
    [{ validation_split: 0.5 }, 'unknown option "validation_split". Did you mean "validationSplit"?'],
    [
      { learningRate: 0.5 },
      'unknown option "learningRate". Known: epochs, batchSize, stepsPerEpoch, validationSplit, validationData, validationBatchSize, ' +
        "validationSteps, validationFreq, shuffle, classWeight, sampleWeight, initialEpoch, verbose, callbacks, signal.",
    ],
  ])("%o", async (options, message) => {
    await refused(() => model.fit(x, values, any({ ...quiet, ...options })), `fit: ${message}`);
  });

  test("callbacks that are none", async () => {
    const message = "callbacks: expected objects with hooks, got a function.";
    await refused(() => model.fit(x, values, any({ callbacks: [callbacks.earlyStopping], ...quiet })), message);
    await refused(() => model.evaluate(x, values, any({ callbacks: [callbacks.earlyStopping], ...quiet })), message);
    await refused(() => model.predict(x, any({ callbacks: [callbacks.earlyStopping] })), message);
  });
});

describe("order matters:", () => {
  const fresh = sequential([layers.dense(1, { inputShape: [4] })], { name: "fresh" });
  const empty = sequential([], { name: "empty" });
  const shapeless = sequential([layers.dense(1)], { name: "shapeless" });
  const compileFirst = 'compile() the model first, such as model.compile({ optimizer: "adam", loss: "mse" }).';
  const noShape = "shapeless does not know its input's shape. Give the first layer an inputShape.";

  test.each<[string, () => unknown, string]>([
    ["fit before compile", () => fresh.fit(x, values, quiet), `fit: ${compileFirst}`],
    ["evaluate before compile", () => fresh.evaluate(x, values, quiet), `evaluate: ${compileFirst}`],
    ["trainOnBatch before compile", () => fresh.trainOnBatch(x, values), `trainOnBatch: ${compileFirst}`],
    ["testOnBatch before compile", () => fresh.testOnBatch(x, values), `testOnBatch: ${compileFirst}`],
    ["the optimizer before compile", () => fresh.optimizer, `optimizer: ${compileFirst}`],
    ["explain of training before compile", () => fresh.explain({ training: true }), `explain: ${compileFirst}`],
    ["predict without layers", () => empty.predict(x), "predict: empty has no layers."],
    ["pop without layers", () => empty.pop(), "empty: there is no layer to pop."],
    ["weights before a shape", () => shapeless.getWeights(), `getWeights: ${noShape}`],
    ["countParams before a shape", () => shapeless.countParams(), `countParams: ${noShape}`],
    ["ready before a shape", () => shapeless.ready(), `ready: ${noShape}`],
    ["a flat array before a shape", () => shapeless.predict(x.data), `predict: ${noShape}`],
    ["a layer that is not there", () => model.getLayer("c"), 'net: no layer "c". Layers: a, b.'],
    ["a place that is not there", () => model.getLayer(2), "net: no layer 2. Layers: a, b."],
  ])("%s", (_, run, message) => refused(run, message));

  test("nothing synchronous runs before ready()", async () => {
    const model = net("unready", 1, "linear", "mse");
    const before = stateOf(model);
    for (const method of ["predictSync", "predictOnBatch", "trainOnBatch", "testOnBatch"] as const) {
      expect(() =>
        model[method](x, any(values.length > 0 && method.endsWith("OnBatch") && method !== "predictOnBatch" ? values : undefined)),
      ).toThrow(new Error(`${method}: the kernels are not loaded yet. Await model.ready() first.`));
    }
    expect(stateOf(model)).toEqual(before);
    await model.ready();
    expect(model.predictSync(x).shape).toEqual([20, 1]);
  });

  test("nothing changes a model that is being trained", async () => {
    const wait = "net is being trained. Await the fit() that runs first.";
    const running = model.fit(x, values, { epochs: 2, ...quiet });
    const add = layers.dense(1);
    await expect(model.fit(x, values, quiet)).rejects.toThrow(new Error(`fit: ${wait}`));
    expect(() => model.add(add)).toThrow(new Error(`add: ${wait}`));
    expect(() => model.pop()).toThrow(new Error(`pop: ${wait}`));
    expect(() => model.compile({ optimizer: "sgd", loss: "mse" })).toThrow(new Error(`compile: ${wait}`));
    expect((await running).epoch).toEqual([0, 1]);
    expect((await model.fit(x, values, quiet)).epoch).toEqual([0]);
  });

  test("a fit that failed does not block the next one", async () => {
    const fails = { callbacks: [{ onEpochBegin: () => Promise.reject(new Error("mine")) }], ...quiet };
    await expect(model.fit(x, values, fails)).rejects.toThrow(new Error("mine"));
    expect((await model.fit(x, values, quiet)).epoch).toEqual([0]);
  });
});

describe("layers that do not fit are refused:", () => {
  const image = (height: number, width: number, channels: number) => ({ inputShape: [height, width, channels], name: "it" });
  const taken = layers.dense(1, { name: "taken" });
  sequential([taken], { name: "owner" });

  test.each<[string, () => unknown, string]>([
    ["no layer", () => sequential(any(layers.dense(3)), { name: "new" }), "new: layers must be an array, got a Dense."],
    ["a hole", () => sequential(any([undefined]), { name: "new" }), "new: add() takes a layer such as layers.dense(10), got undefined."],
    [
      "a factory",
      () => sequential(any([layers.flatten]), { name: "new" }),
      "new: add() takes a layer such as layers.dense(10), got a function.",
    ],
    [
      "two layers of one name",
      () => sequential([layers.dense(1, { name: "twin" }), layers.flatten({ name: "twin" })], { name: "new" }),
      'new: two layers are called "twin". Names must be unique.',
    ],
    [
      "a layer of another model",
      () => sequential([taken], { name: "new" }),
      "new: taken belongs to owner already. Make a new layer, and setWeights().",
    ],
    [
      "the same layer twice",
      () => {
        const layer = layers.flatten({ name: "it" });
        sequential([layer, layer], { name: "new" });
      },
      'new: two layers are called "it". Names must be unique.',
    ],
    [
      "a late input",
      () => sequential([layers.flatten(), layers.input({ shape: [4] })], { name: "new" }),
      "new: an input must be the first layer.",
    ],
    [
      "dense on numbers",
      () => sequential([layers.dense(1, { name: "it" })]).predict([1, 2]),
      "it: expected input of shape (None, features), got (None,).",
    ],
    [
      "images without channels",
      () => sequential([layers.conv2d(3, 3, { inputShape: [28, 28], name: "it" })]),
      "it: expected input of shape (None, height, width, channels), got (None, 28, 28). A grey image is [height, width, 1].",
    ],
    [
      "a convolution after flatten",
      () => sequential([layers.flatten({ inputShape: [6, 6, 1] }), layers.conv2d(3, 3, { name: "it" })]),
      "it: expected input of shape (None, height, width, channels), got (None, 36). A grey image is [height, width, 1].",
    ],
    [
      "pooling after flatten",
      () => sequential([layers.flatten({ inputShape: [6, 6, 1] }), layers.maxPooling2d(2, { name: "it" })]),
      "it: expected input of shape (None, height, width, channels), got (None, 36). Pooling belongs between convolutions, before flatten().",
    ],
    [
      "a kernel that is too large",
      () => sequential([layers.conv2d(3, [5, 2], image(4, 9, 1))]),
      'it: a 5x2 kernel does not fit into an input of 4x9. A smaller kernelSize, or padding "same", does.',
    ],
    [
      "a window that is too large",
      () => sequential([layers.maxPooling2d(5, image(9, 4, 1))]),
      "it: a 5x5 window does not fit into an input of 9x4. A smaller poolSize does.",
    ],
    [
      "channels that do not part into groups",
      () => sequential([layers.conv2d(4, 3, { groups: 2, ...image(5, 5, 3) })]),
      "it: the input's 3 channels must be a multiple of groups (2).",
    ],
    [
      "another shape than it was built for",
      () => model.build([5]),
      "net: build: the input's shape is (None, 4) already, got (None, 5). Make a new model.",
    ],
    [
      "a popped layer in another place",
      () => {
        const first = sequential([layers.dense(1, { inputShape: [4], name: "it" })]);
        sequential([layers.input({ shape: [3] }), first.pop()]);
      },
      "it: it was built for input of shape (None, 4), got (None, 3). Make a new layer.",
    ],
    [
      "an axis that is not there",
      () => sequential([layers.batchNormalization({ axis: 2, inputShape: [4], name: "it" })]),
      "it: axis 2 does not fit an input of shape (None, 4). Axis 0 is the batch.",
    ],
    [
      "the batch as an axis",
      () => sequential([layers.layerNormalization({ axis: [0, 1], inputShape: [4], name: "it" })]),
      "it: axis [0, 1] does not fit an input of shape (None, 4). Axis 0 is the batch.",
    ],
    [
      "an axis named twice",
      () => sequential([layers.unitNormalization({ axis: [-1, 1], inputShape: [4], name: "it" })]),
      "it: axis [-1, 1] does not fit an input of shape (None, 4). Axis 0 is the batch.",
    ],
    [
      "axes that take too many turns",
      () => sequential([layers.layerNormalization({ axis: [1, 3], inputShape: [2, 2, 2, 2], name: "it" })]),
      "it: axes that axis names and others may take turns thrice at most. Add permute() before it.",
    ],
    [
      "channels that are no multiple of groups",
      () => sequential([layers.groupNormalization({ inputShape: [4, 6], name: "it" })]),
      "it: the input's 6 channels must be a multiple of groups, got 32.",
    ],
    [
      "a shape of another size",
      () => sequential([layers.reshape([3, 2], { inputShape: [4, 2], name: "it" })]),
      "it: 8 numbers, of an input of shape (None, 4, 2), do not fit a targetShape of [3, 2]. The sizes must agree.",
    ],
    [
      "a shape with a rest",
      () => sequential([layers.reshape([3, -1], { inputShape: [4, 2], name: "it" })]),
      "it: 8 numbers, of an input of shape (None, 4, 2), do not fit a targetShape of [3, -1]. The sizes must agree.",
    ],
    [
      "an order of other axes",
      () => sequential([layers.permute([2, 1], { inputShape: [4], name: "it" })]),
      "it: expected input of shape (None, axis 1, axis 2), got (None, 4). dims must name every axis of a sample once.",
    ],
    [
      "an order of five axes",
      () => sequential([layers.permute([2, 1, 3, 4, 5], { inputShape: [1, 2, 3, 4, 5], name: "it" })]),
      "it: 4 axes can be permuted, got [2, 1, 3, 4, 5].",
    ],
    [
      "a sequence to be repeated",
      () => sequential([layers.repeatVector(3, { inputShape: [4, 2], name: "it" })]),
      "it: expected input of shape (None, features), got (None, 4, 2). Add flatten() before it.",
    ],
    [
      "slopes shared along no axis",
      () => sequential([layers.prelu({ sharedAxes: [1, 3], inputShape: [4, 2], name: "it" })]),
      "it: sharedAxes [1, 3] do not fit an input of shape (None, 4, 2). Axis 0 is the batch.",
    ],
    [
      "a sum along the first of five axes",
      () => sequential([layers.softmax({ axis: 1, inputShape: [1, 2, 3, 4, 5], name: "it" })]),
      "it: of an input of over 4 axes, axis must name the last ones, got 1.",
    ],
    [
      "a constraint along an axis that a weight has not",
      () => sequential([layers.dense(3, { kernelConstraint: constraints.maxNorm({ axis: 2 }), inputShape: [4], name: "it" })]),
      "it: kernel: the constraint's axis 2 does not fit its shape [4, 3].",
    ],
    [
      "moments at each step",
      () => layers.timeDistributed(layers.batchNormalization({ name: "inner" }), { name: "it" }),
      "it: inner would have moments of its own at each step. Use batchNormalization() by itself.",
    ],
    [
      "more memory than there is",
      () => sequential([layers.dense(2 ** 20, { inputShape: [2 ** 12] })]),
      "The model needs 16389 MiB, which this runtime does not give. Fewer units or filters need less.",
    ],
  ])("%s", (_, run, message) => refused(run, message));

  test("more memory than there is, after which the model works on", async () => {
    const small = net("small", 1, "linear", "mse");
    const wide = { data: new Float32Array(2 ** 16 * 4), shape: [2 ** 16, 4] };
    const before = await small.predict(x);
    const state = stateOf(small);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("no more memory");
    });
    try {
      const message = "The model needs 2 MiB, which this runtime does not give. A smaller batchSize needs less.";
      await expect(small.predict(wide, { batchSize: 2 ** 16 })).rejects.toThrow(new Error(message));
      expect(await small.predict(x)).toEqual(before);
      await small.fit(x, values, quiet);
    } finally {
      grow.mockRestore();
    }
    expect(state.optimizer).toBeNull();
    expect((await small.predict(wide, { batchSize: 2 ** 16 })).shape).toEqual([2 ** 16, 1]);
  });

  test("gradients that have no room, after which the model predicts as before", async () => {
    const large = sequential([layers.dense(1000, { inputShape: [64] })]);
    large.compile({ optimizer: "adam", loss: "mse" });
    const rows = { data: uniform(8 * 64), shape: [8, 64] };
    const before = await large.predict(rows);
    const y = new Float32Array(8 * 1000);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("no more memory");
    });
    try {
      const message = "The model needs 1 MiB, which this runtime does not give. Fewer units or filters need less.";
      await expect(large.fit(rows, y, quiet)).rejects.toThrow(new Error(message));
      expect(bits([await large.predict(rows)])).toEqual(bits([before]));
      expect(large.getOptimizerState()).toBeNull();
    } finally {
      grow.mockRestore();
    }
    await large.fit(rows, y, quiet);
    expect(large.getOptimizerState()?.iterations).toBe(1);
  });
});

describe("labels that a metric does not fit are refused:", () => {
  const help = 'utils.toCategorical(y, 3) makes such labels, for the loss "categorical_crossentropy".';
  test.each<[string, string, unknown]>([
    ["mse", "sparse_categorical_crossentropy", `mse: expected a label for each of 3 outputs, got numbers of classes. ${help}`],
    [
      "binary_accuracy",
      "sparse_categorical_crossentropy",
      `binary_accuracy: expected a label for each of 3 outputs, got numbers of classes. ${help}`,
    ],
    [
      "categorical_accuracy",
      "sparse_categorical_crossentropy",
      'categorical_accuracy: expected one-hot labels, got numbers of classes. Ask for "sparse_categorical_accuracy".',
    ],
    [
      "sparse_categorical_accuracy",
      "categorical_crossentropy",
      'sparse_categorical_accuracy: expected numbers of classes, got one-hot labels. Ask for "categorical_accuracy".',
    ],
  ])("%s", async (metric, loss, message) => {
    const other = net("other", 3, "softmax", loss);
    other.compile({ optimizer: "adam", loss, metrics: [metric] });
    const before = stateOf(other);
    const y = loss.startsWith("sparse") ? classes : oneHot;
    await refused(() => other.fit(x, y, quiet), message as string);
    await refused(() => other.evaluate(x, y, quiet), message as string);
    expect(stateOf(other)).toEqual(before);
  });
});

describe("compile refuses", () => {
  test.each<[string, unknown, string]>([
    ["a misspelt optimizer", { optimizer: "adamm", loss: "mse" }, 'unknown optimizer "adamm". Did you mean "adam"?'],
    [
      "an unknown optimizer",
      { optimizer: "genetic", loss: "mse" },
      'unknown optimizer "genetic". Known: sgd, rmsprop, adam, adamw, adagrad, adadelta, adamax, nadam, lion, ftrl.',
    ],
    [
      "an optimizer that was not called",
      { optimizer: optimizers.adam, loss: "mse" },
      'optimizer must be a name such as "sgd" or an object for it, got a function.',
    ],
    ["null", { optimizer: null, loss: "mse" }, 'optimizer must be a name such as "sgd" or an object for it, got null.'],
    [
      "a misspelt loss",
      { optimizer: "adam", loss: "categorical_cross_entropy" },
      'unknown loss "categorical_cross_entropy". Did you mean "categoricalCrossentropy"?',
    ],
    ["a number for a loss", { optimizer: "adam", loss: 5 }, 'loss must be a name such as "meanSquaredError" or an object for it, got 5.'],
    [
      "a metric for a loss",
      { optimizer: "adam", loss: metrics.binaryAccuracy() },
      'unknown loss "BinaryAccuracy". Known: meanSquaredError, meanAbsoluteError, meanAbsolutePercentageError, ' +
        "meanSquaredLogarithmicError, huber, logCosh, poisson, cosineSimilarity, binaryCrossentropy, categoricalCrossentropy, " +
        "sparseCategoricalCrossentropy, binaryFocalCrossentropy, categoricalFocalCrossentropy, klDivergence, hinge, squaredHinge, " +
        "categoricalHinge, dice, tversky, circle, ctc, categoricalGeneralizedCrossEntropy, mse, mae, mape, msle, bce, kld, kldivergence, logcosh.",
    ],
    ["one metric without an array", { optimizer: "adam", loss: "mse", metrics: "accuracy" }, 'metrics must be an array, got "accuracy".'],
    ["a misspelt metric", { optimizer: "adam", loss: "mse", metrics: ["acuracy"] }, 'unknown metric "acuracy". Did you mean "accuracy"?'],
    ["a misspelt option", { optimizer: "adam", loss: "mse", metric: [] }, 'unknown option "metric". Did you mean "metrics"?'],
    ["a name alone", "adam", 'expected an object of options, got "adam".'],
  ])("%s", (_, options, message) => refused(() => model.compile(any(options)), `compile: ${message}`));
});

describe("weights and states are refused:", () => {
  test.each<[string, () => unknown, string]>([
    ["too few", () => model.setWeights([]), "setWeights: expected 4 tensors, got 0."],
    ["none", () => model.setWeights(any(undefined)), "setWeights: weights must be an array, got undefined."],
    [
      "of another shape, behind one that fits",
      () => model.setWeights(model.getWeights().map((w, i) => (i === 1 ? tensor([1, 2]) : { ...w, data: w.data.map(v => v + 1) }))),
      "setWeights: a/bias (number 1): expected a tensor of shape (3,), got shape (2,) with 2 numbers.",
    ],
    [
      "that hold too little",
      () => model.setWeights(model.getWeights().map(({ shape }) => ({ data: new Float32Array(1), shape }))),
      "setWeights: a/kernel (number 0): expected a tensor of shape (4, 3), got shape (4, 3) with 1 numbers.",
    ],
    [
      "typed arrays",
      () => model.setWeights(any(model.getWeights().map(({ data }) => data))),
      "setWeights: a/kernel (number 0): expected a tensor of shape (4, 3), got a Float32Array.",
    ],
    [
      "no state",
      () => model.setOptimizerState(any(undefined)),
      "setOptimizerState: iterations must be an integer of at least 0, got undefined.",
    ],
    [
      "a state of another optimizer",
      () => model.setOptimizerState({ iterations: 1, seed: 1, tensors: {} }),
      "setOptimizerState: momentum/a/kernel: expected a tensor of shape (4, 3), got undefined.",
    ],
    [
      "a state with another number of steps",
      () => model.setOptimizerState({ ...model.getOptimizerState()!, iterations: Number.NaN }),
      "setOptimizerState: iterations must be an integer of at least 0, got NaN.",
    ],
  ])("%s", (_, run, message) => refused(run, message));
});

describe("a loss that is no number ends training at once:", () => {
  const hidden = () => layers.dense(4, { inputShape: [4], activation: "relu", name: "hidden", kernelInitializer: "ones" });
  const compiled = (last: ReturnType<typeof layers.dense>, learningRate: number) => {
    const model = sequential([hidden(), last]);
    model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "mse" });
    return model;
  };
  const out = (kernelInitializer: Parameters<typeof layers.dense>[1] = {}) => layers.dense(1, { name: "out", ...kernelInitializer });

  test("the step and the layer are named, and the weights are those from before the step", async () => {
    setSeed(1);
    const model = compiled(out(), 1e30);
    let last: unknown;
    const watch = { onTrainBatchEnd: () => void (last = bits(model.getWeights())) };
    const message =
      "The loss became Infinity at step 2: it comes from the output of out. A smaller learningRate, or inputs scaled to about 1, may help.";
    await expect(model.fit(x, values, { epochs: 5, callbacks: [watch], ...quiet })).rejects.toThrow(new Error(message));
    expect(bits(model.getWeights())).toEqual(last);
    expect(model.getOptimizerState()?.iterations).toBe(1);
    expect(model.history).toBeNull();
    model.optimizer.learningRate = 0.01;
    model.setWeights(model.getWeights().map(({ data, shape }) => ({ data: data.map(() => 0.1), shape })));
    expect((await model.fit(x, values, quiet)).history.loss[0]).toBeLessThan(10);
  });

  test("an output that overflows at the first step", async () => {
    const model = compiled(out({ kernelInitializer: initializers.constant({ value: 3e38 }) }), 0.01);
    const before = stateOf(model);
    const message =
      "The loss became Infinity at step 1: it comes from the output of out. A smaller learningRate, or inputs scaled to about 1, may help.";
    await expect(model.fit({ data: x.data.map(v => 100 * v), shape: x.shape }, values, quiet)).rejects.toThrow(new Error(message));
    expect(stateOf(model)).toEqual(before);
    await model.ready();
    expect(() => model.trainOnBatch({ data: x.data.map(v => 100 * v), shape: x.shape }, values)).toThrow(new Error(message));
    expect(stateOf(model)).toEqual(before);
  });

  test("an update that broke a weight", async () => {
    const model = compiled(out(), 0.01);
    const weights = model.getWeights();
    weights[2].data[1] = Number.NaN;
    model.setWeights(weights);
    const message = "The loss became NaN at step 1: the last update broke out/kernel. A smaller learningRate may help.";
    await expect(model.fit(x, values, quiet)).rejects.toThrow(new Error(message));
  });

  test("labels that are too large", async () => {
    const model = compiled(out(), 0.01);
    const before = stateOf(model);
    const message =
      "The loss became Infinity at step 1: every layer's output is finite, but the loss of these labels and weights is not. Labels scaled to about 1 may help.";
    await expect(
      model.fit(
        x,
        values.map(([v]) => 1e30 * v),
        quiet,
      ),
    ).rejects.toThrow(new Error(message));
    expect(stateOf(model)).toEqual(before);
  });

  test("evaluate reports it as it is", async () => {
    const model = compiled(out(), 0.01);
    expect(
      (
        await model.evaluate(
          x,
          values.map(([v]) => 1e30 * v),
          quiet,
        )
      ).loss,
    ).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("functions beside the model refuse", () => {
  test.each<[string, () => unknown, string]>([
    ["a negative seed", () => setSeed(-1), "setSeed: seed must be an integer of at least 0, got -1."],
    ["a seed of text", () => setSeed(any("1")), 'setSeed: seed must be an integer of at least 0, got "1".'],
    ["a shape of another size", () => tensor([1, 2, 3], [2, 2]), "tensor: shape (2, 2) holds 4 elements, got 3."],
    ["a negative shape", () => tensor([1, 2], [-1, -2]), "tensor: a shape is an array of whole numbers, got [-1, -2]."],
    ["ragged rows", () => tensor([[1, 2], [3]]), "tensor: rows differ in length: expected 2 elements at [1], got 1 elements."],
    ["text", () => tensor(any([["a"]])), 'tensor: expected a number at [0, 0], got "a".'],
    [
      "a class that is none",
      () => utils.toCategorical([0, 1, 5], 3),
      "toCategorical: labels must be whole numbers from 0 to 2, got 5 at 2.",
    ],
    ["a negative class", () => utils.toCategorical([0, -1]), "toCategorical: labels must be whole numbers from 0 to 0, got -1 at 1."],
  ])("%s", (_, run, message) => refused(run, message));
});

test("a runtime without WebAssembly is told so", async () => {
  vi.resetModules();
  const { layers, sequential } = await import("../js/index.js");
  vi.stubGlobal("WebAssembly", { Memory: WebAssembly.Memory, validate: () => false });
  try {
    const message =
      "wasmind needs WebAssembly SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer), which this runtime does not have.";
    await expect(sequential([layers.dense(1, { inputShape: [4] })]).predict(x)).rejects.toThrow(new Error(message));
  } finally {
    vi.unstubAllGlobals();
  }
});
