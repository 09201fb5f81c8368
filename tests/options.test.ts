import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  callbacks,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  schedules,
  sequential,
} from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";
import { uniform } from "./kernels/data.js";
import { distance, forward, samples, windowed } from "./nets.js";

/** Anything where TypeScript would not let it through. */
const any = (value: unknown) => value as never;

const { x, values } = samples(8);
const model = sequential([layers.dense(1, { inputShape: [4] })]);
model.compile({ optimizer: "sgd", loss: "mse" });
await model.ready();

const reduced = ["reduction", "name"];
const common = ["name", "trainable", "inputShape"];
const weighty = [
  "activation",
  "useBias",
  "kernelInitializer",
  "biasInitializer",
  "kernelRegularizer",
  "biasRegularizer",
  "kernelConstraint",
  "biasConstraint",
  "activityRegularizer",
];
/** of all optimizers */
const recurrent = [
  ...[
    ...common,
    "units",
    ...weighty,
    "recurrentInitializer",
    "recurrentRegularizer",
    "recurrentConstraint",
    "dropout",
    "recurrentDropout",
    "returnSequences",
  ],
  ...["goBackwards", "stateful", "zeroOutputForMask", "unroll", "seed"],
];
const training = [
  ...["learningRate", "weightDecay", "excludeFromWeightDecay", "clipnorm", "clipvalue", "globalClipnorm", "useEma", "emaMomentum"],
  ...["emaOverwriteFrequency", "gradientAccumulationSteps", "name"],
];
const decay = ["initialLearningRate", "decaySteps", "name"];
const running = ["batchSize", "steps", "verbose", "callbacks", "signal"];

const moved = ["fillMode", "interpolation", "seed", "fillValue"];
/** Layers of noise, augmentation and scaling: how they are made, and their own options. */
const noisyLayers: [string, (options: never) => Layer, string[]][] = [
  ["spatialDropout1d", options => layers.spatialDropout1d(0.5, options), ["rate", "seed"]],
  ["spatialDropout2d", options => layers.spatialDropout2d(0.5, options), ["rate", "seed"]],
  ["gaussianNoise", options => layers.gaussianNoise(0.5, options), ["stddev", "seed"]],
  ["gaussianDropout", options => layers.gaussianDropout(0.5, options), ["rate", "seed"]],
  ["alphaDropout", options => layers.alphaDropout(0.5, options), ["rate", "noiseShape", "seed"]],
  ["rescaling", options => layers.rescaling(0.5, options), ["scale", "offset"]],
  ["normalization", options => layers.normalization(options), ["axis", "mean", "variance", "invert"]],
  ["randomFlip", options => layers.randomFlip("horizontal", options), ["mode", "seed"]],
  ["randomRotation", options => layers.randomRotation(0.5, options), ["factor", ...moved]],
  ["randomTranslation", options => layers.randomTranslation(0.5, 0.5, options), ["heightFactor", "widthFactor", ...moved]],
  ["randomZoom", options => layers.randomZoom(0.5, options), ["heightFactor", "widthFactor", ...moved]],
  ["randomContrast", options => layers.randomContrast(0.5, options), ["factor", "valueRange", "seed"]],
];

const affine = [
  ...["epsilon", "center", "scale", "betaInitializer", "gammaInitializer", "betaRegularizer", "gammaRegularizer"],
  ...["betaConstraint", "gammaConstraint"],
];
/** Normalization, reshaping, and activations with options. */
const plainLayers: [string, (options: never) => Layer, string[]][] = [
  [
    "batchNormalization",
    options => layers.batchNormalization(options),
    [...affine, "axis", "momentum", "movingMeanInitializer", "movingVarianceInitializer"],
  ],
  ["layerNormalization", options => layers.layerNormalization(options), [...affine, "axis"]],
  ["groupNormalization", options => layers.groupNormalization(options), [...affine, "axis", "groups"]],
  ["rmsNormalization", options => layers.rmsNormalization(options), ["axis", "epsilon"]],
  ["unitNormalization", options => layers.unitNormalization(options), ["axis"]],
  ["reshape", options => layers.reshape([1], options), ["targetShape"]],
  ["permute", options => layers.permute([1], options), ["dims"]],
  ["repeatVector", options => layers.repeatVector(1, options), ["n"]],
  ["relu", options => layers.relu(options), ["maxValue", "negativeSlope", "threshold"]],
  ["leakyRelu", options => layers.leakyRelu(options), ["negativeSlope"]],
  ["elu", options => layers.elu(options), ["alpha"]],
  ["prelu", options => layers.prelu(options), ["alphaInitializer", "alphaRegularizer", "alphaConstraint", "sharedAxes"]],
  ["softmax", options => layers.softmax(options), ["axis"]],
];

/** Everything that takes options: who speaks in its messages, how it is called, and all the options it has. */
const takers: [string, (options: object) => unknown, string[]][] = [
  ["input", options => layers.input(any({ shape: [1], name: "input", ...options })), [...common, "shape"]],
  ["dense", options => layers.dense(1, any({ name: "dense", ...options })), [...common, "units", ...weighty]],
  [
    "conv2d",
    options => layers.conv2d(1, 1, any({ name: "conv2d", ...options })),
    [...common, "filters", "kernelSize", "strides", "padding", "dilationRate", "groups", ...weighty],
  ],
  [
    "maxPooling2d",
    options => layers.maxPooling2d(2, any({ name: "maxPooling2d", ...options })),
    [...common, "poolSize", "strides", "padding"],
  ],
  ["flatten", options => layers.flatten(any({ name: "flatten", ...options })), common],
  ["dropout", options => layers.dropout(0.5, any({ name: "dropout", ...options })), [...common, "rate", "noiseShape", "seed"]],
  ...[...noisyLayers, ...plainLayers].map(([where, make, options]): [string, (options: object) => unknown, string[]] => [
    where,
    given => make(any({ name: where, ...given })),
    [...common, ...options],
  ]),
  ["simpleRnn", options => layers.simpleRnn(1, any({ name: "simpleRnn", ...options })), recurrent],
  ["lstm", options => layers.lstm(1, any({ name: "lstm", ...options })), [...recurrent, "recurrentActivation", "unitForgetBias"]],
  ["gru", options => layers.gru(1, any({ name: "gru", ...options })), [...recurrent, "recurrentActivation", "resetAfter"]],
  [
    "bidirectional",
    options => layers.bidirectional(layers.lstm(1), any({ name: "bidirectional", ...options })),
    [...common, "layer", "mergeMode", "backwardLayer"],
  ],
  ["activation", options => layers.activation("relu", any({ name: "activation", ...options })), [...common, "activation"]],
  ["sgd", options => optimizers.sgd(options), [...training, "momentum", "nesterov"]],
  ["rmsprop", options => optimizers.rmsprop(options), [...training, "rho", "momentum", "epsilon", "centered"]],
  ["adam", options => optimizers.adam(options), [...training, "beta1", "beta2", "epsilon", "amsgrad"]],
  ["adamw", options => optimizers.adamW(options), [...training, "beta1", "beta2", "epsilon", "amsgrad"]],
  ["adagrad", options => optimizers.adagrad(options), [...training, "initialAccumulatorValue", "epsilon"]],
  ["adadelta", options => optimizers.adadelta(options), [...training, "rho", "epsilon"]],
  ["adamax", options => optimizers.adamax(options), [...training, "beta1", "beta2", "epsilon"]],
  ["nadam", options => optimizers.nadam(options), [...training, "beta1", "beta2", "epsilon"]],
  ["lion", options => optimizers.lion(options), [...training, "beta1", "beta2"]],
  [
    "ftrl",
    options => optimizers.ftrl(options),
    [
      ...[...training, "learningRatePower", "initialAccumulatorValue", "l1RegularizationStrength", "l2RegularizationStrength"],
      ...["l2ShrinkageRegularizationStrength", "beta"],
    ],
  ],
  ["exponentialDecay", options => schedules.exponentialDecay(any(options)), [...decay, "decayRate", "staircase"]],
  ["inverseTimeDecay", options => schedules.inverseTimeDecay(any(options)), [...decay, "decayRate", "staircase"]],
  ["piecewiseConstantDecay", options => schedules.piecewiseConstantDecay(any(options)), ["boundaries", "values", "name"]],
  ["polynomialDecay", options => schedules.polynomialDecay(any(options)), [...decay, "endLearningRate", "power", "cycle"]],
  ["cosineDecay", options => schedules.cosineDecay(any(options)), [...decay, "alpha", "warmupTarget", "warmupSteps"]],
  [
    "cosineDecayRestarts",
    options => schedules.cosineDecayRestarts(any(options)),
    ["initialLearningRate", "firstDecaySteps", "tMul", "mMul", "alpha", "name"],
  ],
  ["huber", options => losses.huber(options), ["delta", ...reduced]],
  ["binaryCrossentropy", options => losses.binaryCrossentropy(options), ["fromLogits", "labelSmoothing", ...reduced]],
  ["categoricalCrossentropy", options => losses.categoricalCrossentropy(options), ["fromLogits", "labelSmoothing", ...reduced]],
  ["sparseCategoricalCrossentropy", options => losses.sparseCategoricalCrossentropy(options), ["fromLogits", "ignoreClass", ...reduced]],
  ["binaryAccuracy", options => metrics.binaryAccuracy(options), ["threshold", "name"]],
  ["categoricalAccuracy", options => metrics.categoricalAccuracy(options), ["name"]],
  ["sparseCategoricalAccuracy", options => metrics.sparseCategoricalAccuracy(options), ["name"]],
  ["l1", options => regularizers.l1(options), ["l1"]],
  ["l2", options => regularizers.l2(options), ["l2"]],
  ["l1l2", options => regularizers.l1l2(options), ["l1", "l2"]],
  ["maxNorm", options => constraints.maxNorm(options), ["maxValue", "axis"]],
  ["unitNorm", options => constraints.unitNorm(options), ["axis"]],
  ["minMaxNorm", options => constraints.minMaxNorm(options), ["minValue", "maxValue", "rate", "axis"]],
  ["varianceScaling", options => initializers.varianceScaling(options), ["scale", "mode", "distribution", "seed"]],
  ["constant", options => initializers.constant(options), ["value"]],
  ["randomNormal", options => initializers.randomNormal(options), ["mean", "stddev", "seed"]],
  ["randomUniform", options => initializers.randomUniform(options), ["minval", "maxval", "seed"]],
  ["truncatedNormal", options => initializers.truncatedNormal(options), ["mean", "stddev", "seed"]],
  ["orthogonal", options => initializers.orthogonal(options), ["gain", "seed"]],
  ["identity", options => initializers.identity(options), ["gain"]],
  ["glorotUniform", options => initializers.glorotUniform(options), ["seed"]],
  ["glorotNormal", options => initializers.glorotNormal(options), ["seed"]],
  ["heUniform", options => initializers.heUniform(options), ["seed"]],
  ["heNormal", options => initializers.heNormal(options), ["seed"]],
  ["lecunUniform", options => initializers.lecunUniform(options), ["seed"]],
  ["lecunNormal", options => initializers.lecunNormal(options), ["seed"]],
  [
    "earlyStopping",
    options => callbacks.earlyStopping(options),
    ["monitor", "minDelta", "patience", "verbose", "mode", "baseline", "restoreBestWeights", "startFromEpoch"],
  ],
  ["sequential", options => sequential([], options), ["name", "trainable"]],
  [
    "compile",
    options => model.compile(any({ optimizer: "sgd", loss: "mse", ...options })),
    ["optimizer", "loss", "metrics", "weightedMetrics"],
  ],
  [
    "fit",
    options => model.fit(x, values, any({ verbose: 0, ...options })),
    [
      ...["epochs", "batchSize", "stepsPerEpoch", "validationSplit", "validationData", "validationBatchSize", "validationSteps"],
      ...["validationFreq", "shuffle"],
      ...["classWeight", "sampleWeight", "initialEpoch", "verbose", "callbacks", "signal"],
    ],
  ],
  ["evaluate", options => model.evaluate(x, values, any({ verbose: 0, ...options })), [...running, "sampleWeight"]],
  ["predict", options => model.predict(x, any({ verbose: 0, ...options })), running],
  ["predictSync", options => model.predictSync(x, options), ["batchSize"]],
  ["trainOnBatch", options => model.trainOnBatch(x, values, options), ["sampleWeight", "classWeight"]],
  ["testOnBatch", options => model.testOnBatch(x, values, options), ["sampleWeight"]],
  ["explain", options => model.explain(options), ["batchSize", "training"]],
  ["summary", options => model.summary({ print: () => {}, ...options }), ["lineLength", "showTrainable", "expandNested", "print"]],
];

/** The error's message, thrown or in a promise. */
const messageOf = (run: () => unknown) =>
  Promise.resolve()
    .then(run)
    .then(
      () => "no error",
      error => (error as Error).message,
    );

describe("options", () => {
  test.each(takers)("of $0: a name that is far from all of them is answered by the list", async (where, call, options) => {
    const message = await messageOf(() => call({ qqqqqqqqqqqq: 1 }));
    const [, known] = new RegExp(`^${where}: unknown option "qqqqqqqqqqqq"\\. Known: (.*)\\.$`).exec(message) ?? [];
    expect(known?.split(", ").sort(), message).toEqual([...options].sort());
  });

  test.each(takers)("of $0: a misspelt one is answered by the right one", async (where, call, options) => {
    for (const option of options.filter(option => option.length > 3)) {
      const slips = [option.slice(0, -1), option.slice(0, 2) + option.slice(3), `${option}s`, option.toUpperCase()];
      const snake = option.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
      for (const slip of [...slips, snake].filter(slip => !options.includes(slip))) {
        expect(await messageOf(() => call({ [slip]: 1 }))).toBe(
          `${where}: unknown option "${slip}". Did you mean "${slip === "beta" ? "beta1" : option}"?`,
        );
      }
    }
  });

  test.each([
    ["dense", (given: unknown) => layers.dense(1, any(given))],
    ["conv2d", (given: unknown) => layers.conv2d(1, 1, any(given))],
    ["maxPooling2d", (given: unknown) => layers.maxPooling2d(1, any(given))],
    ["dropout", (given: unknown) => layers.dropout(0.5, any(given))],
    ["activation", (given: unknown) => layers.activation("relu", any(given))],
    ["flatten", (given: unknown) => layers.flatten(any(given))],
    ["input", (given: unknown) => layers.input(any(given))],
    ["adam", (given: unknown) => optimizers.adam(any(given))],
    ["sgd", (given: unknown) => optimizers.sgd(any(given))],
    ["l2", (given: unknown) => regularizers.l2(any(given))],
    ["huber", (given: unknown) => losses.huber(any(given))],
    ["constant", (given: unknown) => initializers.constant(any(given))],
    ["earlyStopping", (given: unknown) => callbacks.earlyStopping(any(given))],
    ["fit", (given: unknown) => model.fit(x, values, any(given))],
    ["evaluate", (given: unknown) => model.evaluate(x, values, any(given))],
    ["predict", (given: unknown) => model.predict(x, any(given))],
    ["compile", (given: unknown) => model.compile(any(given))],
    ["sequential", (given: unknown) => sequential([], any(given))],
  ])("of %s must be an object", async (where, call) => {
    for (const [given, shown] of [
      [0.001, "0.001"],
      ["relu", '"relu"'],
      [null, "null"],
      [[1], "[1]"],
      [true, "true"],
      [() => 1, "a function"],
    ]) {
      expect(await messageOf(() => call(given))).toBe(`${where}: expected an object of options, got ${shown}.`);
    }
  });
});

describe("values of options", () => {
  const numbers = ["0", 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, true, 3n, {}, [], "two"];
  const positive = numbers;
  const pairs = [...numbers, [1], [1, 2, 3], [1, 0], [1, "1"], [1, null]];
  const share = ["0.5", -0.1, 1.1, Number.NaN, null, true, {}, [0.5]];
  const least0 = ["1", -1e-9, Number.NaN, Number.POSITIVE_INFINITY, null, true, {}, [1]];
  const booleans = [0, 1, "true", null, {}, []];
  const shapes = [4, "4", {}, [0], [-1], [1.5], [null], ["4"], [Number.NaN], [[4]]];
  const seeds = [-1, 1.5, Number.NaN, "1", 2 ** 53, true, {}];
  const names = ["rellu", "", 5, true, [], new Float32Array(1), {}, () => 1, { className: "Rellu" }, { className: 5 }];
  const noises = [1, "1", {}, [0], [-1], [1.5], ["1"], [Number.NaN], [[1]], true];
  const anything = ["1", Number.NaN, Number.POSITIVE_INFINITY, null, true, {}, ["1"], [1, Number.NaN]];
  const factors = ["0.5", 1.1, -1.1, Number.NaN, null, true, {}, [0.5], [0, 0.5, 1], [0, "1"], [-2, 0], [0, null]];
  const falling = { initialLearningRate: 1, decaySteps: 1, decayRate: 1 };
  const turning = { initialLearningRate: 1, firstDecaySteps: 1 };
  const without = (list: unknown[], ...allowed: unknown[]) => list.filter(item => !allowed.includes(item));

  const table: [string, string, unknown[], (value: unknown) => unknown][] = [
    ...(["dense", "conv2d"] as const).flatMap(kind => {
      const make = (option: string) => (value: unknown) =>
        kind === "dense"
          ? layers.dense(1, any({ name: kind, [option]: value }))
          : layers.conv2d(1, 1, any({ name: kind, [option]: value }));
      const options: [string, unknown[]][] = [
        ["activation", names],
        ["kernelInitializer", [...names, null]],
        ["biasInitializer", [...names, null]],
        ["kernelRegularizer", names],
        ["kernelConstraint", names],
        ["biasConstraint", names],
        ["biasRegularizer", names],
        ["activityRegularizer", names],
        ["useBias", booleans],
        ["trainable", booleans],
        ["inputShape", [...shapes, null]],
      ];
      return options.map(([option, wrong]): [string, string, unknown[], (value: unknown) => unknown] => [
        kind,
        option,
        wrong,
        make(option),
      ]);
    }),
    ["dense", "units", [...positive, undefined], value => layers.dense(any(value), { name: "dense" })],
    ["conv2d", "filters", [...positive, undefined], value => layers.conv2d(any(value), 1, { name: "conv2d" })],
    ["conv2d", "kernelSize", [...pairs, undefined], value => layers.conv2d(1, any(value), { name: "conv2d" })],
    ["conv2d", "strides", pairs, value => layers.conv2d(1, 1, any({ name: "conv2d", strides: value }))],
    ["conv2d", "dilationRate", pairs, value => layers.conv2d(1, 1, any({ name: "conv2d", dilationRate: value }))],
    ["conv2d", "groups", positive, value => layers.conv2d(1, 1, any({ name: "conv2d", groups: value }))],
    ["conv2d", "padding", ["Same", "full", "", 0, null, []], value => layers.conv2d(1, 1, any({ name: "conv2d", padding: value }))],
    ["maxPooling2d", "poolSize", pairs, value => layers.maxPooling2d(any(value), { name: "maxPooling2d" })],
    ["maxPooling2d", "strides", without(pairs, null), value => layers.maxPooling2d(1, any({ name: "maxPooling2d", strides: value }))],
    [
      "maxPooling2d",
      "padding",
      ["Same", "full", "", 0, null, []],
      value => layers.maxPooling2d(1, any({ name: "maxPooling2d", padding: value })),
    ],
    ["dropout", "rate", [...share, undefined], value => layers.dropout(any(value), { name: "dropout" })],
    ["dropout", "seed", seeds, value => layers.dropout(0.5, any({ name: "dropout", seed: value }))],
    ["dropout", "noiseShape", noises, value => layers.dropout(0.5, any({ name: "dropout", noiseShape: value }))],
    ["alphaDropout", "noiseShape", noises, value => layers.alphaDropout(0.5, any({ name: "alphaDropout", noiseShape: value }))],
    ...(["alphaDropout", "gaussianDropout"] as const).map((kind): [string, string, unknown[], (value: unknown) => unknown] => [
      kind,
      "rate",
      [...share, 1, undefined],
      value => layers[kind](any(value), { name: kind }),
    ]),
    ["gaussianNoise", "stddev", [...share, undefined], value => layers.gaussianNoise(any(value), { name: "gaussianNoise" })],
    ["spatialDropout1d", "rate", [...share, undefined], value => layers.spatialDropout1d(any(value), { name: "spatialDropout1d" })],
    ["spatialDropout2d", "rate", [...share, undefined], value => layers.spatialDropout2d(any(value), { name: "spatialDropout2d" })],
    ["rescaling", "scale", [...anything, undefined], value => layers.rescaling(any(value), { name: "rescaling" })],
    ["rescaling", "offset", anything, value => layers.rescaling(1, any({ name: "rescaling", offset: value }))],
    [
      "normalization",
      "axis",
      ["1", 1.5, Number.NaN, true, {}, [1.5], ["1"]],
      value => layers.normalization(any({ name: "normalization", axis: value })),
    ],
    ["normalization", "invert", booleans, value => layers.normalization(any({ name: "normalization", invert: value }))],
    [
      "normalization",
      "mean",
      [[1, 2], [[1]]],
      value => layers.normalization(any({ name: "normalization", axis: 1, mean: value, variance: [[1]] })),
    ],
    ["randomFlip", "mode", ["Horizontal", "both", "", 0, null, []], value => layers.randomFlip(any(value), { name: "randomFlip" })],
    ["randomRotation", "factor", [...factors, undefined], value => layers.randomRotation(any(value), { name: "randomRotation" })],
    [
      "randomTranslation",
      "heightFactor",
      [...factors, undefined],
      value => layers.randomTranslation(any(value), 0, { name: "randomTranslation" }),
    ],
    [
      "randomTranslation",
      "widthFactor",
      [...factors, undefined],
      value => layers.randomTranslation(0, any(value), { name: "randomTranslation" }),
    ],
    ["randomZoom", "heightFactor", [...factors, -1, [-1, 0], undefined], value => layers.randomZoom(any(value), { name: "randomZoom" })],
    [
      "randomZoom",
      "widthFactor",
      without([...factors, -1, [0, -1]], null),
      value => layers.randomZoom(0, any({ name: "randomZoom", widthFactor: value })),
    ],
    ["randomContrast", "factor", [...factors, -0.1, undefined], value => layers.randomContrast(any(value), { name: "randomContrast" })],
    [
      "randomContrast",
      "valueRange",
      [1, "1", null, [], [1], [1, 2, 3], [0, "1"], [0, Number.NaN]],
      value => layers.randomContrast(0.5, any({ name: "randomContrast", valueRange: value })),
    ],
    [
      "randomZoom",
      "fillMode",
      ["Wrap", "mirror", "", 0, null],
      value => layers.randomZoom(0, any({ name: "randomZoom", fillMode: value })),
    ],
    [
      "randomZoom",
      "interpolation",
      ["cubic", "", 0, null],
      value => layers.randomZoom(0, any({ name: "randomZoom", interpolation: value })),
    ],
    ["randomZoom", "fillValue", ["0", Number.NaN, null, [0]], value => layers.randomZoom(0, any({ name: "randomZoom", fillValue: value }))],
    ...noisyLayers
      .filter(([, , options]) => options.includes("seed"))
      .map(([kind, make]): [string, string, unknown[], (value: unknown) => unknown] => [
        kind,
        "seed",
        seeds,
        value => make(any({ name: kind, seed: value })),
      ]),
    ...plainLayers.flatMap(([kind, make, options]) => {
      const wrong: Record<string, unknown[]> = {
        epsilon: least0,
        center: booleans,
        scale: booleans,
        momentum: share,
        axis: [
          "1",
          1.5,
          Number.NaN,
          null,
          true,
          {},
          ...(kind.startsWith("batch") || kind.startsWith("group") ? [[1]] : [[], ["1"], [1.5]]),
        ],
        groups: [...without(positive, -1), -2],
        negativeSlope: least0,
        threshold: least0,
        maxValue: without(least0, null),
        alpha: least0,
        sharedAxes: ["1", 0, -1, 1.5, true, {}, [0], ["1"]],
      };
      const known = [
        ...options.filter(option => option in wrong),
        ...options.filter(option => /[a-z](Initializer|Constraint)$/.test(option)),
      ];
      return known.map((option): [string, string, unknown[], (value: unknown) => unknown] => [
        kind,
        option,
        wrong[option] ?? names,
        value => make(any({ name: kind, [option]: value })),
      ]);
    }),
    [
      "reshape",
      "targetShape",
      [1, "1", null, undefined, {}, [0], [-2], [1.5], ["1"], [-1, -1], [null]],
      value => layers.reshape(any(value), { name: "reshape" }),
    ],
    [
      "permute",
      "dims",
      [1, "1", null, undefined, {}, [], [0], [2], [1, 1], [1, 3], ["1"], [0, 1]],
      value => layers.permute(any(value), { name: "permute" }),
    ],
    ["repeatVector", "n", [...positive, undefined], value => layers.repeatVector(any(value), { name: "repeatVector" })],
    ["activation", "activation", [...names, undefined], value => layers.activation(any(value), { name: "activation" })],
    ["input", "shape", [...shapes, undefined, null], value => layers.input(any({ name: "input", shape: value }))],
    ["Dense", "name", ["", "a/b", 5, true, {}, []], value => layers.dense(1, any({ name: value }))],
    ["sequential", "name", ["", "a/b", 5, true, {}, []], value => sequential([], any({ name: value }))],
    ["sgd", "learningRate", least0, value => optimizers.sgd(any({ learningRate: value }))],
    ["sgd", "momentum", share, value => optimizers.sgd(any({ momentum: value }))],
    ["sgd", "nesterov", booleans, value => optimizers.sgd(any({ nesterov: value }))],
    ["adam", "learningRate", least0, value => optimizers.adam(any({ learningRate: value }))],
    ["adam", "beta1", share, value => optimizers.adam(any({ beta1: value }))],
    ["adam", "beta2", share, value => optimizers.adam(any({ beta2: value }))],
    ["adam", "epsilon", least0, value => optimizers.adam(any({ epsilon: value }))],
    ["adam", "amsgrad", booleans, value => optimizers.adam(any({ amsgrad: value }))],
    ["rmsprop", "rho", share, value => optimizers.rmsprop(any({ rho: value }))],
    ["rmsprop", "momentum", share, value => optimizers.rmsprop(any({ momentum: value }))],
    ["rmsprop", "centered", booleans, value => optimizers.rmsprop(any({ centered: value }))],
    ["adagrad", "initialAccumulatorValue", least0, value => optimizers.adagrad(any({ initialAccumulatorValue: value }))],
    ["ftrl", "learningRatePower", [0.5, "1", Number.NaN, null], value => optimizers.ftrl(any({ learningRatePower: value }))],
    ["ftrl", "l1RegularizationStrength", least0, value => optimizers.ftrl(any({ l1RegularizationStrength: value }))],
    ["sgd", "weightDecay", without(least0, null), value => optimizers.sgd(any({ weightDecay: value }))],
    ["sgd", "clipnorm", without(least0, null), value => optimizers.sgd(any({ clipnorm: value }))],
    ["sgd", "clipvalue", without(least0, null), value => optimizers.sgd(any({ clipvalue: value }))],
    ["sgd", "globalClipnorm", without(least0, null), value => optimizers.sgd(any({ globalClipnorm: value }))],
    ["sgd", "useEma", booleans, value => optimizers.sgd(any({ useEma: value }))],
    ["sgd", "emaMomentum", share, value => optimizers.sgd(any({ emaMomentum: value }))],
    ["sgd", "emaOverwriteFrequency", without(positive, null), value => optimizers.sgd(any({ emaOverwriteFrequency: value }))],
    ["sgd", "gradientAccumulationSteps", [1, 2.5, "2", true], value => optimizers.sgd(any({ gradientAccumulationSteps: value }))],
    ["sgd", "excludeFromWeightDecay", ["bias", [1], null], value => optimizers.sgd(any({ excludeFromWeightDecay: value }))],
    ["exponentialDecay", "decaySteps", [...least0, 0], value => schedules.exponentialDecay(any({ ...falling, decaySteps: value }))],
    ["inverseTimeDecay", "decayRate", least0, value => schedules.inverseTimeDecay(any({ ...falling, decayRate: value }))],
    ["inverseTimeDecay", "staircase", booleans, value => schedules.inverseTimeDecay(any({ ...falling, staircase: value }))],
    ["polynomialDecay", "power", least0, value => schedules.polynomialDecay(any({ initialLearningRate: 1, decaySteps: 1, power: value }))],
    ["cosineDecay", "initialLearningRate", least0, value => schedules.cosineDecay(any({ initialLearningRate: value, decaySteps: 1 }))],
    ["cosineDecayRestarts", "tMul", [0.5, "2", null], value => schedules.cosineDecayRestarts(any({ ...turning, tMul: value }))],
    [
      "piecewiseConstantDecay",
      "boundaries",
      [1, null, undefined],
      value => schedules.piecewiseConstantDecay(any({ values: [1], boundaries: value })),
    ],
    ["huber", "delta", least0, value => losses.huber(any({ delta: value }))],
    ["binaryCrossentropy", "fromLogits", booleans, value => losses.binaryCrossentropy(any({ fromLogits: value }))],
    ["categoricalCrossentropy", "labelSmoothing", share, value => losses.categoricalCrossentropy(any({ labelSmoothing: value }))],
    ["sparseCategoricalCrossentropy", "fromLogits", booleans, value => losses.sparseCategoricalCrossentropy(any({ fromLogits: value }))],
    ["binaryAccuracy", "threshold", share, value => metrics.binaryAccuracy(any({ threshold: value }))],
    ["l1", "l1", least0, value => regularizers.l1(any({ l1: value }))],
    ["l2", "l2", least0, value => regularizers.l2(any({ l2: value }))],
    ["l1l2", "l2", least0, value => regularizers.l1l2(any({ l2: value }))],
    ["maxNorm", "maxValue", least0, value => constraints.maxNorm(any({ maxValue: value }))],
    ["maxNorm", "axis", ["1", 1.5, null, true, {}, [], ["1"], [0, 0]], value => constraints.maxNorm(any({ axis: value }))],
    ["unitNorm", "axis", ["1", 1.5, null, true, {}, [], ["1"], [0, 0]], value => constraints.unitNorm(any({ axis: value }))],
    ["minMaxNorm", "minValue", least0, value => constraints.minMaxNorm(any({ minValue: value }))],
    ["minMaxNorm", "maxValue", [...least0, 0.5], value => constraints.minMaxNorm(any({ minValue: 0.7, maxValue: value }))],
    ["minMaxNorm", "rate", share, value => constraints.minMaxNorm(any({ rate: value }))],
    ["varianceScaling", "scale", [...least0, 0], value => initializers.varianceScaling(any({ scale: value }))],
    ["varianceScaling", "mode", ["in", "", 1, null], value => initializers.varianceScaling(any({ mode: value }))],
    ["varianceScaling", "distribution", ["even", "", 1, null], value => initializers.varianceScaling(any({ distribution: value }))],
    ["constant", "value", ["1", Number.NaN, Number.POSITIVE_INFINITY, null, true, []], value => initializers.constant(any({ value }))],
    ["randomNormal", "stddev", least0, value => initializers.randomNormal(any({ stddev: value }))],
    ["randomUniform", "minval", ["1", Number.NaN, null, true, []], value => initializers.randomUniform(any({ minval: value }))],
    ["truncatedNormal", "mean", ["1", Number.NaN, null, true, []], value => initializers.truncatedNormal(any({ mean: value }))],
    ["glorotUniform", "seed", seeds, value => initializers.glorotUniform(any({ seed: value }))],
    ["explain", "batchSize", positive, value => model.explain(any({ batchSize: value }))],
    ["explain", "training", booleans, value => model.explain(any({ training: value }))],
  ];

  test.each(table)("%s: %s is refused by name", async (where, option, wrong, make) => {
    for (const value of wrong) {
      const message = await messageOf(() => make(value));
      expect(
        message.startsWith(`${where}: ${option} `) || message.startsWith(`${where}: unknown ${option} `),
        `${String(value)}: ${message}`,
      ).toBe(true);
    }
  });

  test("both together: strides with dilation, filters with groups", () => {
    expect(() => layers.conv2d(4, 3, { name: "it", strides: [1, 2], dilationRate: 2 })).toThrow(
      new Error("it: strides over 1 do not go with a dilationRate over 1, got [1, 2] and [2, 2]."),
    );
    expect(() => layers.conv2d(3, 3, { name: "it", groups: 2 })).toThrow(new Error("it: filters must be a multiple of groups (2), got 3."));
  });
});

describe("names", () => {
  test.each([
    ["activation", ["linear", "relu", "leaky_relu", "leakyRelu", "sigmoid", "tanh", "softmax", null]],
    ["kernelRegularizer", ["l1", "l2", "L2", "l1_l2", "L1L2", "l1l2", null]],
    [
      "kernelInitializer",
      [
        ...[
          "zeros",
          "ones",
          "constant",
          "random_normal",
          "RandomNormal",
          "random_uniform",
          "truncated_normal",
          "glorot_uniform",
          "GlorotNormal",
        ],
        ...["he_normal", "heUniform", "lecun_normal", "LecunUniform", "normal", "uniform", "zero", "one"],
      ],
    ],
  ])("of %s are accepted in Keras's spellings", (option, given) => {
    for (const name of given) expect(() => layers.dense(1, any({ [option]: name })), String(name)).not.toThrow();
  });

  test.each([
    ["rellu", "relu"],
    ["leaky_rellu", "leakyRelu"],
    ["sofmax", "softmax"],
    ["tahn", "tanh"],
  ])("%s is answered by %s", (given, meant) => {
    expect(() => layers.dense(1, { name: "it", activation: given })).toThrow(
      new Error(`it: unknown activation "${given}". Did you mean "${meant}"?`),
    );
  });

  test("that belong to every object are no names", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      expect(() => layers.dense(1, { name: "it", activation: name })).toThrow(/^it: unknown activation/);
      expect(() => model.compile({ optimizer: name, loss: "mse" })).toThrow(/^compile: unknown optimizer/);
    }
  });
});

describe("stacks of layers that nobody thought of", () => {
  const padding = fc.constantFrom("valid" as const, "same" as const);
  const activation = fc.constantFrom("linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax");
  const size = fc.integer({ min: 1, max: 4 });
  const window = fc.oneof(size, fc.tuple(size, size));
  const step = fc.integer({ min: 1, max: 3 });
  const weights = { activation, useBias: fc.boolean(), biasInitializer: fc.constant("random_normal") };
  const plain = fc.record({ strides: fc.oneof(step, fc.tuple(step, step)), padding, groups: fc.constantFrom(1, 2), ...weights });
  const dilated = fc.record({ dilationRate: fc.oneof(step, fc.tuple(step, step)), padding, groups: fc.constantFrom(1, 2), ...weights });
  const conv = fc.tuple(fc.integer({ min: 1, max: 10 }), window, fc.oneof(plain, dilated)).map(([half, kernelSize, options]) => {
    const filters = half * options.groups;
    return () => layers.conv2d(filters, kernelSize, options);
  });
  const pool = fc.tuple(window, fc.record({ strides: fc.oneof(fc.constant(null), step, fc.tuple(step, step)), padding })).map(
    ([poolSize, options]) =>
      () =>
        layers.maxPooling2d(poolSize, options),
  );
  const dropout = fc.constant(() => layers.dropout(0.5));
  const apart = activation.map(name => () => layers.activation(name));
  const dense = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.record(weights)).map(
    ([units, options]) =>
      () =>
        layers.dense(units, options),
  );
  const images = fc.record({
    shape: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 })),
    stack: fc
      .tuple(
        fc.array(fc.oneof(conv, conv, pool, dropout, apart, dense), { maxLength: 3 }),
        fc.array(fc.oneof(dense, apart), { maxLength: 2 }),
      )
      .map(([before, after]) => [...before, () => layers.flatten(), ...after]),
    batch: fc.integer({ min: 1, max: 6 }),
  });

  /** Keras's shape behind a layer; null where the layer cannot be. */
  function shapeBehind(layer: Layer, shape: readonly number[]): number[] | null {
    // biome-ignore lint/suspicious/noExplicitAny: every class has options of its own
    const options = layer.options as any;
    if (layer.className === "Flatten") return [shape.reduce((a, b) => a * b, 1)];
    if (layer.className === "Dense") return [...shape.slice(0, -1), options.units];
    if (layer.className === "Dropout" || layer.className === "Activation") return [...shape];
    if (shape[2] % (options.groups ?? 1) !== 0) return null;
    const [rows, columns] = [0, 1].map(axis => {
      const of = (value: number | number[]) => (Array.isArray(value) ? value[axis] : value);
      const window = of(options.kernelSize ?? options.poolSize);
      return windowed(shape[axis], window, of(options.strides ?? options.poolSize), of(options.dilationRate ?? 1), options.padding).out;
    });
    return rows < 1 || columns < 1 ? null : [rows, columns, options.filters ?? shape[2]];
  }

  test("have Keras's shapes, or name the layer that does not fit", () => {
    let refused = 0;
    fc.assert(
      fc.property(images, ({ shape, stack }) => {
        const made = stack.map(make => make());
        const shapes: (number[] | null)[] = [shape];
        for (const layer of made) shapes.push(shapes.at(-1) ? shapeBehind(layer, shapes.at(-1)!) : null);
        const wrong = shapes.indexOf(null);
        if (wrong < 0) {
          const model = sequential([layers.input({ shape }), ...made]);
          expect(model.layers.map(({ outputShape }) => outputShape)).toEqual(shapes.slice(1));
          expect(model.outputShape).toEqual([null, ...shapes.at(-1)!]);
          return;
        }
        refused++;
        expect(() => sequential([layers.input({ shape }), ...made])).toThrow(new RegExp(`^${made[wrong - 1].name}: `));
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  test("predict what float64 predicts, batch by batch", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(images, fc.integer({ min: 1, max: 7 }), async ({ shape, stack, batch }, batchSize) => {
        const made = stack.map(make => make());
        let fits: number[] | null = shape;
        for (const layer of made) fits &&= shapeBehind(layer, fits);
        fc.pre(fits !== null);
        const model = sequential([layers.input({ shape }), ...made]);
        const input = { data: uniform(batch * shape[0] * shape[1] * shape[2], ++run), shape: [batch, ...shape] };
        const expected = forward(model, input);
        const got = await model.predict(input, { batchSize });
        expect(got.shape).toEqual(expected.shape);
        expect(distance(got.data, expected.data)).toBeLessThan(2e-5);
      }),
      { numRuns: 120, seed: 2 },
    );
    expect(run).toBeGreaterThan(60);
  });

  test("learn: a small step against the gradient lowers the loss by the square of its length", async () => {
    let run = 0;
    let steep = 0;
    const smooth = fc.constantFrom("linear", "sigmoid", "tanh", "softmax");
    const weights = { activation: smooth, useBias: fc.boolean() };
    const conv = fc.tuple(size, window, fc.record({ strides: step, padding: fc.constant("same" as const), ...weights })).map(
      ([filters, kernelSize, options]) =>
        () =>
          layers.conv2d(filters, kernelSize, options),
    );
    const dense = fc.tuple(size, fc.record(weights)).map(
      ([units, options]) =>
        () =>
          layers.dense(units, options),
    );
    const nets = fc.record({
      body: fc.array(fc.oneof(conv, dense), { minLength: 1, maxLength: 3 }),
      head: dense,
      batch: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(nets, async ({ body, head, batch }) => {
        const model = sequential([layers.input({ shape: [4, 5, 2] }), ...body.map(make => make()), layers.flatten(), head()]);
        await model.ready();
        const input = { data: uniform(batch * 40, ++run), shape: [batch, 4, 5, 2] };
        const output = model.predictSync(input);
        const labels = { data: output.data.map((y, i) => y + 3 * Math.sin(i)), shape: output.shape };
        const before = model.getWeights();
        const rate = 1e-3;
        model.compile({ optimizer: optimizers.sgd({ learningRate: rate }), loss: "mse" });
        const { loss } = model.trainOnBatch(input, labels);
        const after = model.getWeights();
        const squares = before.map(({ data }, t) => data.reduce((sum, w, i) => sum + ((w - after[t].data[i]) / rate) ** 2, 0));
        const slope = squares.reduce((a, b) => a + b, 0);
        const lossAt = (share: number) => {
          model.setWeights(before.map(({ data, shape }, t) => ({ shape, data: data.map((w, i) => w + share * (after[t].data[i] - w)) })));
          const y = forward(model, input).data;
          return y.reduce((sum, v, i) => sum + (v - labels.data[i]) ** 2, 0) / y.length;
        };
        expect(distance([loss], [lossAt(0)])).toBeLessThan(1e-5);
        const measured = (lossAt(-1) - lossAt(1)) / (2 * rate);
        expect(Math.abs(measured - slope)).toBeLessThan(0.02 * slope + 1e-3);
        if (slope > 0.05) steep++;
      }),
      { numRuns: 60, seed: 3 },
    );
    expect(steep).toBeGreaterThan(40);
  });
});
