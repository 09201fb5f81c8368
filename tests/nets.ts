// Small nets, their data, and a float64 model of what they compute: shared by the tests of the library.
import { layers, type Sequential, sequential, type Tensor } from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";
import { uniform } from "./kernels/data.js";
import * as reference from "./reference.js";

/** n rows of some features, and labels that depend on them: a number, a class of three, and the class as a one-hot row. */
export function samples(n: number, features = 4, seed = 1) {
  const x: Tensor = { data: uniform(n * features, seed), shape: [n, features] };
  const sums = Array.from({ length: n }, (_, i) => x.data.subarray(i * features, (i + 1) * features).reduce((a, b) => a + b, 0));
  const classes = sums.map(sum => (sum < -0.4 ? 0 : sum < 0.4 ? 1 : 2));
  const oneHot: Tensor = { data: Float32Array.from(classes.flatMap(c => [0, 1, 2].map(k => Number(k === c)))), shape: [n, 3] };
  return { x, values: sums.map(sum => [Math.sin(sum)]), classes, oneHot };
}

/** 4 features → 8 tanh → 1 */
export function regression(options: { optimizer?: Parameters<Sequential["compile"]>[0]["optimizer"] } = {}): Sequential {
  const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [4] }), layers.dense(1)]);
  model.compile({ optimizer: options.optimizer ?? "sgd", loss: "mse", metrics: ["mae"] });
  return model;
}

/** 4 features → 8 relu, dropout → 3 softmax */
export function classifier(options: { dropout?: number; loss?: string } = {}): Sequential {
  const { dropout = 0, loss = "categorical_crossentropy" } = options;
  const model = sequential([
    layers.dense(8, { activation: "relu", inputShape: [4] }),
    layers.dropout(dropout),
    layers.dense(3, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss, metrics: ["accuracy"] });
  return model;
}

/** 6x6 grey images → 4 filters of 3x3, pooled, dropout → 3 softmax */
export function convnet(dropout = 0): Sequential {
  const model = sequential([
    layers.conv2d(4, 3, { activation: "relu", inputShape: [6, 6, 1] }),
    layers.maxPooling2d(2),
    layers.flatten(),
    layers.dropout(dropout),
    layers.dense(3, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
}

export const bits = (tensors: readonly Tensor[]) => tensors.map(({ data, shape }) => [shape, new Uint32Array(data.slice().buffer)]);

/** All of a model that an error must leave as it was. */
export const stateOf = (model: Sequential) => ({
  weights: model.outputShape && bits(model.getWeights()),
  optimizer: model.getOptimizerState(),
  history: model.history,
  config: model.getConfig(),
  layers: [...model.layers],
});

/** Keras's length of an axis behind a window. */
export function windowed(length: number, window: number, stride: number, dilation: number, padding: string) {
  const extent = dilation * (window - 1) + 1;
  const out = padding === "same" ? Math.ceil(length / stride) : Math.ceil((length - extent + 1) / stride);
  return { out, pad: padding === "same" ? Math.max((out - 1) * stride + extent - length, 0) >> 1 : 0 };
}

const pair = (value: unknown) => (Array.isArray(value) ? value : [value, value]) as [number, number];

const activations: Record<string, (z: reference.Numbers, n: number) => Float64Array> = {
  linear: z => Float64Array.from(z),
  relu: z => reference.map(z, reference.relu),
  leaky_relu: z => reference.map(z, reference.leakyRelu(0.2)),
  sigmoid: z => reference.map(z, reference.sigmoid),
  tanh: z => reference.map(z, reference.tanh),
  softmax: (z, n) => reference.softmax(z, n),
};

interface Value {
  data: reference.Numbers;
  shape: number[];
}

/** What a layer makes of a batch in inference, in float64 and by Keras's rules, from its options and weights alone. */
function forwardLayer({ className, options: given }: Layer, weights: Tensor[], { data, shape }: Value): Value {
  // biome-ignore lint/suspicious/noExplicitAny: every class has options of its own
  const options = given as any;
  const [kernel, bias] = weights;
  const activate = (z: Float64Array, out: number[]): Value => ({
    data: activations[options.activation.name](bias ? reference.addBias(z, bias.data) : z, out.at(-1)!),
    shape: out,
  });
  if (className === "Dense") {
    const [features, units] = kernel.shape;
    const out = [...shape.slice(0, -1), units];
    return activate(reference.gemm(data, kernel.data, data.length / features, units, features), out);
  }
  if (className === "Activation") return activate(Float64Array.from(data), shape);
  if (className === "Flatten") return { data, shape: [shape[0], data.length / shape[0]] };
  if (className === "Dropout") return { data, shape };
  const [batch, height, width, channels] = shape;
  const [windowHeight, windowWidth] = pair(options.kernelSize ?? options.poolSize);
  const [strideHeight, strideWidth] = pair(options.strides ?? options.poolSize);
  const [dilationHeight, dilationWidth] = pair(options.dilationRate ?? 1);
  const rows = windowed(height, windowHeight, strideHeight, dilationHeight, options.padding);
  const columns = windowed(width, windowWidth, strideWidth, dilationWidth, options.padding);
  const sizes = { batch, height, width, outHeight: rows.out, outWidth: columns.out, padTop: rows.pad, padLeft: columns.pad };
  const steps = { strideHeight, strideWidth, dilationHeight, dilationWidth };
  if (className === "MaxPooling2D") {
    const pool = { ...sizes, ...steps, channels, poolHeight: windowHeight, poolWidth: windowWidth };
    return { data: reference.maxPool2d(data, pool), shape: [batch, rows.out, columns.out, channels] };
  }
  if (className !== "Conv2D") throw new Error(`no reference for ${className}`);
  const { filters, groups } = options;
  const [inner, outer] = [channels / groups, filters / groups];
  const y = new Float64Array(batch * rows.out * columns.out * filters);
  for (let g = 0; g < groups; g++) {
    const part = (source: reference.Numbers, stride: number, begin: number, length: number) =>
      Float64Array.from(
        { length: (source.length / stride) * length },
        (_, i) => source[Math.floor(i / length) * stride + begin + (i % length)],
      );
    const conv = { ...sizes, ...steps, channels: inner, filters: outer, kernelHeight: windowHeight, kernelWidth: windowWidth };
    const own = reference.conv2d(part(data, channels, g * inner, inner), part(kernel.data, filters, g * outer, outer), conv);
    own.forEach((value, i) => {
      y[Math.floor(i / outer) * filters + g * outer + (i % outer)] = value;
    });
  }
  return activate(y, [batch, rows.out, columns.out, filters]);
}

/** A model's outputs in float64. */
export function forward(model: Sequential, x: Value) {
  const weights = model.getWeights();
  const { data, shape } = model.layers.reduce((value, layer) => forwardLayer(layer, weights.splice(0, layer.weights.length), value), x);
  return { data: Float64Array.from(data), shape };
}

/** The largest |got - expected| / max(1, |expected|); infinite for another number of elements. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  const errors = Array.from(expected, (value, i) => Math.abs(got[i] - value) / Math.max(1, Math.abs(value)));
  return errors.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(0, ...errors);
}
