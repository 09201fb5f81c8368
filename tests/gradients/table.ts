import { type Layer, layers } from "../../js/index.js";

/** A layer whose way back is worth a check of its own. */
export interface GradientCase {
  make: () => Layer | Layer[];
  /** shape of a sample */
  input: readonly number[];
  /** in front of it; default: nothing */
  before?: Layer[];
  /** so many numbers; default: in ±1 without pattern */
  x?: (size: number) => Float32Array;
  /** a weight that has nothing to work on: its gradient must be 0 */
  idle?: string;
  /** whether the input's gradient is checked, too; default true */
  moved?: boolean;
}

const fill = (size: number, f: (i: number) => number) => Float32Array.from({ length: size }, (_, i) => f(i));

/** Neighbours differ by 0.1 or more, and none is nearer to 0 than 0.05: no step of the check gets over a kink or makes another one the largest. */
const apart = (size: number) => fill(size, i => (((i * 17) % 37) - 18) * 0.1 + 0.05);

/** Sequences with steps of zeros, the last of them nothing else. */
const gaps = (steps: number, features: number) => (size: number) =>
  fill(size, i => {
    const [sample, step] = [Math.floor(i / (steps * features)), Math.floor(i / features) % steps];
    return sample === 2 || (sample + 2 * step) % 3 === 0 ? 0 : Math.sin(1 + i * i) + 2;
  });

const sequence = [5, 3];
const image = [6, 5, 2];
const masked = (make: () => Layer): GradientCase => ({ make, input: sequence, before: [layers.masking()], x: gaps(5, 3) });
const of =
  (input: readonly number[], x?: GradientCase["x"]) =>
  (make: GradientCase["make"]): GradientCase => ({ make, input, x });
const onSequence = of(sequence);
const onImage = of(image);
const onPeaks = of(image, apart);

type Options = NonNullable<Parameters<typeof layers.simpleRnn>[1]>;

/** What all recurrent layers can do. */
function recurrent(make: (units: number, options?: Options) => Layer): Record<string, GradientCase> {
  return {
    last: onSequence(() => make(4)),
    sequences: onSequence(() => make(9, { returnSequences: true })),
    "backwards, whole panels": onSequence(() => make(8, { goBackwards: true, returnSequences: true })),
    "no bias": onSequence(() => make(4, { useBias: false })),
    "other activation": onSequence(() => make(4, { activation: "sigmoid" })),
    stateful: onSequence(() => make(4, { stateful: true })),
    "one step": { make: () => make(4), input: [1, 3], idle: "recurrent_kernel" },
    regularized: onSequence(() =>
      make(4, { kernelRegularizer: "l2", recurrentRegularizer: "l2", biasRegularizer: "l2", activityRegularizer: "l2" }),
    ),
    "dropped inputs": onSequence(() => make(4, { dropout: 0.4, returnSequences: true, seed: 2 })),
    "dropped states": onSequence(() => make(5, { recurrentDropout: 0.4, seed: 3 })),
    "dropped inputs and states": onSequence(() =>
      make(8, { dropout: 0.3, recurrentDropout: 0.3, returnSequences: true, goBackwards: true }),
    ),
    masked: masked(() => make(4)),
    "masked sequences": masked(() => make(4, { returnSequences: true })),
    "masked, zeros": masked(() => make(4, { returnSequences: true, zeroOutputForMask: true, goBackwards: true })),
  };
}

/** What convolutions with a kernel can do. */
function convolution(make: (options: object) => Layer, input: readonly number[]): Record<string, GradientCase> {
  const on = of(input);
  return {
    valid: on(() => make({})),
    "same, strides": on(() => make({ padding: "same", strides: 2 })),
    dilation: on(() => make({ padding: "same", dilationRate: 2 })),
    "activation, no bias": on(() => make({ activation: "tanh", useBias: false })),
    regularized: on(() => make({ biasRegularizer: "l2", activityRegularizer: "l2" })),
  };
}

const smooth = [
  "sigmoid",
  "tanh",
  "softmax",
  "gelu",
  "silu",
  "softplus",
  "mish",
  "log_softmax",
  "exponential",
  "tanh_shrink",
  "squareplus",
];
const kinked = ["relu", "leaky_relu", "elu", "selu", "softsign", "hard_sigmoid"];

/** A row for each factory of `layers`. */
export const rows: Record<string, Record<string, GradientCase>> = {
  dense: {
    linear: of([5])(() => layers.dense(3)),
    "wide, tanh": of([17])(() => layers.dense(19, { activation: "tanh" })),
    "softmax, no bias": of([5])(() => layers.dense(4, { activation: "softmax", useBias: false })),
    gelu: of([5])(() => layers.dense(4, { activation: "gelu" })),
    "of steps": onSequence(() => layers.dense(4, { activation: "sigmoid" })),
    regularized: of([5])(() => layers.dense(3, { kernelRegularizer: "l2", biasRegularizer: "l2", activityRegularizer: "l2" })),
  },
  activation: {
    ...Object.fromEntries(smooth.map(name => [name, of([5])(() => layers.activation(name))])),
    ...Object.fromEntries(kinked.map(name => [name, of([5], apart)(() => layers.activation(name))])),
  },
  relu: {
    plain: of([5], apart)(() => layers.relu()),
    "with a top, slope and threshold": of([5], apart)(() => layers.relu({ maxValue: 1.3, negativeSlope: 0.2, threshold: 0.3 })),
  },
  leakyRelu: { slope: of([5], apart)(() => layers.leakyRelu({ negativeSlope: 0.4 })) },
  prelu: {
    "a slope each": of([2, 5], apart)(() => layers.prelu({ alphaInitializer: "ones" })),
    "shared along an axis": of([3, 4, 2], apart)(() => layers.prelu({ sharedAxes: [1, 2] })),
  },
  elu: { alpha: of([5], apart)(() => layers.elu({ alpha: 0.7 })) },
  softmax: {
    "last axis": onSequence(() => layers.softmax()),
    "first axis": onSequence(() => layers.softmax({ axis: 1 })),
    "masked steps": masked(() => layers.softmax()),
  },
  batchNormalization: {
    features: of([5])(() => layers.batchNormalization()),
    "of images, other axis, no scale": onImage(() => layers.batchNormalization({ axis: 1, scale: false, epsilon: 0.1 })),
    "no center": onImage(() => layers.batchNormalization({ center: false })),
    masked: masked(() => layers.batchNormalization()),
  },
  layerNormalization: {
    features: onSequence(() => layers.layerNormalization()),
    "two axes": onSequence(() => layers.layerNormalization({ axis: [1, 2], epsilon: 0.1 })),
  },
  groupNormalization: {
    groups: of([3, 3, 6])(() => layers.groupNormalization({ groups: 3 })),
    "of instances": of([3, 4, 2])(() => layers.groupNormalization({ groups: -1 })),
  },
  rmsNormalization: { features: onSequence(() => layers.rmsNormalization()) },
  unitNormalization: { features: onSequence(() => layers.unitNormalization()) },
  reshape: { rows: onSequence(() => layers.reshape([3, -1])) },
  permute: { axes: onImage(() => layers.permute([3, 1, 2])) },
  repeatVector: { times: of([5])(() => layers.repeatVector(3)) },

  flatten: { image: onImage(() => layers.flatten()) },
  dropout: { rate: of([9])(() => layers.dropout(0.4)) },
  spatialDropout1d: { rate: onSequence(() => layers.spatialDropout1d(0.4, { seed: 4 })) },
  spatialDropout2d: { rate: of([3, 3, 5])(() => layers.spatialDropout2d(0.4, { seed: 5 })) },
  gaussianNoise: { stddev: of([9])(() => layers.gaussianNoise(0.5)) },
  gaussianDropout: { rate: of([9])(() => layers.gaussianDropout(0.4)) },
  alphaDropout: { rate: of([9])(() => layers.alphaDropout(0.4)) },
  rescaling: { "scale and offset": of([9])(() => layers.rescaling(2.5, { offset: 1 })) },
  normalization: {
    features: of([2])(() => layers.normalization({ mean: [1, 2], variance: [4, 0.25] })),
    inverse: of([2])(() => layers.normalization({ mean: [1, 2], variance: [4, 0.25], invert: true })),
  },

  conv1d: {
    ...convolution(options => layers.conv1d(4, 3, options), [9, 3]),
    causal: of([7, 3])(() => layers.conv1d(4, 3, { padding: "causal", dilationRate: 2 })),
    groups: of([7, 4])(() => layers.conv1d(6, 3, { groups: 2 })),
  },
  conv2d: {
    ...convolution(options => layers.conv2d(4, 3, options), [7, 6, 2]),
    groups: of([5, 6, 4])(() => layers.conv2d(6, 3, { groups: 2, padding: "same" })),
    "even kernel": onImage(() => layers.conv2d(3, [2, 4], { padding: "same" })),
    "1x1": onImage(() => layers.conv2d(5, 1)),
    "by tiles of winograd": of([9, 10, 8])(() => layers.conv2d(8, 3, { padding: "same" })),
  },
  conv1dTranspose: {
    valid: of([5, 3])(() => layers.conv1dTranspose(4, 3)),
    "same, strides": of([5, 3])(() => layers.conv1dTranspose(4, 3, { padding: "same", strides: 2 })),
    dilation: of([5, 3])(() => layers.conv1dTranspose(4, 3, { dilationRate: 2, activation: "tanh" })),
  },
  conv2dTranspose: {
    valid: of([4, 5, 3])(() => layers.conv2dTranspose(4, 3)),
    "same, strides": of([4, 5, 3])(() => layers.conv2dTranspose(4, 3, { padding: "same", strides: 2, activation: "tanh" })),
    "to one channel": of([4, 5, 8])(() => layers.conv2dTranspose(1, 4, { strides: 2, padding: "same" })),
  },
  depthwiseConv1d: {
    ...convolution(options => layers.depthwiseConv1d(3, options), [9, 3]),
    multiplier: of([7, 3])(() => layers.depthwiseConv1d(3, { depthMultiplier: 2 })),
  },
  depthwiseConv2d: {
    ...convolution(options => layers.depthwiseConv2d(3, options), [7, 6, 3]),
    multiplier: of([6, 5, 3])(() => layers.depthwiseConv2d([2, 3], { depthMultiplier: 2, padding: "same" })),
    "many channels": of([5, 5, 17])(() => layers.depthwiseConv2d(3, { padding: "same" })),
  },
  separableConv1d: convolution(options => layers.separableConv1d(4, 3, options), [9, 3]),
  separableConv2d: {
    ...convolution(options => layers.separableConv2d(4, 3, options), [7, 6, 3]),
    multiplier: of([6, 5, 2])(() => layers.separableConv2d(3, 2, { depthMultiplier: 2 })),
  },

  maxPooling1d: {
    windows: of([8, 3], apart)(() => layers.maxPooling1d(2)),
    overlapping: of([8, 3], apart)(() => layers.maxPooling1d(3, { strides: 1, padding: "same" })),
  },
  maxPooling2d: {
    windows: onPeaks(() => layers.maxPooling2d(2)),
    "overlapping, same": onPeaks(() => layers.maxPooling2d(3, { strides: 2, padding: "same" })),
  },
  averagePooling1d: {
    windows: of([8, 3])(() => layers.averagePooling1d(2)),
    "overlapping, same": of([8, 3])(() => layers.averagePooling1d(3, { strides: 2, padding: "same" })),
  },
  averagePooling2d: {
    windows: onImage(() => layers.averagePooling2d(2)),
    "overlapping, same": onImage(() => layers.averagePooling2d(3, { strides: 2, padding: "same" })),
  },
  globalAveragePooling1d: {
    plain: onSequence(() => layers.globalAveragePooling1d()),
    "keepdims, wide": of([4, 18])(() => layers.globalAveragePooling1d({ keepdims: true })),
    masked: {
      ...masked(() => layers.globalAveragePooling1d()),
      x: size => gaps(5, 3)(size).map((v, i) => (i >= 30 && i < 33 ? 1 + i / 9 : v)),
    },
  },
  globalAveragePooling2d: { plain: onImage(() => layers.globalAveragePooling2d()) },
  globalMaxPooling1d: { plain: of(sequence, apart)(() => layers.globalMaxPooling1d()) },
  globalMaxPooling2d: { plain: of([3, 4, 2], apart)(() => layers.globalMaxPooling2d({ keepdims: true })) },
  zeroPadding1d: { uneven: onSequence(() => layers.zeroPadding1d([1, 2])) },
  zeroPadding2d: { uneven: onImage(() => layers.zeroPadding2d([[1, 0], [2, 3]])) }, // biome-ignore format: pairs
  cropping1d: { uneven: onSequence(() => layers.cropping1d([1, 2])) },
  cropping2d: { uneven: onImage(() => layers.cropping2d([[1, 0], [2, 1]])) }, // biome-ignore format: pairs
  upSampling1d: { "three times": onSequence(() => layers.upSampling1d(3)) },
  upSampling2d: {
    nearest: onImage(() => layers.upSampling2d([2, 3])),
    bilinear: onImage(() => layers.upSampling2d(2, { interpolation: "bilinear" })),
    bicubic: onImage(() => layers.upSampling2d(2, { interpolation: "bicubic" })),
  },

  simpleRnn: recurrent(layers.simpleRnn),
  lstm: {
    ...recurrent(layers.lstm),
    "other gates": onSequence(() => layers.lstm(4, { recurrentActivation: "tanh", unitForgetBias: false })),
  },
  gru: {
    ...recurrent(layers.gru),
    "reset before": onSequence(() => layers.gru(4, { resetAfter: false, returnSequences: true })),
    "reset before, dropped": onSequence(() => layers.gru(8, { resetAfter: false, dropout: 0.3, recurrentDropout: 0.3 })),
    "reset before, masked": masked(() => layers.gru(5, { resetAfter: false })),
    "other gates": onSequence(() => layers.gru(4, { recurrentActivation: "tanh" })),
  },
  bidirectional: {
    ...Object.fromEntries(
      (["concat", "sum", "mul", "ave"] as const).flatMap(mergeMode => [
        [mergeMode, onSequence(() => layers.bidirectional(layers.lstm(3), { mergeMode }))],
        [`${mergeMode}, masked sequences`, masked(() => layers.bidirectional(layers.gru(4, { returnSequences: true }), { mergeMode }))],
      ]),
    ),
    "two kinds": onSequence(() => layers.bidirectional(layers.lstm(3), { backwardLayer: layers.simpleRnn(5, { goBackwards: true }) })),
    dropped: onSequence(() => layers.bidirectional(layers.gru(4, { dropout: 0.3, recurrentDropout: 0.3 }))),
    regularized: onSequence(() => layers.bidirectional(layers.lstm(3, { activityRegularizer: "l2" }), { mergeMode: "sum" })),
  },
  timeDistributed: {
    dense: onSequence(() => layers.timeDistributed(layers.dense(4, { activation: "tanh", activityRegularizer: "l2" }))),
    conv2d: of([2, 5, 4, 2])(() => layers.timeDistributed(layers.conv2d(3, 3))),
    pooling: of([2, 4, 4, 2], apart)(() => layers.timeDistributed(layers.maxPooling2d(2))),
    "lstm, masked steps": of([2, 4, 3])(() => layers.timeDistributed(layers.lstm(3))),
    nested: of([2, 3, 4])(() => layers.timeDistributed(layers.timeDistributed(layers.dense(2)))),
    masked: masked(() => layers.timeDistributed(layers.dense(2))),
  },
  embedding: {
    ids: { make: () => layers.embedding(5, 3), input: [4], x: size => fill(size, i => (i * i) % 5), moved: false },
    masked: {
      make: () => [layers.embedding(5, 3, { maskZero: true }), layers.lstm(2)],
      input: [4],
      x: size => fill(size, i => (i * i) % 5),
      moved: false,
    },
    regularized: {
      make: () => layers.embedding(5, 3, { embeddingsRegularizer: "l2" }),
      input: [4],
      x: size => fill(size, i => i % 5),
      moved: false,
    },
  },
  masking: { "in front": { make: () => [layers.masking({ maskValue: 9 }), layers.dense(2)], input: sequence } },

  randomFlip: { both: onImage(() => layers.randomFlip()), horizontal: onImage(() => layers.randomFlip("horizontal")) },
  randomRotation: {
    bilinear: onImage(() => layers.randomRotation(0.2)),
    nearest: onImage(() => layers.randomRotation(0.2, { interpolation: "nearest" })),
  },
  randomTranslation: {
    reflect: onImage(() => layers.randomTranslation(0.3, 0.3)),
    constant: onImage(() => layers.randomTranslation(0.3, 0.3, { fillMode: "constant" })),
  },
  randomZoom: { wrap: onImage(() => layers.randomZoom(0.4, { fillMode: "wrap" })) },
  randomContrast: { "within the range": onImage(() => layers.randomContrast([0.5, 0.5], { valueRange: [-9, 9] })) },
};
