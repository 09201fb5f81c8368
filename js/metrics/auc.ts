import type { View } from "../engine/memory.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber, readOptions, show } from "../options.js";
import { sizeOf } from "../tensor.js";
import { evenThresholds } from "./confusion.js";
import { type Metric, ratio } from "./metric.js";
import { areEven, type Counts, readCounts, recordCounts, sizeOfCounts, type Thresholds } from "./thresholds.js";

export interface AucOptions {
  /** at even distances from 0 to 1; more are more exact; default 200 */
  numThresholds?: number;
  /** true over false positive rate, or precision over recall, or their gains; default "ROC" */
  curve?: "ROC" | "PR" | "PRGAIN";
  /** between two points: the trapezoid (for "PR" Davis and Goadrich's interpolation), the lower or the higher one; default "interpolation" */
  summationMethod?: "interpolation" | "minoring" | "majoring";
  /** between 0 and 1, in place of numThresholds */
  thresholds?: number[] | null;
  /** the mean of the areas of each output; default false: all outputs together */
  multiLabel?: boolean;
  /** with multiLabel: how many outputs there are; default: what comes */
  numLabels?: number | null;
  /** how much each output counts; default: all alike */
  labelWeights?: number[] | null;
  /** predictions are logits, not probabilities; default false */
  fromLogits?: boolean;
  name?: string;
}

/** below and above all predictions: Keras's epsilon beyond 0 and 1 */
const EPSILON = 1e-7;

function thresholdsOf(count: number, given: number[] | null): Thresholds {
  const rising = given ? [0, ...[...given].sort((a, b) => a - b), 1] : evenThresholds(count);
  const isEven = given === null || areEven(rising);
  return { rising: [-EPSILON, ...rising.slice(1, -1), 1 + EPSILON], isEven, least: 1 };
}

/** Σ over neighbouring points i of (x_i - x_i+1) · height(y_i, y_i+1) */
function area(x: number[], y: number[], height: (a: number, b: number) => number): number {
  return x.slice(1).reduce((sum, next, i) => sum + (x[i] - next) * height(y[i], y[i + 1]), 0);
}

const heights = {
  interpolation: (a: number, b: number) => (a + b) / 2,
  minoring: (a: number, b: number) => Math.min(a, b),
  majoring: (a: number, b: number) => Math.max(a, b),
};

const zip = (a: number[], b: number[], f: (a: number, b: number) => number) => a.map((value, i) => f(value, b[i]));

const curves: Record<"ROC" | "PR" | "PRGAIN", (counts: Counts) => [x: number[], y: number[]]> = {
  ROC({ truePositives, falsePositives, trueNegatives, falseNegatives }) {
    return [
      zip(falsePositives, trueNegatives, (fp, tn) => ratio(fp, fp + tn)),
      zip(truePositives, falseNegatives, (tp, fn) => ratio(tp, tp + fn)),
    ];
  },
  PR({ truePositives, falsePositives, falseNegatives }) {
    return [
      zip(truePositives, falseNegatives, (tp, fn) => ratio(tp, tp + fn)),
      zip(truePositives, falsePositives, (tp, fp) => ratio(tp, tp + fp)),
    ];
  },
  PRGAIN({ truePositives, falsePositives, trueNegatives, falseNegatives }) {
    const gain = (wrong: number[], none: number) =>
      truePositives.map((tp, i) => {
        const factor = ratio(tp + falseNegatives[i], trueNegatives[i] + falsePositives[i]);
        return tp === 0 ? none : 1 - factor * (wrong[i] / tp);
      });
    return [gain(falseNegatives, 0).map(value => Math.max(value, 0)), gain(falsePositives, 1)];
  },
};

/** The area under precision over recall: between two points true positives are taken to grow as positives do (Davis and Goadrich 2006). */
function interpolatedPr({ truePositives: tp, falsePositives: fp, falseNegatives: fn }: Counts): number {
  return tp.slice(1).reduce((sum, next, i) => {
    const [p, pNext] = [tp[i] + fp[i], next + fp[i + 1]];
    const slope = ratio(tp[i] - next, Math.max(p - pNext, 0));
    const intercept = next - slope * pNext;
    const growth = p > 0 && pNext > 0 ? p / pNext : 1;
    return sum + ratio(slope * (tp[i] - next + intercept * Math.log(growth)), Math.max(next + fn[i + 1], 0));
  }, 0);
}

/** The area under the ROC or precision-recall curve, as Keras approximates it from counts between thresholds. `rocAucScore` is exact. */
export function auc(options?: AucOptions): Metric {
  const config = readOptions<Required<AucOptions>>("auc", options, {
    ...{ numThresholds: 200, curve: "ROC", summationMethod: "interpolation", thresholds: null, multiLabel: false },
    ...{ numLabels: null, labelWeights: null, fromLogits: false, name: "auc" },
  });
  const { curve, summationMethod, multiLabel, numLabels, labelWeights, name } = config;
  checkInteger("auc", "numThresholds", config.numThresholds, 2);
  checkChoice("auc", "curve", curve, ["ROC", "PR", "PRGAIN"]);
  checkChoice("auc", "summationMethod", summationMethod, ["interpolation", "minoring", "majoring"]);
  checkBoolean("auc", "multiLabel", multiLabel);
  checkBoolean("auc", "fromLogits", config.fromLogits);
  for (const value of config.thresholds ?? []) checkNumber("auc", "thresholds", value, 0, 1);
  for (const value of labelWeights ?? []) checkNumber("auc", "labelWeights", value, 0);
  if (numLabels !== null && !multiLabel) throw new Error(`auc: numLabels is for multiLabel: true, got ${show(numLabels)}.`);
  const thresholds = thresholdsOf(config.numThresholds, config.thresholds);

  const areaOf = (counts: Counts): number => {
    if (curve === "PR" && summationMethod === "interpolation") return interpolatedPr(counts);
    return area(...curves[curve](counts), heights[summationMethod]);
  };
  return {
    ...{ name, className: "AUC", config: { ...config }, direction: "up" },
    size: n => sizeOfCounts(thresholds, multiLabel ? n : 1),
    record(plan, batch) {
      const n = batch.y.shape.at(-1)!;
      if (numLabels !== null && numLabels !== n) throw new Error(`${name}: expected ${numLabels} outputs, as numLabels says, got ${n}.`);
      let y: View = batch.y;
      if (config.fromLogits) {
        y = plan.tensor(y.shape);
        plan.call("sigmoid", { y, x: batch.y }, { range: sizeOf(y.shape) });
      }
      const columns = { isByColumn: multiLabel, weights: multiLabel ? null : labelWeights };
      recordCounts(plan, name, { ...batch, y }, thresholds, columns);
    },
    read(sums, n) {
      if (!multiLabel) return areaOf(readCounts(sums, thresholds));
      const weights = labelWeights ?? new Array<number>(n).fill(1);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return ratio(
        weights.reduce((sum, weight, label) => sum + weight * areaOf(readCounts(sums, thresholds, label)), 0),
        total,
      );
    },
  };
}
