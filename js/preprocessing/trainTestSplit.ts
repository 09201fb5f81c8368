import { readOptions } from "../options.js";
import { nextSeed, Random } from "../random.js";
import { isTensor } from "../tensor.js";
import { rowsOf, type Splittable, take } from "./rows.js";

export interface SplitOptions {
  /** a part between 0 and 1, or a number of samples; default: what `trainSize` leaves, or 0.25 */
  testSize?: number;
  /** a part between 0 and 1, or a number of samples; default: what `testSize` leaves */
  trainSize?: number;
  /** a label for each sample: both sides then hold the same share of each class */
  stratify?: Splittable;
  /** default true; false takes the first samples for training and the next for testing */
  shuffle?: boolean;
  /** the same seed gives the same split; default: drawn from the global stream that `setSeed` fixes */
  seed?: number;
}

export interface TrainTestSplit<X, Y> {
  xTrain: X;
  xTest: X;
  yTrain: Y;
  yTest: Y;
}

const defaults: SplitOptions = { testSize: undefined, trainSize: undefined, stratify: undefined, shuffle: true, seed: undefined };

/** Row numbers for the two sides. */
interface Sides {
  train: number[];
  test: number[];
}

/**
 * Divides samples and their labels in two, by scikit-learn's rules: a part of the samples is rounded up for testing and down for
 * training; strata are divided in proportion, and what rounding leaves goes to the largest remainders.
 * Each result is of the same kind as its source. Where `x` and `y` are both typed arrays, `y` holds one label a sample.
 */
export function trainTestSplit<X extends Splittable, Y extends Splittable>(x: X, y: Y, options?: SplitOptions): TrainTestSplit<X, Y> {
  const { testSize, trainSize, stratify, shuffle, seed } = readOptions("trainTestSplit", options, defaults);
  const samples = rowsOf("trainTestSplit", { x, y, ...(stratify && { stratify }) });
  const { trainCount, testCount } = countsOf(samples, trainSize, testSize);
  const random = new Random(seed ?? nextSeed());

  let sides: Sides;
  if (stratify === undefined) {
    const order = Array.from({ length: samples }, (_, row) => row);
    if (shuffle) random.shuffle(order);
    sides = { train: order.slice(0, trainCount), test: order.slice(trainCount, trainCount + testCount) };
  } else {
    if (!shuffle) throw new Error("trainTestSplit: stratify needs shuffle: true.");
    sides = stratified(stratify, samples, trainCount, testCount, random);
  }
  return {
    xTrain: take(x, sides.train, samples),
    xTest: take(x, sides.test, samples),
    yTrain: take(y, sides.train, samples),
    yTest: take(y, sides.test, samples),
  };
}

function checkSize(name: string, size: number | undefined, samples: number): void {
  const isPart = typeof size === "number" && size > 0 && size < 1;
  const isCount = Number.isInteger(size) && size! >= 1 && size! < samples;
  if (size !== undefined && !isPart && !isCount) {
    throw new Error(`trainTestSplit: ${name} must be a part between 0 and 1 or a number of samples below ${samples}, got ${size}.`);
  }
}

function countsOf(samples: number, trainSize?: number, testSize?: number): { trainCount: number; testCount: number } {
  checkSize("trainSize", trainSize, samples);
  checkSize("testSize", testSize, samples);
  const count = (size: number, round: (part: number) => number) => (size < 1 ? round(size * samples) : size);
  const test = testSize ?? (trainSize === undefined ? 0.25 : undefined);
  const testCount = test === undefined ? samples - count(trainSize!, Math.floor) : count(test, Math.ceil);
  const trainCount = trainSize === undefined ? samples - testCount : count(trainSize, Math.floor);
  if (trainCount < 1 || testCount < 1 || trainCount + testCount > samples) {
    throw new Error(`trainTestSplit: ${samples} samples cannot give ${trainCount} for training and ${testCount} for testing.`);
  }
  return { trainCount, testCount };
}

function stratified(labels: Splittable, samples: number, trainCount: number, testCount: number, random: Random): Sides {
  const strata = [...classes(labels, samples)];
  for (const [label, rows] of strata) {
    if (rows.length < 2) throw new Error(`trainTestSplit: the class ${label} has a single sample, which cannot be on both sides.`);
  }
  if (Math.min(trainCount, testCount) < strata.length) {
    throw new Error(`trainTestSplit: ${trainCount} for training and ${testCount} for testing cannot hold all ${strata.length} classes.`);
  }
  const rows = strata.map(([, rows]) => random.shuffle(rows));
  const sizes = rows.map(rows => rows.length);
  const train = allot(sizes, trainCount, random);
  const rest = sizes.map((size, i) => size - train[i]);
  const test = allot(rest, testCount, random);
  return {
    train: random.shuffle(rows.flatMap((rows, i) => rows.slice(0, train[i]))),
    test: random.shuffle(rows.flatMap((rows, i) => rows.slice(train[i], train[i] + test[i]))),
  };
}

/** The rows of each class, by its label as text: a one-hot row is a label too. */
function classes(labels: Splittable, samples: number): Map<string, number[]> {
  const values = isTensor(labels) ? labels.data : labels;
  const width = values.length / samples;
  const rows = new Map<string, number[]>();
  for (let row = 0; row < samples; row++) {
    const label = String(values.slice(row * width, (row + 1) * width));
    const known = rows.get(label);
    if (known) known.push(row);
    else rows.set(label, [row]);
  }
  return rows;
}

/** Divides `total` in proportion to `sizes` in whole numbers: rounded down, then one more for the largest remainders, ties by lot. */
function allot(sizes: number[], total: number, random: Random): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const shares = sizes.map(size => Math.floor((size * total) / all));
  const remainder = (i: number) => (sizes[i] * total) % all;
  const byRemainder = random.shuffle([...sizes.keys()]).sort((a, b) => remainder(b) - remainder(a));
  const left = total - shares.reduce((sum, share) => sum + share, 0);
  for (const i of byRemainder.slice(0, left)) shares[i]++;
  return shares;
}
