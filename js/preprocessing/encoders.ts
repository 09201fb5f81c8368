import { checkArray, readOptions, show } from "../options.js";
import { isTensor, type NumericArray, type Tensor } from "../tensor.js";
import { checkFitted, type Fitted } from "./fitted.js";

/** A category: text, a number or a truth value. */
export type Label = string | number | boolean;

/** One label a sample. */
export type Labels = readonly Label[] | NumericArray | Tensor;

function readLabels(where: string, labels: Labels): Label[] {
  const values = isTensor(labels) ? [...labels.data] : Array.isArray(labels) ? labels : ArrayBuffer.isView(labels) ? [...labels] : null;
  if (!values) throw new Error(`${where}: expected an array of labels, got ${show(labels)}.`);
  const wrong = values.findIndex(label => !["string", "number", "boolean"].includes(typeof label) || Number.isNaN(label));
  if (wrong >= 0) throw new Error(`${where}: labels are text, numbers or truth values, got ${show(values[wrong])} at ${wrong}.`);
  return values;
}

/** Each label once, in order: numbers by size, text by its characters. */
function sortedLabels(labels: readonly Label[]): Label[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The number of each label; -1 for one that is not known. */
function numbersOf(labels: readonly Label[], classes: readonly Label[]): number[] {
  const numbers = new Map(classes.map((label, i) => [label, i]));
  return labels.map(label => numbers.get(label) ?? -1);
}

function unknown(where: string, label: Label, classes: readonly Label[]): Error {
  const known = `${classes.slice(0, 12).map(show).join(", ")}${classes.length > 12 ? ", ..." : ""}`;
  return new Error(`${where}: unknown label ${show(label)}. fit() saw ${known}.`);
}

/** Scikit-learn's LabelEncoder: labels as whole numbers from 0, in their order. */
export class LabelEncoder implements Fitted {
  #classes: readonly Label[] | null;

  constructor(fitted: { classes: Label[] } | null = null) {
    this.#classes = fitted?.classes ?? null;
  }

  /** The labels by number. @throws before `fit` */
  get classes(): readonly Label[] {
    return checkFitted("labelEncoder: classes", this.#classes);
  }

  /** Learns the labels. */
  fit(labels: Labels): this {
    this.#classes = sortedLabels(readLabels("labelEncoder: fit", labels));
    return this;
  }

  /** @throws for a label that `fit` did not see */
  transform(labels: Labels): Int32Array {
    const values = readLabels("labelEncoder: transform", labels);
    const classes = checkFitted("labelEncoder: transform", this.#classes);
    const numbers = numbersOf(values, classes);
    const wrong = numbers.indexOf(-1);
    if (wrong >= 0) throw unknown("labelEncoder: transform", values[wrong], classes);
    return Int32Array.from(numbers);
  }

  /** Learns labels, and numbers them. */
  fitTransform(labels: Labels): Int32Array {
    return this.fit(labels).transform(labels);
  }

  /** The labels of numbers. */
  inverseTransform(numbers: ArrayLike<number>): Label[] {
    const classes = checkFitted("labelEncoder: inverseTransform", this.#classes);
    return Array.from(numbers, number => {
      if (classes[number] !== undefined) return classes[number];
      throw new Error(`labelEncoder: inverseTransform: expected whole numbers from 0 to ${classes.length - 1}, got ${number}.`);
    });
  }

  toJSON() {
    return { className: "LabelEncoder", config: {}, fitted: this.#classes && { classes: [...this.#classes] } };
  }
}

/** What `oneHotEncoder` takes. */
export interface OneHotEncoderOptions {
  /** what a category becomes that `fit` did not see: an error, or zeros; default "error" */
  handleUnknown?: "error" | "ignore";
  /** leaves the first category of each column out, which the others then stand against; default null */
  drop?: "first" | null;
}

/** Scikit-learn's OneHotEncoder: each column of categories as a 0 or 1 for each category that it has, in their order. */
export class OneHotEncoder implements Fitted {
  readonly #options: Required<OneHotEncoderOptions>;
  #categories: readonly (readonly Label[])[] | null;

  constructor(options?: OneHotEncoderOptions, fitted: { categories: Label[][] } | null = null) {
    this.#options = readOptions("oneHotEncoder", options, { handleUnknown: "error", drop: null } as Required<OneHotEncoderOptions>);
    const { handleUnknown, drop } = this.#options;
    if (!["error", "ignore"].includes(handleUnknown)) {
      throw new Error(`oneHotEncoder: handleUnknown must be "error" or "ignore", got ${show(handleUnknown)}.`);
    }
    if (drop !== null && drop !== "first") throw new Error(`oneHotEncoder: drop must be "first" or null, got ${show(drop)}.`);
    this.#categories = fitted?.categories ?? null;
  }

  /** Of each column. @throws before `fit` */
  get categories(): readonly (readonly Label[])[] {
    return checkFitted("oneHotEncoder: categories", this.#categories);
  }

  /** @param rows an array of categories for each sample */
  /** Learns each column's categories. */
  fit(rows: readonly (readonly Label[])[]): this {
    this.#categories = columnsOf("oneHotEncoder: fit", rows).map(sortedLabels);
    return this;
  }

  /** [samples, categories of all columns] */
  transform(rows: readonly (readonly Label[])[]): Tensor {
    const where = "oneHotEncoder: transform";
    const categories = checkFitted(where, this.#categories);
    const columns = columnsOf(where, rows, categories.length);
    const from = this.#options.drop === "first" ? 1 : 0;
    const widths = categories.map(column => column.length - from);
    const width = widths.reduce((sum, n) => sum + n, 0);
    const data = new Float32Array(rows.length * width);
    let first = 0;
    for (const [c, column] of columns.entries()) {
      for (const [row, number] of numbersOf(column, categories[c]).entries()) {
        if (number < 0 && this.#options.handleUnknown === "error") throw unknown(`${where}: column ${c}`, column[row], categories[c]);
        if (number >= from) data[row * width + first + number - from] = 1;
      }
      first += widths[c];
    }
    return { data, shape: [rows.length, width] };
  }

  /** Learns from rows, and encodes them. */
  fitTransform(rows: readonly (readonly Label[])[]): Tensor {
    return this.fit(rows).transform(rows);
  }

  toJSON() {
    const categories = this.#categories?.map(column => [...column]);
    return { className: "OneHotEncoder", config: { ...this.#options }, fitted: categories ? { categories } : null };
  }
}

function columnsOf(where: string, rows: readonly (readonly Label[])[], columns?: number): Label[][] {
  checkArray(where, "rows", rows);
  const width = columns ?? (Array.isArray(rows[0]) ? rows[0].length : 0);
  for (const [i, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== width) {
      throw new Error(`${where}: expected rows of ${width} categories, got ${show(row)} at ${i}. One column alone is [["a"], ["b"]].`);
    }
  }
  if (width === 0) throw new Error(`${where}: expected an array of categories for each sample, such as [["a"], ["b"]].`);
  return Array.from({ length: width }, (_, c) =>
    readLabels(
      `${where}: column ${c}`,
      rows.map(row => row[c]),
    ),
  );
}

/** Labels as whole numbers from 0. */
export const labelEncoder = () => new LabelEncoder();

/** Categories as zeros and ones. */
export const oneHotEncoder = (options?: OneHotEncoderOptions) => new OneHotEncoder(options);
