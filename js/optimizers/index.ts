import { type Identifier, resolve } from "../options.js";
import { Adam, Adamax, type AdamaxOptions, type AdamOptions, AdamW, Lion, type LionOptions, Nadam, type NadamOptions } from "./adam.js";
import {
  Adadelta,
  type AdadeltaOptions,
  Adagrad,
  type AdagradOptions,
  Ftrl,
  type FtrlOptions,
  RMSprop,
  type RmspropOptions,
} from "./adaptive.js";
import type { Optimizer } from "./optimizer.js";
import { SGD, type SgdOptions } from "./sgd.js";

export type { AdamaxOptions, AdamOptions, LionOptions, NadamOptions } from "./adam.js";
export type { AdadeltaOptions, AdagradOptions, FtrlOptions, RmspropOptions } from "./adaptive.js";
export type { Group, Optimizer, OptimizerOptions } from "./optimizer.js";
export type { SgdOptions } from "./sgd.js";

export const sgd = (options?: SgdOptions) => new SGD(options);
export const rmsprop = (options?: RmspropOptions) => new RMSprop(options);
export const adam = (options?: AdamOptions) => new Adam(options);
export const adamW = (options?: AdamOptions) => new AdamW(options);
export const adagrad = (options?: AdagradOptions) => new Adagrad(options);
export const adadelta = (options?: AdadeltaOptions) => new Adadelta(options);
export const adamax = (options?: AdamaxOptions) => new Adamax(options);
export const nadam = (options?: NadamOptions) => new Nadam(options);
export const lion = (options?: LionOptions) => new Lion(options);
export const ftrl = (options?: FtrlOptions) => new Ftrl(options);

/** What `compile` takes: Keras's name, or an optimizer. */
export type OptimizerLike = string | Optimizer | Identifier;

const byName: Record<string, (options?: object) => Optimizer> = {
  ...{ sgd, rmsprop, adam, adamw: adamW, adagrad, adadelta, adamax, nadam, lion, ftrl },
};

/** An optimizer from Keras's name, or from what a file says of it. @internal */
export function resolveOptimizer(given: OptimizerLike): Optimizer {
  return resolve("compile", "optimizer", given, "learningRate", byName);
}
