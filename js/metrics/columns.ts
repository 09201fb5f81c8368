import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkChoice, checkInteger, checkNumber, readOptions } from "../options.js";
import { formatShape, sizeOf } from "../tensor.js";
import { aboveOf, type Measured, type Metric, refuseClasses } from "./metric.js";

/** Keras's, which keeps quotients finite. */
const EPSILON = 1e-7;

/** Σ w, w t, w p, w t², w p², w t p of a column. */
const SUMS = 6;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** Records the sums of each column. @throws unless the output has one axis beside the batch */
function recordColumns(plan: Plan, name: string, { target, weights, sums }: Measured, y: View): void {
  if (y.shape.length !== 2) {
    throw new Error(`${name}: expected outputs of one axis, (None, classes), got ${formatShape([null, ...y.shape.slice(1)])}.`);
  }
  plan.call("columnMoments", { sums, y, target, weights, n: y.shape[1], m: y.shape[0] });
}

/** What the columns' sums say, column by column. */
function columnsOf(sums: Float64Array): number[][] {
  return Array.from({ length: sums.length / SUMS }, (_, i) => Array.from(sums.subarray(i * SUMS, (i + 1) * SUMS)));
}

export interface F1ScoreOptions {
  /** over classes: "micro" of all counts together, "macro" the mean, "weighted" by how often each occurs; default null: one value for each class */
  average?: "micro" | "macro" | "weighted" | null;
  /** outputs above it are positive; default null: the largest of each row */
  threshold?: number | null;
  name?: string;
}

export interface FBetaScoreOptions extends F1ScoreOptions {
  /** how much more recall counts than precision; default 1 */
  beta?: number;
}

const fDefaults = { average: null as "micro" | "macro" | "weighted" | null, threshold: null as number | null };

function fScore(where: string, className: string, config: Required<F1ScoreOptions>, beta: number): Metric {
  const { average, threshold, name } = config;
  if (average !== null) checkChoice(where, "average", average, ["micro", "macro", "weighted"]);
  if (threshold !== null) checkNumber(where, "threshold", threshold, Number.MIN_VALUE, 1);
  checkNumber(where, "beta", beta, Number.MIN_VALUE);
  const scoreOf = ([, labels, guesses, , , both]: number[]) => {
    const precision = both / (guesses + EPSILON);
    const recall = both / (labels + EPSILON);
    return ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall + EPSILON);
  };
  return {
    ...{ name, className, config: { ...config }, direction: "up" },
    size: n => n * SUMS,
    record(plan, batch) {
      refuseClasses(name, batch);
      const { shape } = batch.y;
      const n = shape.at(-1)!;
      let guesses: View;
      if (threshold === null) {
        guesses = plan.tensor(shape);
        plan.call("isLargest", { out: guesses, x: batch.y, n }, { range: shape[0] });
      } else guesses = aboveOf(plan, batch.y, threshold);
      recordColumns(plan, name, batch, guesses);
    },
    read(sums) {
      const columns = columnsOf(sums);
      if (average === "micro") return scoreOf(columns[0].map((_, i) => sum(columns.map(column => column[i]))));
      const scores = columns.map(scoreOf);
      if (average === null) return scores;
      if (average === "macro") return mean(scores);
      const total = sum(columns.map(([, labels]) => labels)) + EPSILON;
      return sum(columns.map(([, labels], i) => (labels / total) * scores[i]));
    },
  };
}

/** 2·precision·recall / (precision + recall) over one-hot labels: for each class, unless averaged. */
export function f1Score(options?: F1ScoreOptions): Metric {
  const config = readOptions("f1Score", options, { ...fDefaults, name: "f1_score" });
  return fScore("f1Score", "F1Score", config, 1);
}

/** (1 + β²)·precision·recall / (β²·precision + recall) over one-hot labels: for each class, unless averaged. */
export function fBetaScore(options?: FBetaScoreOptions): Metric {
  const config = readOptions("fBetaScore", options, { ...fDefaults, beta: 1, name: "fbeta_score" });
  return fScore("fBetaScore", "FBetaScore", config, config.beta);
}

export interface R2ScoreOptions {
  /** over outputs: their mean, or weighted by the labels' variance; null: one value for each output; default "uniform_average" */
  classAggregation?: "uniform_average" | "variance_weighted_average" | null;
  /** of the model: the score is then adjusted for so many; default 0 */
  numRegressors?: number;
  name?: string;
}

/** 1 - Σ (y - ŷ)² / Σ (y - ȳ)²: the share of the labels' variance that is predicted. */
export function r2Score(options?: R2ScoreOptions): Metric {
  const config = readOptions<Required<R2ScoreOptions>>("r2Score", options, {
    classAggregation: "uniform_average",
    numRegressors: 0,
    name: "r2_score",
  });
  const { classAggregation, numRegressors, name } = config;
  if (classAggregation !== null) {
    checkChoice("r2Score", "classAggregation", classAggregation, ["uniform_average", "variance_weighted_average"]);
  }
  checkInteger("r2Score", "numRegressors", numRegressors, 0);
  return {
    ...{ name, className: "R2Score", config: { ...config }, direction: "up" },
    size: n => n * SUMS + 2,
    record(plan, batch) {
      refuseClasses(name, batch);
      recordColumns(plan, name, batch, batch.y);
      const behind = { ...batch.sums, offset: batch.sums.offset + batch.y.shape[1] * SUMS * 8 };
      plan.call("weightedSum", { sums: behind, x: batch.y, weights: null, n: sizeOf(batch.y.shape) }); // [1] counts elements, as Keras samples
    },
    read(sums) {
      const columns = columnsOf(sums.subarray(0, -2));
      const totals = columns.map(([count, t, , tt]) => tt - (t * t) / count);
      const scores = columns.map(([, , , tt, pp, tp], i) => {
        const score = 1 - (tt - 2 * tp + pp) / totals[i];
        return Math.abs(score) === Number.POSITIVE_INFINITY ? 0 : score;
      });
      const adjust = (score: number) => adjusted(score, sums.at(-1)!, numRegressors);
      if (classAggregation === null) return scores.map(adjust);
      if (classAggregation === "uniform_average") return adjust(mean(scores));
      return adjust(sum(scores.map((score, i) => score * totals[i])) / sum(totals));
    },
  };
}

/** The score less what so many regressors gain by chance; unchanged where there are too few samples to tell. */
function adjusted(score: number, samples: number, regressors: number): number {
  if (regressors === 0 || regressors >= samples - 1) return score;
  return 1 - ((1 - score) * (samples - 1)) / (samples - regressors - 1);
}
