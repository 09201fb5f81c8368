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

/** Stochastic gradient descent, with momentum if asked for. */
export const sgd = (options?: SgdOptions) => new SGD(options);
/** Gradients divided by the root of their mean square. */
export const rmsprop = (options?: RmspropOptions) => new RMSprop(options);
/** Adaptive moments: a good default. */
export const adam = (options?: AdamOptions) => new Adam(options);
/** Adam with weights that decay by themselves. */
export const adamW = (options?: AdamOptions) => new AdamW(options);
/** Gradients divided by the root of the sum of their squares. */
export const adagrad = (options?: AdagradOptions) => new Adagrad(options);
/** Adagrad with a window, and steps in units of the weights. */
export const adadelta = (options?: AdadeltaOptions) => new Adadelta(options);
/** Adam with the largest gradient in place of their mean square. */
export const adamax = (options?: AdamaxOptions) => new Adamax(options);
/** Adam with Nesterov's momentum. */
export const nadam = (options?: NadamOptions) => new Nadam(options);
/** Steps of one size along the sign of the momentum: with a smaller learning rate than Adam's. */
export const lion = (options?: LionOptions) => new Lion(options);
/** Follow the regularized leader: sparse weights for wide inputs. */
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
