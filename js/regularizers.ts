import { type Identifier, lookup, readOptions } from "./options.js";

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

/** l1 · Σ|w| @param options l1: default 0.01 */
export function l1(options: { l1?: number } = {}): Regularizer {
  const config = readOptions("l1", options, { l1: 0.01 });
  return { className: "L1", config, l1: config.l1, l2: 0 };
}

/** l2 · Σw² @param options l2: default 0.01 */
export function l2(options: { l2?: number } = {}): Regularizer {
  const config = readOptions("l2", options, { l2: 0.01 });
  return { className: "L2", config, l1: 0, l2: config.l2 };
}

/** l1 · Σ|w| + l2 · Σw² @param options l1, l2: default 0 each */
export function l1l2(options: { l1?: number; l2?: number } = {}): Regularizer {
  const config = readOptions("l1l2", options, { l1: 0, l2: 0 });
  return { className: "L1L2", config, l1: config.l1, l2: config.l2 };
}

const byName: Record<string, (options?: object) => Regularizer> = { l1, l2, l1l2, l1L2: l1l2 };

/** A regularizer from Keras's name, or from what a file says of it. @internal */
export function resolveRegularizer(given: RegularizerLike): Regularizer | null {
  if (given === null) return null;
  if (typeof given === "string") return lookup("regularizer", given, byName)();
  return "l1" in given ? given : lookup("regularizer", given.className, byName)(given.config);
}
