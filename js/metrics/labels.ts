import { show } from "../options.js";
import { formatShape, isNumericArray, isTensor, type NumericArray, type Tensor } from "../tensor.js";

/** A class: its number, or its name. */
export type Label = number | string;

/** Labels one by one, or a tensor [samples] or [samples, 1] of them; of [samples, classes] the place of the largest counts. */
export type Labels = readonly Label[] | NumericArray | Tensor;

/** Numbers one by one, or as a tensor. */
export type Numbers = readonly number[] | NumericArray | Tensor;

/** Labels as an array. */
export function readClasses(what: string, given: Labels | readonly number[][]): Label[] {
  if (isTensor(given)) {
    const n = given.shape.length > 1 ? given.shape.at(-1)! : 1;
    return n === 1 ? Array.from(given.data) : Array.from({ length: given.data.length / n }, (_, row) => largest(given.data, row * n, n));
  }
  const labels = isNumericArray(given) ? Array.from(given) : given;
  if (!Array.isArray(labels)) throw new Error(`${what}: expected labels or a tensor of them, got ${show(given)}.`);
  if (labels.length > 0 && labels.every(Array.isArray)) return labels.map(row => (row.length === 1 ? row[0] : largest(row, 0, row.length)));
  const wrong = labels.find(label => typeof label !== "number" && typeof label !== "string");
  if (wrong !== undefined) throw new Error(`${what}: labels are numbers or strings, got ${show(wrong)}.`);
  return labels;
}

function largest(values: ArrayLike<number>, begin: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[begin + i] > values[begin + best]) best = i;
  return best;
}

/** Numbers in float64, with the length of a last axis. @throws when a number is NaN or infinite */
export function readNumbers(what: string, given: Numbers | readonly number[][]): { values: number[]; columns: number } {
  let values: number[];
  let columns = 1;
  if (isTensor(given)) {
    if (given.shape.length > 2)
      throw new Error(`${what}: expected the shape [samples] or [samples, classes], got ${formatShape(given.shape)}.`);
    columns = given.shape[1] ?? 1;
    values = Array.from(given.data);
  } else if (isNumericArray(given)) values = Array.from(given);
  else if (Array.isArray(given)) {
    columns = Array.isArray(given[0]) ? given[0].length : 1;
    values = given.flat();
  } else throw new Error(`${what}: expected numbers, got ${show(given)}.`);
  const wrong = values.findIndex(value => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`${what}: expected finite numbers, got ${show(values[wrong])} at ${wrong}.`);
  return { values, columns };
}

/** All classes in order: numbers by size, then names by their code points, as scikit-learn sorts them. */
export function sortedClasses(...lists: readonly Label[][]): Label[] {
  return [...new Set(lists.flat())].sort((a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a < b ? -1 : 1;
  });
}

/** @throws unless there are as many of one as of the other */
export function checkLengths(where: string, a: [name: string, length: number], b: [name: string, length: number]): void {
  if (a[1] !== b[1]) throw new Error(`${where}: ${a[0]} has ${a[1]} samples, but ${b[0]} has ${b[1]}.`);
}

/** A weight for each sample. */
export function readSampleWeight(where: string, given: Numbers | null, count: number): number[] {
  if (given === null) return new Array<number>(count).fill(1);
  const { values } = readNumbers(`${where}: sampleWeight`, given);
  checkLengths(where, ["sampleWeight", values.length], ["yTrue", count]);
  return values;
}
