import { checkArray, checkChoice, readOptions, show } from "../options.js";
import type { Tensor } from "../tensor.js";
import { checkFitted, type Fitted } from "./fitted.js";

/** What a cell of a table holds; null where it is empty. */
export type Cell = string | number | boolean | null;

/** One row of a table: cells by their columns' names. */
export type TableRow = Record<string, Cell>;

export interface ColumnTransformerOptions {
  /** which columns become features; default: all of the first row that is fitted to */
  columns?: readonly string[] | null;
  /** columns that do not, such as the labels'; default none */
  drop?: readonly string[];
  /** what takes the place of a missing number: the training rows' median or mean; default "median" */
  impute?: "median" | "mean";
  /** mean 0 and variance 1, a range from 0 to 1, or numbers as they are; default "standard" */
  scale?: "standard" | "minmax" | "none";
  /** a category that `fit` did not see is an error, or zeros in all of its features; default "error" */
  handleUnknown?: "error" | "ignore";
}

/** A column of numbers: what stands for a missing one, and y = (x - offset) · factor. */
interface Numbers {
  name: string;
  missing: number;
  offset: number;
  factor: number;
}

/** A column of categories: the most frequent one stands for a missing one; each is a feature. */
interface Categories {
  name: string;
  missing: string;
  categories: string[];
}

type Column = Numbers | Categories;

/**
 * Rows with named cells as a tensor of features: numbers scaled, text and truth values one-hot, missing cells filled in. All that it goes by is
 * learnt from the rows that `fit` gets: as scikit-learn's ColumnTransformer over SimpleImputer, StandardScaler or MinMaxScaler, and OneHotEncoder.
 */
export class ColumnTransformer implements Fitted {
  readonly #config: Required<ColumnTransformerOptions>;
  #columns: Column[] | null;

  constructor(options?: ColumnTransformerOptions, fitted: { columns: Column[] } | null = null) {
    const where = "columnTransformer";
    const defaults: Required<ColumnTransformerOptions> = {
      ...{ columns: null, drop: [], impute: "median", scale: "standard", handleUnknown: "error" },
    };
    this.#config = readOptions(where, options, defaults);
    if (this.#config.columns !== null) checkArray(where, "columns", this.#config.columns);
    checkArray(where, "drop", this.#config.drop);
    checkChoice(where, "impute", this.#config.impute, ["median", "mean"]);
    checkChoice(where, "scale", this.#config.scale, ["standard", "minmax", "none"]);
    checkChoice(where, "handleUnknown", this.#config.handleUnknown, ["error", "ignore"]);
    this.#columns = fitted?.columns ?? null;
  }

  /** The features' names in order: "body_mass_g", "island=Dream". @throws before `fit` */
  get featureNames(): string[] {
    return checkFitted("columnTransformer: featureNames", this.#columns).flatMap(column =>
      "categories" in column ? column.categories.map(category => `${column.name}=${category}`) : [column.name],
    );
  }

  /** Learns from rows. @throws for a column that is empty in all of them, or holds both numbers and text */
  fit(rows: readonly TableRow[]): this {
    const where = "columnTransformer: fit";
    checkRows(where, rows);
    const { columns, drop } = this.#config;
    const names = (columns ?? Object.keys(rows[0])).filter(name => !drop.includes(name));
    this.#columns = names.map(name => this.#learn(`${where}: ${name}`, name, cellsOf(where, rows, name)));
    return this;
  }

  /** @throws before `fit`, for a column that is not there, or (unless it is to be ignored) an unknown category */
  transform(rows: readonly TableRow[]): Tensor {
    const where = "columnTransformer: transform";
    const columns = checkFitted(where, this.#columns);
    checkRows(where, rows);
    const width = this.featureNames.length;
    const data = new Float32Array(rows.length * width);
    let at = 0;
    for (const column of columns) {
      const cells = cellsOf(where, rows, column.name);
      for (const [row, cell] of cells.entries())
        this.#write(`${where}: ${column.name} of row ${row}`, data, row * width + at, column, cell);
      at += "categories" in column ? column.categories.length : 1;
    }
    return { data, shape: [rows.length, width] };
  }

  fitTransform(rows: readonly TableRow[]): Tensor {
    return this.fit(rows).transform(rows);
  }

  toJSON() {
    return {
      className: "ColumnTransformer",
      config: { ...this.#config },
      fitted: this.#columns && { columns: this.#columns.map(column => ({ ...column })) },
    };
  }

  #learn(where: string, name: string, cells: readonly Cell[]): Column {
    const given = cells.filter(cell => !isMissing(cell));
    if (given.length === 0) throw new Error(`${where}: every cell is empty. Name it in drop.`);
    const numbers = given.filter(cell => typeof cell === "number");
    if (numbers.length === given.length) return this.#learnNumbers(name, cells, numbers);
    if (numbers.length > 0) {
      throw new Error(
        `${where}: expected numbers alone, or text alone, got ${show(numbers[0])} and ${show(given.find(cell => typeof cell !== "number"))}.`,
      );
    }
    const categories = [...new Set(given.map(String))].sort();
    const counts = categories.map(category => given.filter(cell => String(cell) === category).length);
    return { name, categories, missing: categories[counts.indexOf(Math.max(...counts))] };
  }

  #learnNumbers(name: string, cells: readonly Cell[], numbers: number[]): Numbers {
    const missing = this.#config.impute === "mean" ? mean(numbers) : median(numbers);
    const filled = cells.map(cell => (isMissing(cell) ? missing : (cell as number)));
    const [least, most] = [filled.reduce((a, b) => Math.min(a, b)), filled.reduce((a, b) => Math.max(a, b))];
    const center = mean(filled);
    const deviation = Math.sqrt(mean(filled.map(value => (value - center) ** 2)));
    if (this.#config.scale === "standard") return { name, missing, offset: center, factor: 1 / (deviation || 1) };
    if (this.#config.scale === "minmax") return { name, missing, offset: least, factor: 1 / (most - least || 1) };
    return { name, missing, offset: 0, factor: 1 };
  }

  #write(where: string, data: Float32Array, at: number, column: Column, cell: Cell): void {
    const value = isMissing(cell) ? column.missing : cell;
    if ("categories" in column) {
      const place = column.categories.indexOf(String(value));
      if (place >= 0) data[at + place] = 1;
      else if (this.#config.handleUnknown === "error") {
        throw new Error(`${where}: unknown category ${show(value)}. fit() saw ${column.categories.slice(0, 12).map(show).join(", ")}.`);
      }
      return;
    }
    if (typeof value !== "number") throw new Error(`${where}: expected a number, got ${show(value)}.`);
    data[at] = (value - column.offset) * column.factor;
  }
}

const isMissing = (cell: Cell) => cell === null || Number.isNaN(cell);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function checkRows(where: string, rows: readonly TableRow[]): void {
  if (!Array.isArray(rows) || rows.length === 0 || rows.some(row => typeof row !== "object" || row === null)) {
    throw new Error(`${where}: expected rows such as [{ age: 31, sex: "female" }, ...], got ${show(rows)}.`);
  }
}

function cellsOf(where: string, rows: readonly TableRow[], name: string): Cell[] {
  return rows.map((row, i) => {
    if (Object.hasOwn(row, name)) return row[name];
    throw new Error(`${where}: row ${i} has no column ${show(name)}. Its columns: ${Object.keys(row).join(", ")}.`);
  });
}

/** Rows with named cells as features: numbers scaled, text one-hot, missing cells filled in. */
export const columnTransformer = (options?: ColumnTransformerOptions) => new ColumnTransformer(options);
