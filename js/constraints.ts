import { checkNumber, type Identifier, readOptions, resolve, show } from "./options.js";

/** What the norms of a weight's parts must be. */
export interface NormBounds {
  /** the axes along which a norm is taken */
  axis: number | readonly number[];
  low: number;
  high: number;
  /** how far each step goes: 1 all the way into the bounds, 0 nowhere */
  rate: number;
}

/** What a weight must be: it is made so after each step. */
export interface Constraint {
  /** Keras's class name */
  className: string;
  config: Record<string, unknown>;
  /** null: no number below zero */
  norms: NormBounds | null;
}

/** What an option such as `kernelConstraint` takes: "max_norm", "non_neg", "unit_norm", "min_max_norm", a constraint, or null for none. */
export type ConstraintLike = string | Constraint | Identifier | null;

/** An axis, or several, whose elements share a norm: default 0, which is all inputs of a unit for a dense kernel; [0, 1, 2] for a conv2d kernel. */
interface Along {
  axis?: number | readonly number[];
}

function norms(className: string, where: string, config: object, { axis, low, high, rate }: NormBounds): Constraint {
  const axes = [axis].flat();
  if (axes.length === 0 || !axes.every(Number.isSafeInteger) || new Set(axes).size < axes.length) {
    throw new Error(`${where}: axis must be an integer, or different ones in an array, got ${show(axis)}.`);
  }
  return { className, config: { ...config }, norms: { axis, low, high, rate } };
}

/** Norms of at most maxValue. @param options maxValue: default 2; axis */
export function maxNorm(options: Along & { maxValue?: number } = {}): Constraint {
  const all = readOptions("maxNorm", options, { maxValue: 2, axis: 0 as number | readonly number[] });
  checkNumber("maxNorm", "maxValue", all.maxValue, 0);
  return norms("MaxNorm", "maxNorm", all, { axis: all.axis, low: 0, high: all.maxValue, rate: 1 });
}

/** No number below zero: such become zero. */
export function nonNeg(): Constraint {
  return { className: "NonNeg", config: {}, norms: null };
}

/** Norms of 1. @param options axis */
export function unitNorm(options: Along = {}): Constraint {
  const all = readOptions("unitNorm", options, { axis: 0 as number | readonly number[] });
  return norms("UnitNorm", "unitNorm", all, { axis: all.axis, low: 1, high: 1, rate: 1 });
}

/** Norms from minValue to maxValue, or on the way there. @param options minValue: default 0; maxValue: default 1; rate: from 0 to 1, default 1; axis */
export function minMaxNorm(options: Along & { minValue?: number; maxValue?: number; rate?: number } = {}): Constraint {
  const all = readOptions("minMaxNorm", options, { minValue: 0, maxValue: 1, rate: 1, axis: 0 as number | readonly number[] });
  checkNumber("minMaxNorm", "minValue", all.minValue, 0);
  checkNumber("minMaxNorm", "maxValue", all.maxValue, all.minValue);
  checkNumber("minMaxNorm", "rate", all.rate, 0, 1);
  return norms("MinMaxNorm", "minMaxNorm", all, { axis: all.axis, low: all.minValue, high: all.maxValue, rate: all.rate });
}

const byName: Record<string, (options?: object) => Constraint> = { maxNorm, nonNeg, unitNorm, minMaxNorm };

/** A constraint from Keras's name, or from what a file says of it. @internal */
export function resolveConstraint(where: string, option: string, given: ConstraintLike): Constraint | null {
  return given === null ? null : resolve(where, option, given, "norms", byName);
}
