import { resolve } from "../options.js";
import type { Activation, ActivationLike } from "./activation.js";
import * as piecewise from "./piecewise.js";
import * as probabilities from "./probabilities.js";
import * as smooth from "./smooth.js";

export type { Activation, ActivationLike } from "./activation.js";
export * from "./piecewise.js";
export * from "./probabilities.js";
export * from "./smooth.js";

/** x itself */
export const linear = (): Activation => ({ name: "linear", fused: 0, recurrent: [6, 1], record: (_, z) => ({ y: z, backward: dy => dy }) });

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

/** Those that recurrent layers take, by Keras's names. @internal */
export const recurrentNames = names.filter(name => byName[name]().recurrent).map(name => byName[name]().name);

/** An activation from Keras's name, or from what a file says of it. @internal */
export function resolveActivation(where: string, option: string, given: ActivationLike): Activation {
  return given === null ? linear() : resolve(where, option, given, "record", byName);
}
