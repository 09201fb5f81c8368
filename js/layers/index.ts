import { checkOptions } from "../options.js";
import { ActivationLayer, type ActivationOptions } from "./activation.js";
import { ELU, type ELUOptions, LeakyReLU, type LeakyReLUOptions, ReLU, type ReLUOptions } from "./activations.js";
import { AlphaDropout, type AlphaDropoutOptions } from "./alphaDropout.js";
import { BatchNormalization, type BatchNormalizationOptions } from "./batchNormalization.js";
import { Bidirectional, type BidirectionalOptions } from "./bidirectional.js";
import { Conv1D, type Conv1DOptions, Conv2D, type Conv2DOptions } from "./conv.js";
import { Conv1DTranspose, type Conv1DTransposeOptions, Conv2DTranspose, type Conv2DTransposeOptions } from "./convTranspose.js";
import { Dense, type DenseOptions } from "./dense.js";
import { DepthwiseConv1D, type DepthwiseConv1DOptions, DepthwiseConv2D, type DepthwiseConv2DOptions } from "./depthwiseConv.js";
import { Dropout, type DropoutOptions } from "./dropout.js";
import { Embedding, type EmbeddingOptions } from "./embedding.js";
import { Flatten } from "./flatten.js";
import {
  Cropping1D,
  type Cropping1DOptions,
  Cropping2D,
  type Cropping2DOptions,
  ZeroPadding1D,
  type ZeroPadding1DOptions,
  ZeroPadding2D,
  type ZeroPadding2DOptions,
} from "./frame.js";
import { GaussianDropout, type GaussianDropoutOptions, GaussianNoise, type GaussianNoiseOptions } from "./gaussianNoise.js";
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  type GlobalPoolingOptions,
} from "./globalPooling.js";
import { GroupNormalization, type GroupNormalizationOptions } from "./groupNormalization.js";
import { GRU, type GRUOptions } from "./gru.js";
import { Input, type InputOptions } from "./input.js";
import type { Layer, LayerOptions } from "./layer.js";
import {
  LayerNormalization,
  type LayerNormalizationOptions,
  RMSNormalization,
  type RMSNormalizationOptions,
  UnitNormalization,
  type UnitNormalizationOptions,
} from "./layerNormalization.js";
import { LSTM, type LSTMOptions } from "./lstm.js";
import { Masking, type MaskingOptions } from "./masking.js";
import type { LayerName } from "./names.js";
import { Normalization, type NormalizationOptions } from "./normalization.js";
import { Permute, type PermuteOptions } from "./permute.js";
import {
  AveragePooling1D,
  type AveragePooling1DOptions,
  AveragePooling2D,
  type AveragePooling2DOptions,
  MaxPooling1D,
  type MaxPooling1DOptions,
  MaxPooling2D,
  type MaxPooling2DOptions,
} from "./pooling.js";
import { PReLU, type PReLUOptions } from "./prelu.js";
import {
  RandomRotation,
  type RandomRotationOptions,
  RandomTranslation,
  type RandomTranslationOptions,
  RandomZoom,
  type RandomZoomOptions,
} from "./randomAffine.js";
import { RandomContrast, type RandomContrastOptions } from "./randomContrast.js";
import { RandomFlip, type RandomFlipOptions } from "./randomFlip.js";
import { RepeatVector, type RepeatVectorOptions } from "./repeatVector.js";
import { Rescaling, type RescalingOptions } from "./rescaling.js";
import { Reshape, type ReshapeOptions } from "./reshape.js";
import { SeparableConv1D, type SeparableConv1DOptions, SeparableConv2D, type SeparableConv2DOptions } from "./separableConv.js";
import { SimpleRNN, type SimpleRNNOptions } from "./simpleRnn.js";
import { Softmax, type SoftmaxOptions } from "./softmax.js";
import { SpatialDropout1D, SpatialDropout2D, type SpatialDropoutOptions } from "./spatialDropout.js";
import { TimeDistributed, type TimeDistributedOptions } from "./timeDistributed.js";
import { UpSampling1D, type UpSampling1DOptions, UpSampling2D, type UpSampling2DOptions } from "./upSampling.js";

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

/** As conv2d, over sequences of shape [steps, channels]. */
export const conv1d = (filters: number, kernelSize: Conv1DOptions["kernelSize"], options?: Rest<Conv1DOptions, "filters" | "kernelSize">) =>
  new Conv1D({ ...checkOptions("conv1d", options), filters, kernelSize });

/** The way back of a convolution: makes images larger. */
export const conv2dTranspose = (
  filters: number,
  kernelSize: Conv2DTransposeOptions["kernelSize"],
  options?: Rest<Conv2DTransposeOptions, "filters" | "kernelSize">,
) => new Conv2DTranspose({ ...checkOptions("conv2dTranspose", options), filters, kernelSize });

/** The way back of a convolution over sequences: makes them longer. */
export const conv1dTranspose = (
  filters: number,
  kernelSize: Conv1DTransposeOptions["kernelSize"],
  options?: Rest<Conv1DTransposeOptions, "filters" | "kernelSize">,
) => new Conv1DTranspose({ ...checkOptions("conv1dTranspose", options), filters, kernelSize });

/** A convolution of each channel by itself. */
export const depthwiseConv2d = (kernelSize: DepthwiseConv2DOptions["kernelSize"], options?: Rest<DepthwiseConv2DOptions, "kernelSize">) =>
  new DepthwiseConv2D({ ...checkOptions("depthwiseConv2d", options), kernelSize });

/** A convolution of each channel of a sequence by itself. */
export const depthwiseConv1d = (kernelSize: DepthwiseConv1DOptions["kernelSize"], options?: Rest<DepthwiseConv1DOptions, "kernelSize">) =>
  new DepthwiseConv1D({ ...checkOptions("depthwiseConv1d", options), kernelSize });

/** A convolution of each channel by itself, then one of 1x1 that mixes them. */
export const separableConv2d = (
  filters: number,
  kernelSize: SeparableConv2DOptions["kernelSize"],
  options?: Rest<SeparableConv2DOptions, "filters" | "kernelSize">,
) => new SeparableConv2D({ ...checkOptions("separableConv2d", options), filters, kernelSize });

/** As separableConv2d, over sequences. */
export const separableConv1d = (
  filters: number,
  kernelSize: SeparableConv1DOptions["kernelSize"],
  options?: Rest<SeparableConv1DOptions, "filters" | "kernelSize">,
) => new SeparableConv1D({ ...checkOptions("separableConv1d", options), filters, kernelSize });

/** The largest of each window of a sequence; default 2. */
export const maxPooling1d = (poolSize?: MaxPooling1DOptions["poolSize"], options?: Rest<MaxPooling1DOptions, "poolSize">) =>
  new MaxPooling1D({ ...checkOptions("maxPooling1d", options), poolSize });

/** The mean of each window of an image. */
export const averagePooling2d = (poolSize: AveragePooling2DOptions["poolSize"], options?: Rest<AveragePooling2DOptions, "poolSize">) =>
  new AveragePooling2D({ ...checkOptions("averagePooling2d", options), poolSize });

/** The mean of each window of a sequence. */
export const averagePooling1d = (poolSize: AveragePooling1DOptions["poolSize"], options?: Rest<AveragePooling1DOptions, "poolSize">) =>
  new AveragePooling1D({ ...checkOptions("averagePooling1d", options), poolSize });

/** The mean of each channel of an image. */
export const globalAveragePooling2d = (options?: GlobalPoolingOptions) =>
  new GlobalAveragePooling2D(checkOptions("globalAveragePooling2d", options));

/** The mean of each channel of a sequence, over the steps that its mask counts. */
export const globalAveragePooling1d = (options?: GlobalPoolingOptions) =>
  new GlobalAveragePooling1D(checkOptions("globalAveragePooling1d", options));

/** The largest number of each channel of an image. */
export const globalMaxPooling2d = (options?: GlobalPoolingOptions) => new GlobalMaxPooling2D(checkOptions("globalMaxPooling2d", options));

/** The largest number of each channel of a sequence. */
export const globalMaxPooling1d = (options?: GlobalPoolingOptions) => new GlobalMaxPooling1D(checkOptions("globalMaxPooling1d", options));

/** Zeros around an image; default 1 on each side. */
export const zeroPadding2d = (padding?: ZeroPadding2DOptions["padding"], options?: Rest<ZeroPadding2DOptions, "padding">) =>
  new ZeroPadding2D({ ...checkOptions("zeroPadding2d", options), padding });

/** Zeros at both ends of a sequence; default 1. */
export const zeroPadding1d = (padding?: ZeroPadding1DOptions["padding"], options?: Rest<ZeroPadding1DOptions, "padding">) =>
  new ZeroPadding1D({ ...checkOptions("zeroPadding1d", options), padding });

/** Lines and columns cut off an image; default none. */
export const cropping2d = (cropping?: Cropping2DOptions["cropping"], options?: Rest<Cropping2DOptions, "cropping">) =>
  new Cropping2D({ ...checkOptions("cropping2d", options), cropping });

/** Steps cut off both ends of a sequence; default 1. */
export const cropping1d = (cropping?: Cropping1DOptions["cropping"], options?: Rest<Cropping1DOptions, "cropping">) =>
  new Cropping1D({ ...checkOptions("cropping1d", options), cropping });

/** An image made larger; default twice as high and wide. */
export const upSampling2d = (size?: UpSampling2DOptions["size"], options?: Rest<UpSampling2DOptions, "size">) =>
  new UpSampling2D({ ...checkOptions("upSampling2d", options), size });

/** Each step of a sequence several times; default 2. */
export const upSampling1d = (size?: UpSampling1DOptions["size"], options?: Rest<UpSampling1DOptions, "size">) =>
  new UpSampling1D({ ...checkOptions("upSampling1d", options), size });

/** All of a sample in one row. */
export const flatten = (options?: LayerOptions) => new Flatten(checkOptions("flatten", options));

/** A sample's numbers under another shape; one axis of it may be -1. */
export const reshape = (targetShape: ReshapeOptions["targetShape"], options?: Rest<ReshapeOptions, "targetShape">) =>
  new Reshape({ ...checkOptions("reshape", options), targetShape });

/** A sample's axes in another order: [2, 1] swaps two. */
export const permute = (dims: PermuteOptions["dims"], options?: Rest<PermuteOptions, "dims">) =>
  new Permute({ ...checkOptions("permute", options), dims });

/** A row of features, the same at each of n steps. */
export const repeatVector = (n: number, options?: Rest<RepeatVectorOptions, "n">) =>
  new RepeatVector({ ...checkOptions("repeatVector", options), n });

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

/** x above zero, 0 below: with a largest output, a slope and a threshold if wanted. */
export const relu = (options?: ReLUOptions) => new ReLU(checkOptions("relu", options));

/** x above zero, x times a slope below; default 0.3. */
export const leakyRelu = (options?: LeakyReLUOptions) => new LeakyReLU(checkOptions("leakyRelu", options));

/** leakyRelu with slopes that are learnt. */
export const prelu = (options?: PReLUOptions) => new PReLU(checkOptions("prelu", options));

/** x above zero, alpha · (e^x - 1) below. */
export const elu = (options?: ELUOptions) => new ELU(checkOptions("elu", options));

/** Numbers above 0 that add up to 1, along one axis or several. */
export const softmax = (options?: SoftmaxOptions) => new Softmax(checkOptions("softmax", options));

/** Each channel of a batch to mean 0 and variance 1, then scaled and shifted; in inference by moving averages. */
export const batchNormalization = (options?: BatchNormalizationOptions) =>
  new BatchNormalization(checkOptions("batchNormalization", options));

/** The features of each sample or step to mean 0 and variance 1, then scaled and shifted. */
export const layerNormalization = (options?: LayerNormalizationOptions) =>
  new LayerNormalization(checkOptions("layerNormalization", options));

/** Groups of a sample's channels to mean 0 and variance 1, then scaled and shifted; groups: -1 is instance normalization. */
export const groupNormalization = (options?: GroupNormalizationOptions) =>
  new GroupNormalization(checkOptions("groupNormalization", options));

/** The features of each sample or step to a mean square of 1, then scaled. */
export const rmsNormalization = (options?: RMSNormalizationOptions) => new RMSNormalization(checkOptions("rmsNormalization", options));

/** The features of each sample or step to a norm of 1. */
export const unitNormalization = (options?: UnitNormalizationOptions) => new UnitNormalization(checkOptions("unitNormalization", options));

/** In training, a share of the channels of a sequence becomes 0 at all steps. */
export const spatialDropout1d = (rate: number, options?: Rest<SpatialDropoutOptions, "rate">) =>
  new SpatialDropout1D({ ...checkOptions("spatialDropout1d", options), rate });

/** In training, a share of the channels of an image becomes 0 at all pixels. */
export const spatialDropout2d = (rate: number, options?: Rest<SpatialDropoutOptions, "rate">) =>
  new SpatialDropout2D({ ...checkOptions("spatialDropout2d", options), rate });

/** In training, normal numbers are added. */
export const gaussianNoise = (stddev: number, options?: Rest<GaussianNoiseOptions, "stddev">) =>
  new GaussianNoise({ ...checkOptions("gaussianNoise", options), stddev });

/** In training, elements are multiplied by normal numbers around 1. */
export const gaussianDropout = (rate: number, options?: Rest<GaussianDropoutOptions, "rate">) =>
  new GaussianDropout({ ...checkOptions("gaussianDropout", options), rate });

/** Dropout for nets of selu: mean and variance stay as they are. */
export const alphaDropout = (rate: number, options?: Rest<AlphaDropoutOptions, "rate">) =>
  new AlphaDropout({ ...checkOptions("alphaDropout", options), rate });

/** x · scale + offset: 1 / 255 for pixels. */
export const rescaling = (scale: RescalingOptions["scale"], options?: Rest<RescalingOptions, "scale">) =>
  new Rescaling({ ...checkOptions("rescaling", options), scale });

/** Each feature to mean 0 and variance 1, by statistics that `adapt(data)` finds before training. */
export const normalization = (options?: NormalizationOptions) => new Normalization(checkOptions("normalization", options));

/** In training, images are mirrored by lot. */
export const randomFlip = (mode?: RandomFlipOptions["mode"], options?: Rest<RandomFlipOptions, "mode">) =>
  new RandomFlip({ ...checkOptions("randomFlip", options), mode });

/** In training, images are turned by lot: a factor of 0.1 goes up to a tenth of a full turn, either way. */
export const randomRotation = (factor: RandomRotationOptions["factor"], options?: Rest<RandomRotationOptions, "factor">) =>
  new RandomRotation({ ...checkOptions("randomRotation", options), factor });

/** In training, images are moved by lot, by shares of their height and width. */
export const randomTranslation = (
  heightFactor: RandomTranslationOptions["heightFactor"],
  widthFactor: RandomTranslationOptions["widthFactor"],
  options?: Rest<RandomTranslationOptions, "heightFactor" | "widthFactor">,
) => new RandomTranslation({ ...checkOptions("randomTranslation", options), heightFactor, widthFactor });

/** In training, images are zoomed by lot, in for negative factors and out for positive ones. */
export const randomZoom = (heightFactor: RandomZoomOptions["heightFactor"], options?: Rest<RandomZoomOptions, "heightFactor">) =>
  new RandomZoom({ ...checkOptions("randomZoom", options), heightFactor });

/** In training, images get another contrast by lot. */
export const randomContrast = (factor: RandomContrastOptions["factor"], options?: Rest<RandomContrastOptions, "factor">) =>
  new RandomContrast({ ...checkOptions("randomContrast", options), factor });

/** A vector for each whole number from 0 to inputDim - 1, learnt with the rest. */
export const embedding = (inputDim: number, outputDim: number, options?: Rest<EmbeddingOptions, "inputDim" | "outputDim">) =>
  new Embedding({ ...checkOptions("embedding", options), inputDim, outputDim });

/** Steps of sequences that hold nothing but a value are skipped by the layers behind. */
export const masking = (options?: MaskingOptions) => new Masking(checkOptions("masking", options));

/** A layer for each step of a sequence, with the same weights. */
export const timeDistributed = (layer: Layer, options?: Rest<TimeDistributedOptions, "layer">) =>
  new TimeDistributed({ ...checkOptions("timeDistributed", options), layer });

/** A recurrent layer that goes through sequences in both directions. */
export const bidirectional = (layer: Layer, options?: Rest<BidirectionalOptions, "layer">) =>
  new Bidirectional({ ...checkOptions("bidirectional", options), layer });

/** Layers by Keras's class name, as files have them. @internal */
// biome-ignore lint/suspicious/noExplicitAny: a file's options are checked by the layer that gets them
export const classes: Record<string, new (options: any) => Layer<any>> = {
  InputLayer: Input,
  Dense,
  Conv2D,
  Conv1D,
  Conv2DTranspose,
  Conv1DTranspose,
  DepthwiseConv2D,
  DepthwiseConv1D,
  SeparableConv2D,
  SeparableConv1D,
  MaxPooling2D,
  MaxPooling1D,
  AveragePooling2D,
  AveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling1D,
  ZeroPadding2D,
  ZeroPadding1D,
  Cropping2D,
  Cropping1D,
  UpSampling2D,
  UpSampling1D,
  Flatten,
  Dropout,
  SimpleRNN,
  LSTM,
  GRU,
  Activation: ActivationLayer,
  Reshape,
  Permute,
  RepeatVector,
  ReLU,
  LeakyReLU,
  PReLU,
  ELU,
  Softmax,
  BatchNormalization,
  LayerNormalization,
  GroupNormalization,
  RMSNormalization,
  UnitNormalization,
  SpatialDropout1D,
  SpatialDropout2D,
  GaussianNoise,
  GaussianDropout,
  AlphaDropout,
  Rescaling,
  Normalization,
  RandomFlip,
  RandomRotation,
  RandomTranslation,
  RandomZoom,
  RandomContrast,
  Embedding,
  Masking,
  TimeDistributed,
  Bidirectional,
} satisfies Record<LayerName, unknown>;
