import type { Activation, ActivationLike } from "./activations/activation.js";
import * as piecewise from "./activations/piecewise.js";
import * as probabilities from "./activations/probabilities.js";
import * as smooth from "./activations/smooth.js";
import { resolve } from "./options.js";

export type { Activation, ActivationLike } from "./activations/activation.js";
export * from "./activations/piecewise.js";
export * from "./activations/probabilities.js";
export * from "./activations/smooth.js";

/** x itself */
export const linear = (): Activation => ({ name: "linear", fused: 0, record: (_, z) => ({ y: z, backward: dy => dy }) });

const byName = {
  linear,
  ...piecewise,
  ...probabilities,
  ...smooth,
  swish: smooth.silu,
  hardSwish: piecewise.hardSilu,
} as Record<string, (options?: object) => Activation>;

/** All that Keras's names may stand for: those that need no options. @internal */
export const names = Object.keys(byName).filter(name => byName[name].length === 0);

/** An activation from Keras's name, or from what a file says of it. @internal */
export function resolveActivation(where: string, option: string, given: ActivationLike): Activation {
  return given === null ? linear() : resolve(where, option, given, "record", byName);
}
