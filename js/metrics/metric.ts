import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import type { Identifier } from "../options.js";
import { sizeOf } from "../tensor.js";

/** What a batch gives a metric to record on. Rows are all axes of the output but the last. */
export interface Measured {
  y: View;
  /** labels, of the output's shape; with `classes` the number of a class for each row */
  target: View;
  classes: boolean;
  /** 1 for each row that counts, else 0; as in Keras, only means of rows heed it */
  mask: View | null;
  /** how much each row counts */
  weights: View | null;
  /** the metric's own float64 numbers of the epoch so far: kernels add to them */
  sums: View;
}

/**
 * Measures predictions over an epoch. To write one, give an object with these members to `compile`: `record` calls kernels, as layers and
 * losses do.
 */
export interface Metric extends Identifier {
  /** its key in logs: the word it was asked for by, or Keras's name */
  name: string;
  /** which way is better, for callbacks; null where it is not known */
  direction: "up" | "down" | null;
  /** how many float64 it adds up. @param n length of the output's last axis */
  size(n: number): number;
  /** Records what adds a batch to the sums. */
  record(plan: Plan, batch: Measured): void;
  /** The value of an epoch's sums: a number, or one for each class or threshold. */
  read(sums: Float64Array, n: number): number | number[];
}

/** What `compile` takes: Keras's name, or a metric. */
export type MetricLike = string | Metric | Identifier;

export const rowsOf = ({ shape }: View): number => sizeOf(shape.slice(0, -1));

/** The product of two weights of rows, either of which may be missing. */
export function product(plan: Plan, a: View | null, b: View | null): View | null {
  if (!a || !b) return a ?? b;
  const y = plan.tensor(a.shape);
  plan.call("multiply", { y, a, b }, { range: sizeOf(a.shape) });
  return y;
}

/** Keras's a / b where 0 / 0 is 0 */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** The mean over an epoch of a value for each row. @param valuesOf records these values; it may replace the batch's mask and weights */
export function meanOf(
  identity: Identifier & Pick<Metric, "name" | "direction">,
  valuesOf: (plan: Plan, batch: Measured) => View,
  finish: (mean: number) => number = mean => mean,
): Metric {
  return {
    ...identity,
    size: () => 2,
    record(plan, batch) {
      const own = { ...batch };
      const x = valuesOf(plan, own);
      plan.call("weightedSum", { sums: batch.sums, x, weights: product(plan, own.mask, own.weights), n: sizeOf(x.shape) });
    },
    read: ([total, count]) => finish(ratio(total, count)),
  };
}

/** The labels as numbers of classes. */
export function classesOf(plan: Plan, { y, target, classes }: Measured): View {
  return classes ? target : argmaxOf(plan, y, target);
}

/** The place of each row's largest number. @param y of the shape that x has */
export function argmaxOf(plan: Plan, { shape }: View, x: View): View {
  const n = shape.at(-1)!;
  const out = plan.tensor([sizeOf(shape) / n]);
  plan.call("argmax", { out, x, n }, { range: out.shape[0] });
  return out;
}

/** 1 where a prediction exceeds a threshold, else 0. */
export function aboveOf(plan: Plan, x: View, threshold: number): View {
  const out = plan.tensor(x.shape);
  plan.call("above", { out, x, threshold }, { range: sizeOf(x.shape) });
  return out;
}

/** @throws where there is a label for each row, but a metric compares each of its elements */
export function refuseClasses(metric: string, { y, classes }: Measured): void {
  const n = y.shape.at(-1)!;
  if (!classes || n === 1) return;
  const help = `utils.toCategorical(y, ${n}) makes such labels, for the loss "categorical_crossentropy".`;
  throw new Error(`${metric}: expected a label for each of ${n} outputs, got numbers of classes. ${help}`);
}

/** @throws unless labels are numbers of classes, or one-hot, as a metric needs it. @param other takes the other kind */
export function needClasses(metric: string, { classes }: Measured, wanted: boolean, other: string): void {
  const kinds = ["one-hot labels", "numbers of classes"];
  if (classes === wanted) return;
  throw new Error(`${metric}: expected ${kinds[Number(wanted)]}, got ${kinds[Number(classes)]}. Ask for "${other}".`);
}
