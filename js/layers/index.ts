import { checkOptions } from "../options.js";
import { ActivationLayer, type ActivationOptions } from "./activation.js";
import { AlphaDropout, type AlphaDropoutOptions } from "./alphaDropout.js";
import { Conv2D, type Conv2DOptions } from "./conv2d.js";
import { Dense, type DenseOptions } from "./dense.js";
import { Dropout, type DropoutOptions } from "./dropout.js";
import { Embedding, type EmbeddingOptions } from "./embedding.js";
import { Flatten } from "./flatten.js";
import { GaussianDropout, type GaussianDropoutOptions, GaussianNoise, type GaussianNoiseOptions } from "./gaussianNoise.js";
import { Input, type InputOptions } from "./input.js";
import type { Layer, LayerOptions } from "./layer.js";
import { Masking, type MaskingOptions } from "./masking.js";
import { MaxPooling2D, type MaxPooling2DOptions } from "./maxPooling2d.js";
import { Normalization, type NormalizationOptions } from "./normalization.js";
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
import { Rescaling, type RescalingOptions } from "./rescaling.js";
import { SpatialDropout1D, SpatialDropout2D, type SpatialDropoutOptions } from "./spatialDropout.js";
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

/** An activation function as a layer of its own. */
export const activation = (name: ActivationOptions["activation"], options?: Rest<ActivationOptions, "activation">) =>
  new ActivationLayer({ ...checkOptions("activation", options), activation: name });

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

/** Layers by Keras's class name, as files have them. @internal */
// biome-ignore lint/suspicious/noExplicitAny: a file's options are checked by the layer that gets them
export const classes: Record<string, new (options: any) => Layer<any>> = {
  InputLayer: Input,
  Dense,
  Conv2D,
  MaxPooling2D,
  Flatten,
  Dropout,
  Activation: ActivationLayer,
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
};
