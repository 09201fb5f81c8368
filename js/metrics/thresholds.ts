import type { Plan } from "../engine/plan.js";
import { checkInteger, show } from "../options.js";
import { type Measured, refuseClasses, rowsOf } from "./metric.js";

/** Float32 numbers that predictions are compared with. */
export interface Thresholds {
  /** in rising order */
  rising: readonly number[];
  /** whether Keras takes them for i / (n - 1), and finds a prediction's place by a product */
  isEven: boolean;
  /** of even ones: how many every prediction exceeds */
  least: number;
}

/** Counts at each threshold: of predictions above and not above it, by whether they should be. */
export interface Counts {
  truePositives: number[];
  falsePositives: number[];
  trueNegatives: number[];
  falseNegatives: number[];
}

/** Keras's test of thresholds for even distances. */
export function areEven(rising: readonly number[]): boolean {
  const last = rising.length - 1;
  return last >= 2 && rising.every((value, i) => Math.abs(value - i / last) <= 1e-7 + 1e-5 * (i / last));
}

/** One threshold, or several in any order: they are put in order, and `restore` puts values in theirs. @throws outside [0, 1] */
export function readThresholds(where: string, given: number | number[] | null, preset: number) {
  const list = given === null ? [preset] : [given].flat();
  const wrong = given === null ? -1 : list.findIndex(value => !(value >= 0 && value <= 1));
  if (wrong >= 0 || list.length === 0) {
    throw new Error(`${where}: thresholds must be a number from 0 to 1, or an array of them, got ${show(given)}.`);
  }
  const order = list.map((_, i) => i).sort((a, b) => list[a] - list[b]);
  const isEven = areEven(list);
  const thresholds: Thresholds = { rising: isEven ? list : order.map(i => list[i]), isEven, least: 0 };
  const restore = (values: number[]): number | number[] => {
    if (list.length === 1) return values[0];
    return isEven ? values : list.map((_, i) => values[order.indexOf(i)]);
  };
  return { thresholds, restore };
}

/** How a metric chooses among the outputs. */
export interface Columns {
  /** only this one; default: all */
  classId?: number | null;
  /** only the so many largest of each row can be positive */
  topK?: number | null;
  /** each by itself, not all together */
  isByColumn?: boolean;
  /** how much each counts */
  weights?: readonly number[] | null;
}

export function checkColumns(where: string, { classId = null, topK = null }: Columns): void {
  if (classId !== null) checkInteger(where, "classId", classId, 0);
  if (topK !== null) checkInteger(where, "topK", topK);
}

/** How many float64 the buckets between thresholds take. */
export const sizeOfCounts = ({ rising }: Thresholds, sets = 1): number => 2 * sets * (rising.length + 1);

/** Records the count of predictions between thresholds. */
export function recordCounts(plan: Plan, name: string, batch: Measured, thresholds: Thresholds, columns: Columns): void {
  refuseClasses(name, batch);
  const { target, weights, sums } = batch;
  const { classId = null, topK = null, isByColumn = false } = columns;
  const n = batch.y.shape.at(-1)!;
  const m = rowsOf(batch.y);
  if (classId !== null && classId >= n) throw new Error(`${name}: classId must be below the ${n} outputs, got ${classId}.`);
  if (columns.weights && columns.weights.length !== n) {
    throw new Error(`${name}: labelWeights must hold ${n} numbers, one for each output, got ${columns.weights.length}.`);
  }
  let { y } = batch;
  if (topK !== null) {
    if (topK > n) throw new Error(`${name}: topK must be at most the ${n} outputs, got ${topK}.`);
    y = plan.tensor(batch.y.shape);
    plan.call("keepTopK", { out: y, y: batch.y, n, k: topK }, { range: m });
  }
  const { rising, isEven, least } = thresholds;
  plan.call("thresholdCounts", {
    ...{ sums, y, target, weights, n, m, least, count: rising.length, isByColumn: Number(isByColumn) },
    columnWeights: columns.weights ? plan.constant(columns.weights) : null,
    thresholds: isEven ? null : plan.constant(rising),
    ...(classId === null ? { first: 0, last: n } : { first: classId, last: classId + 1 }),
  });
}

/** Sums of the buckets from each threshold on and up to it. @param set of a count by columns: which one */
export function readCounts(sums: Float64Array, { rising: { length } }: Thresholds, set = 0): Counts {
  const above = (begin: number) => {
    const counts = new Array<number>(length);
    let sum = 0;
    for (let i = length - 1; i >= 0; i--) counts[i] = sum += sums[begin + i + 1];
    return { counts, total: sum + sums[begin] };
  };
  const positives = above(2 * set * (length + 1));
  const negatives = above((2 * set + 1) * (length + 1));
  return {
    truePositives: positives.counts,
    falsePositives: negatives.counts,
    trueNegatives: negatives.counts.map(count => negatives.total - count),
    falseNegatives: positives.counts.map(count => positives.total - count),
  };
}
