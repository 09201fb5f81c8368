import { checkOptions, show } from "../options.js";
import { type KFoldOptions, kFold } from "./kFold.js";
import { rowsOf, type Splittable, take } from "./rows.js";

/** One fold's samples: those to fit on, scalers included, and those to measure on. */
export interface FoldData<X, Y> {
  xTrain: X;
  yTrain: Y;
  xTest: X;
  yTest: Y;
  /** from 0 */
  fold: number;
}

/** What a fold measured, by name: as `model.evaluate` gives it. */
export type Scores = Record<string, number>;

/** What all folds measured. */
export interface CrossValidation {
  folds: Scores[];
  mean: Scores;
  /** the standard deviation over the folds, of the folds as they are (not divided by one less) */
  std: Scores;
}

/**
 * Measures a way to learn on every sample, each time by what was learnt from the others.
 * @param learn is called fold after fold: it makes scalers and a model, fits them on the training side, and returns what `evaluate` gives for the other
 * @param options those of `kFold`
 */
export async function crossValidate<X extends Splittable, Y extends Splittable>(
  x: X,
  y: Y,
  learn: (data: FoldData<X, Y>) => Promise<Scores> | Scores,
  options?: KFoldOptions,
): Promise<CrossValidation> {
  if (typeof learn !== "function") throw new Error(`crossValidate: expected a function that learns a fold, got ${show(learn)}.`);
  const samples = rowsOf("crossValidate", { x, y });
  const folds: Scores[] = [];
  for (const [fold, { train, test }] of kFold(samples, checkOptions("crossValidate", options)).entries()) {
    const [xTrain, xTest] = [train, test].map(rows => take(x, rows, samples));
    const [yTrain, yTest] = [train, test].map(rows => take(y, rows, samples));
    folds.push(await learn({ xTrain, yTrain, xTest, yTest, fold }));
  }
  const over = (f: (values: number[]) => number) =>
    Object.fromEntries(Object.keys(folds[0]).map(name => [name, f(folds.map(scores => scores[name]))]));
  return { folds, mean: over(mean), std: over(values => Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2)))) };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
