import { checkArray, checkBoolean, checkNumber, readOptions } from "../options.js";
import type { Tensor } from "../tensor.js";
import { checkFitted, type Fitted } from "./fitted.js";
import { mapTable, type Rows, readTable, type Table } from "./table.js";

/** Scales each feature by two numbers that training data gave: y = (x - offset) / scale, and back. */
abstract class Scaler<Learnt extends object> implements Fitted {
  readonly #where: string;
  protected learnt: Learnt | null;

  constructor(where: string, learnt: Learnt | null) {
    this.#where = where;
    this.learnt = learnt;
  }

  protected abstract readonly className: string;
  protected abstract readonly config: Record<string, unknown>;
  /** What it needs to know of training data. */
  protected abstract learn(table: Table): Learnt;
  /** y = (x - offset) · factor of each feature */
  protected abstract lines(learnt: Learnt): { offset: number; factor: number }[];
  /** What becomes of a scaled number. */
  protected limit(y: number): number {
    return y;
  }

  /** Learns from rows [..., features]. */
  fit(x: Rows): this {
    this.learnt = this.learn(readTable(`${this.#where}: fit`, x));
    return this;
  }

  /** @throws before `fit`, or for another number of features */
  transform(x: Rows): Tensor {
    const lines = this.lines(checkFitted(`${this.#where}: transform`, this.learnt));
    return mapTable(readTable(`${this.#where}: transform`, x, lines.length), (value, i) =>
      this.limit((value - lines[i].offset) * lines[i].factor),
    );
  }

  /** Learns from rows, and scales them. */
  fitTransform(x: Rows): Tensor {
    return this.fit(x).transform(x);
  }

  /** The way back: x from what `transform` gave. */
  inverseTransform(y: Rows): Tensor {
    const lines = this.lines(checkFitted(`${this.#where}: inverseTransform`, this.learnt));
    return mapTable(
      readTable(`${this.#where}: inverseTransform`, y, lines.length),
      (value, i) => value / lines[i].factor + lines[i].offset,
    );
  }

  toJSON() {
    return { className: this.className, config: this.config, fitted: this.learnt as Record<string, unknown> | null };
  }
}

/** Sums of each feature. */
function columnSums({ data, features }: Table, f: (value: number, feature: number) => number): number[] {
  const sums = new Array<number>(features).fill(0);
  for (let i = 0; i < data.length; i++) sums[i % features] += f(data[i], i % features);
  return sums;
}

/** What `standardScaler` takes. */
export interface StandardScalerOptions {
  /** default true */
  withMean?: boolean;
  /** default true */
  withStd?: boolean;
}

interface Moments {
  mean: number[];
  variance: number[];
}

/** Scikit-learn's StandardScaler: mean 0 and (biased) variance 1 for each feature; one that never changes is only moved. */
export class StandardScaler extends Scaler<Moments> {
  protected readonly className = "StandardScaler";
  protected readonly config: { withMean: boolean; withStd: boolean };

  constructor(options?: StandardScalerOptions, learnt: Moments | null = null) {
    super("standardScaler", learnt);
    this.config = readOptions("standardScaler", options, { withMean: true, withStd: true }) as { withMean: boolean; withStd: boolean };
    checkBoolean("standardScaler", "withMean", this.config.withMean);
    checkBoolean("standardScaler", "withStd", this.config.withStd);
  }

  get mean(): readonly number[] {
    return checkFitted("standardScaler: mean", this.learnt).mean;
  }

  get variance(): readonly number[] {
    return checkFitted("standardScaler: variance", this.learnt).variance;
  }

  protected learn(table: Table): Moments {
    const rows = table.data.length / table.features;
    const mean = columnSums(table, value => value).map(sum => sum / rows);
    const variance = columnSums(table, (value, i) => (value - mean[i]) ** 2).map(sum => sum / rows);
    return { mean, variance };
  }

  protected lines({ mean, variance }: Moments) {
    const { withMean, withStd } = this.config;
    return mean.map((offset, i) => ({ offset: withMean ? offset : 0, factor: withStd ? 1 / (Math.sqrt(variance[i]) || 1) : 1 }));
  }
}

/** What `minMaxScaler` takes. */
export interface MinMaxScalerOptions {
  /** default [0, 1] */
  featureRange?: [number, number];
  /** keeps what lies outside of the training data's range inside of featureRange; default false */
  clip?: boolean;
}

interface Extremes {
  min: number[];
  max: number[];
}

/** Scikit-learn's MinMaxScaler: each feature of the training data fills a range. */
export class MinMaxScaler extends Scaler<Extremes> {
  protected readonly className = "MinMaxScaler";
  protected readonly config: { featureRange: [number, number]; clip: boolean };

  constructor(options?: MinMaxScalerOptions, learnt: Extremes | null = null) {
    super("minMaxScaler", learnt);
    const defaults = { featureRange: [0, 1] as [number, number], clip: false };
    this.config = readOptions("minMaxScaler", options, defaults) as typeof defaults;
    const range = checkArray("minMaxScaler", "featureRange", this.config.featureRange);
    for (const end of range) checkNumber("minMaxScaler", "featureRange", end, Number.NEGATIVE_INFINITY);
    const [low, high] = this.config.featureRange;
    if (range.length !== 2 || !(low < high)) throw new Error(`minMaxScaler: featureRange must be [low, high], got [${range}].`);
    checkBoolean("minMaxScaler", "clip", this.config.clip);
  }

  protected learn({ data, features }: Table): Extremes {
    const min = new Array<number>(features).fill(Number.POSITIVE_INFINITY);
    const max = new Array<number>(features).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < data.length; i++) {
      min[i % features] = Math.min(min[i % features], data[i]);
      max[i % features] = Math.max(max[i % features], data[i]);
    }
    return { min, max };
  }

  protected lines({ min, max }: Extremes) {
    const [low, high] = this.config.featureRange;
    return min.map((least, i) => {
      const factor = (high - low) / (max[i] - least || 1);
      return { offset: least - low / factor, factor };
    });
  }

  protected override limit(y: number): number {
    const [low, high] = this.config.featureRange;
    return this.config.clip ? Math.min(Math.max(y, low), high) : y;
  }
}

/** Features with mean 0 and variance 1. */
export const standardScaler = (options?: StandardScalerOptions) => new StandardScaler(options);

/** Features between 0 and 1, or in another range. */
export const minMaxScaler = (options?: MinMaxScalerOptions) => new MinMaxScaler(options);
