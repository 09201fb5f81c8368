import { checkOptions } from "../options.js";
import { ActivationLayer, type ActivationOptions } from "./activation.js";
import { Conv2D, type Conv2DOptions } from "./conv2d.js";
import { Dense, type DenseOptions } from "./dense.js";
import { Dropout, type DropoutOptions } from "./dropout.js";
import { Embedding, type EmbeddingOptions } from "./embedding.js";
import { Flatten } from "./flatten.js";
import { GRU, type GRUOptions } from "./gru.js";
import { Input, type InputOptions } from "./input.js";
import type { Layer, LayerOptions } from "./layer.js";
import { LSTM, type LSTMOptions } from "./lstm.js";
import { Masking, type MaskingOptions } from "./masking.js";
import { MaxPooling2D, type MaxPooling2DOptions } from "./maxPooling2d.js";
import { SimpleRNN, type SimpleRNNOptions } from "./simpleRnn.js";
import { TimeDistributed, type TimeDistributedOptions } from "./timeDistributed.js";

type Rest<Options, Leading extends keyof Options> = Omit<Options, Leading>;

/** The shape of one sample: an alternative to the first layer's `inputShape`. */
export const input = (options: InputOptions) => new Input(checkOptions("input", options));

/** Every input feature to every unit: activation(x · kernel + bias). */
export const dense = (units: number, options?: Rest<DenseOptions, "units">) => new Dense({ ...checkOptions("dense", options), units });

/** Small windows that slide over images: activation(x ⋆ kernel + bias). */
export const conv2d = (filters: number, kernelSize: Conv2DOptions["kernelSize"], options?: Rest<Conv2DOptions, "filters" | "kernelSize">) =>
  new Conv2D({ ...checkOptions("conv2d", options), filters, kernelSize });

/** The largest of each window of an image; default 2x2. */
export const maxPooling2d = (poolSize?: MaxPooling2DOptions["poolSize"], options?: Rest<MaxPooling2DOptions, "poolSize">) =>
  new MaxPooling2D({ ...checkOptions("maxPooling2d", options), poolSize });

/** All of a sample in one row. */
export const flatten = (options?: LayerOptions) => new Flatten(checkOptions("flatten", options));

/** In training, a share of the elements becomes 0 and the rest grows to make up for it. */
export const dropout = (rate: number, options?: Rest<DropoutOptions, "rate">) => new Dropout({ ...checkOptions("dropout", options), rate });

/** Recurrent, fully connected: activation(x · kernel + h · recurrent_kernel + bias) at each step of a sequence. */
export const simpleRnn = (units: number, options?: Rest<SimpleRNNOptions, "units">) =>
  new SimpleRNN({ ...checkOptions("simpleRnn", options), units });

/** Recurrent, with a long memory behind three gates. */
export const lstm = (units: number, options?: Rest<LSTMOptions, "units">) => new LSTM({ ...checkOptions("lstm", options), units });

/** Recurrent, with two gates. */
export const gru = (units: number, options?: Rest<GRUOptions, "units">) => new GRU({ ...checkOptions("gru", options), units });

/** An activation function as a layer of its own. */
export const activation = (name: ActivationOptions["activation"], options?: Rest<ActivationOptions, "activation">) =>
  new ActivationLayer({ ...checkOptions("activation", options), activation: name });

/** A vector for each whole number from 0 to inputDim - 1, learnt with the rest. */
export const embedding = (inputDim: number, outputDim: number, options?: Rest<EmbeddingOptions, "inputDim" | "outputDim">) =>
  new Embedding({ ...checkOptions("embedding", options), inputDim, outputDim });

/** Steps of sequences that hold nothing but a value are skipped by the layers behind. */
export const masking = (options?: MaskingOptions) => new Masking(checkOptions("masking", options));

/** A layer for each step of a sequence, with the same weights. */
export const timeDistributed = (layer: Layer, options?: Rest<TimeDistributedOptions, "layer">) =>
  new TimeDistributed({ ...checkOptions("timeDistributed", options), layer });

/** Layers by Keras's class name, as files have them. @internal */
// biome-ignore lint/suspicious/noExplicitAny: a file's options are checked by the layer that gets them
export const classes: Record<string, new (options: any) => Layer<any>> = {
  InputLayer: Input,
  Dense,
  Conv2D,
  MaxPooling2D,
  Flatten,
  Dropout,
  SimpleRNN,
  LSTM,
  GRU,
  Activation: ActivationLayer,
  Embedding,
  Masking,
  TimeDistributed,
};
