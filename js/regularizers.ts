import { checkNumber, type Identifier, readOptions, resolve } from "./options.js";

/** A penalty of l1 · Σ|w| + l2 · Σw² that is added to the loss. */
export interface Regularizer {
  /** Keras's class name */
  className: string;
  config: Record<string, unknown>;
  l1: number;
  l2: number;
}

/** What an option such as `kernelRegularizer` takes: "l1", "l2", "l1_l2", a regularizer, or null for none. */
export type RegularizerLike = string | Regularizer | Identifier | null;

function penalty(className: string, config: { l1?: number; l2?: number }): Regularizer {
  const { l1 = 0, l2 = 0 } = config;
  checkNumber(className.toLowerCase(), "l1", l1, 0);
  checkNumber(className.toLowerCase(), "l2", l2, 0);
  return { className, config, l1, l2 };
}

/** l1 · Σ|w| @param options l1: default 0.01 */
export function l1(options: { l1?: number } = {}): Regularizer {
  return penalty("L1", readOptions("l1", options, { l1: 0.01 }));
}

/** l2 · Σw² @param options l2: default 0.01 */
export function l2(options: { l2?: number } = {}): Regularizer {
  return penalty("L2", readOptions("l2", options, { l2: 0.01 }));
}

/** l1 · Σ|w| + l2 · Σw² @param options l1, l2: default 0 each */
export function l1l2(options: { l1?: number; l2?: number } = {}): Regularizer {
  return penalty("L1L2", readOptions("l1l2", options, { l1: 0, l2: 0 }));
}

const byName: Record<string, (options?: object) => Regularizer> = { l1, l2, l1l2 };

/** A regularizer from Keras's name, or from what a file says of it. @internal */
export function resolveRegularizer(where: string, option: string, given: RegularizerLike): Regularizer | null {
  return given === null ? null : resolve(where, option, given, "l1", byName);
}
