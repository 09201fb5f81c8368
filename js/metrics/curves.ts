import { checkBoolean, checkChoice, readOptions, show } from "../options.js";
import {
  checkLengths,
  type Label,
  type Labels,
  type Numbers,
  readClasses,
  readNumbers,
  readSampleWeight,
  sortedClasses,
} from "./labels.js";

interface CurveOptions {
  /** how much each sample counts; default: all alike */
  sampleWeight?: Numbers | null;
  /** the label that scores are for; default 1 */
  posLabel?: Label;
  /** leave out points that lie on a line between others; default true for rocCurve, false for precisionRecallCurve */
  dropIntermediate?: boolean;
}

interface Steps {
  /** weights of what is scored at least so high, by whether it should be */
  truePositives: number[];
  falsePositives: number[];
  /** falling */
  thresholds: number[];
}

/** Counts at each distinct score, from the highest down. */
function stepsOf(where: string, yTrue: Labels, yScore: Numbers, sampleWeight: Numbers | null, posLabel: Label): Steps {
  const labels = readClasses(`${where}: yTrue`, yTrue);
  const { values: scores, columns } = readNumbers(`${where}: yScore`, yScore);
  if (columns !== 1)
    throw new Error(`${where}: expected one score a sample, got ${columns}. Take the column of the class that is asked for.`);
  checkLengths(where, ["yTrue", labels.length], ["yScore", scores.length]);
  const weights = readSampleWeight(where, sampleWeight, labels.length);
  const classes = sortedClasses(labels);
  if (classes.length > 2) throw new Error(`${where}: expected two classes, got ${classes.length}: ${show(classes)}.`);
  return countDown(
    scores,
    labels.map(label => label === posLabel),
    weights,
  );
}

function countDown(scores: readonly number[], isPositive: readonly boolean[], weights: readonly number[]): Steps {
  const order = Array.from(scores.keys())
    .filter(i => weights[i] !== 0)
    .sort((a, b) => scores[b] - scores[a]);
  const steps: Steps = { truePositives: [], falsePositives: [], thresholds: [] };
  let [tp, fp] = [0, 0];
  for (const [place, i] of order.entries()) {
    if (isPositive[i]) tp += weights[i];
    else fp += weights[i];
    if (scores[i] === scores[order[place + 1]]) continue;
    steps.truePositives.push(tp);
    steps.falsePositives.push(fp);
    steps.thresholds.push(scores[i]);
  }
  return steps;
}

/** Without the points at which neither count changes its pace. */
function corners({ truePositives: tp, falsePositives: fp, thresholds }: Steps): Steps {
  const last = thresholds.length - 1;
  const bends = (x: number[], i: number) => x[i + 1] - x[i] !== x[i] - x[i - 1];
  const isKept = (_: number, i: number) => i === 0 || i === last || bends(tp, i) || bends(fp, i);
  return { truePositives: tp.filter(isKept), falsePositives: fp.filter(isKept), thresholds: thresholds.filter(isKept) };
}

/** Shares of a count's last value; NaN where there are none. */
const shares = (counts: readonly number[]) => counts.map(count => (counts.at(-1)! > 0 ? count / counts.at(-1)! : Number.NaN));

/** Points of a ROC curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** false positives by all negatives */
  fpr: number[];
  /** true positives by all positives */
  tpr: number[];
  /** a score of at least this is positive: falling from Infinity */
  thresholds: number[];
}

/**
 * True over false positive rates at every threshold that changes them, as scikit-learn's roc_curve.
 * @param yTrue labels of two classes
 * @param yScore higher for the class `posLabel`
 */
export function rocCurve(yTrue: Labels, yScore: Numbers, options?: CurveOptions): RocCurve {
  const defaults = { sampleWeight: null as Numbers | null, posLabel: 1 as Label, dropIntermediate: true };
  const { sampleWeight, posLabel, dropIntermediate } = readOptions("rocCurve", options, defaults);
  const all = stepsOf("rocCurve", yTrue, yScore, sampleWeight, posLabel);
  const { truePositives, falsePositives, thresholds } = checkBoolean("rocCurve", "dropIntermediate", dropIntermediate) ? corners(all) : all;
  return {
    fpr: shares([0, ...falsePositives]),
    tpr: shares([0, ...truePositives]),
    thresholds: [Number.POSITIVE_INFINITY, ...thresholds],
  };
}

/** Points of a precision-recall curve, recall falling; the last one, (1, 0), has no threshold. */
export interface PrecisionRecallCurve {
  precision: number[];
  recall: number[];
  /** rising: a score of at least this is positive */
  thresholds: number[];
}

/** Precision and recall at every score, as scikit-learn's precision_recall_curve. */
export function precisionRecallCurve(yTrue: Labels, yScore: Numbers, options?: CurveOptions): PrecisionRecallCurve {
  const where = "precisionRecallCurve";
  const defaults = { sampleWeight: null as Numbers | null, posLabel: 1 as Label, dropIntermediate: false };
  const { sampleWeight, posLabel, dropIntermediate } = readOptions(where, options, defaults);
  const all = stepsOf(where, yTrue, yScore, sampleWeight, posLabel);
  const steps = checkBoolean(where, "dropIntermediate", dropIntermediate) ? withoutRepeats(all) : all;
  const { truePositives: tp, falsePositives: fp, thresholds } = steps;
  const total = tp.at(-1) ?? 0;
  return {
    precision: [...tp.map((count, i) => (count + fp[i] === 0 ? 0 : count / (count + fp[i]))).reverse(), 1],
    recall: [...tp.map(count => (total === 0 ? 1 : count / total)).reverse(), 0],
    thresholds: [...thresholds].reverse(),
  };
}

/** Without points between others of the same recall. */
function withoutRepeats({ truePositives: tp, falsePositives: fp, thresholds }: Steps): Steps {
  const last = thresholds.length - 1;
  const isKept = (_: number, i: number) => i === 0 || i === last || tp[i] !== tp[i - 1] || tp[i + 1] !== tp[i];
  return { truePositives: tp.filter(isKept), falsePositives: fp.filter(isKept), thresholds: thresholds.filter(isKept) };
}

interface ScoreOptions {
  sampleWeight?: Numbers | null;
  /** of several classes: the mean, the mean by how often each occurs, or null for a value each; default "macro" */
  average?: "macro" | "weighted" | null;
}

/**
 * The exact area under the ROC curve: how likely a positive sample is scored above a negative one. As scikit-learn's roc_auc_score; of several
 * classes each against the rest.
 * @param yTrue labels 0 and 1, numbers of classes, or a row of labels 0 and 1 for each sample
 * @param yScore one score a sample, or one for each class
 */
export function rocAucScore(
  yTrue: Labels | readonly number[][],
  yScore: Numbers | readonly number[][],
  options?: ScoreOptions,
): number | number[] {
  return byClass("rocAucScore", yTrue, yScore, options, ({ truePositives, falsePositives }) => {
    const [x, y] = [shares([0, ...falsePositives]), shares([0, ...truePositives])];
    return x.slice(1).reduce((sum, next, i) => sum + ((next - x[i]) * (y[i] + y[i + 1])) / 2, 0);
  });
}

/** Σ (change of recall) · precision, from the highest score down, as scikit-learn's average_precision_score. */
export function averagePrecisionScore(
  yTrue: Labels | readonly number[][],
  yScore: Numbers | readonly number[][],
  options?: ScoreOptions,
): number | number[] {
  return byClass("averagePrecisionScore", yTrue, yScore, options, ({ truePositives: tp, falsePositives: fp }) =>
    tp.reduce((sum, count, i) => sum + ((count - (tp[i - 1] ?? 0)) / tp.at(-1)!) * (count / (count + fp[i])), 0),
  );
}

/** @throws when a class does not occur, or has no other beside it */
function byClass(
  where: string,
  yTrue: Labels | readonly number[][],
  yScore: Numbers | readonly number[][],
  options: ScoreOptions | undefined,
  scoreOf: (steps: Steps) => number,
): number | number[] {
  const defaults: Required<ScoreOptions> = { sampleWeight: null, average: "macro" };
  const { sampleWeight, average } = readOptions(where, options, defaults);
  if (average !== null) checkChoice(where, "average", average, ["macro", "weighted"]);
  const { values: scores, columns } = readNumbers(`${where}: yScore`, yScore);
  const count = scores.length / columns;
  const isPositive = membership(where, yTrue, count, columns);
  const weights = readSampleWeight(where, sampleWeight, count);
  const supports: number[] = [];
  const values = Array.from({ length: columns }, (_, column) => {
    const own = Array.from({ length: count }, (_, row) => isPositive(row, column));
    const support = own.reduce((sum, is, row) => sum + (is ? weights[row] : 0), 0);
    if (own.every(Boolean) || !own.some(Boolean)) {
      throw new Error(`${where}: yTrue must hold samples with and without ${columns > 1 ? `class ${column}` : "the label 1"}.`);
    }
    supports.push(support);
    return scoreOf(
      countDown(
        own.map((_, row) => scores[row * columns + column]),
        own,
        weights,
      ),
    );
  });
  if (columns === 1) return values[0];
  if (average === null) return values;
  const shareOf = average === "macro" ? supports.map(() => 1) : supports;
  return values.reduce((sum, value, i) => sum + value * shareOf[i], 0) / shareOf.reduce((a, b) => a + b, 0);
}

/** Whether a sample belongs to a class. */
function membership(
  where: string,
  yTrue: Labels | readonly number[][],
  count: number,
  columns: number,
): (row: number, column: number) => boolean {
  const isRows = Array.isArray(yTrue) ? Array.isArray(yTrue[0]) : "shape" in yTrue && (yTrue.shape[1] ?? 1) > 1;
  if (isRows) {
    const { values, columns: own } = readNumbers(`${where}: yTrue`, yTrue as Numbers);
    if (own !== columns) throw new Error(`${where}: yTrue has ${own} labels a sample, but yScore ${columns} scores.`);
    checkLengths(where, ["yTrue", values.length / own], ["yScore", count]);
    return (row, column) => values[row * columns + column] > 0;
  }
  const labels = readClasses(`${where}: yTrue`, yTrue);
  checkLengths(where, ["yTrue", labels.length], ["yScore", count]);
  if (columns === 1) return row => labels[row] === 1;
  return (row, column) => labels[row] === column;
}
