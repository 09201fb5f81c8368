import { isNumericArray, isTensor, type NumericArray, sizeOf, type Tensor } from "../tensor.js";

/** Samples in a row: a tensor, an array of anything, or a typed array. */
export type Splittable = Tensor | NumericArray | readonly unknown[];

/**
 * How many samples things hold that must hold equally many. A typed array may hold several numbers a sample; where `x` and `y` both are, `y` holds one.
 * @throws when they do not
 */
export function rowsOf(where: string, values: { x: Splittable; y: Splittable; [name: string]: Splittable }): number {
  const samples = lengthOf(isNumericArray(values.x) ? values.y : values.x);
  for (const [name, value] of Object.entries(values)) {
    const flat = isNumericArray(value);
    if (flat ? value.length % samples === 0 : lengthOf(value) === samples) continue;
    throw new Error(`${where}: expected ${samples} samples, but ${name} has ${lengthOf(value)}${flat ? " values" : ""}.`);
  }
  return samples;
}

const lengthOf = (values: Splittable) => (isTensor(values) ? (values.shape[0] ?? 0) : values.length);

/** The given rows in a new container of the same kind. */
export function take<T extends Splittable>(values: T, rows: readonly number[], samples: number): T {
  if (isTensor(values)) {
    const shape = [rows.length, ...values.shape.slice(1)];
    return { data: takeValues(values.data, rows, sizeOf(shape.slice(1))), shape } as unknown as T;
  }
  if (isNumericArray(values)) return takeValues(values, rows, values.length / samples) as T;
  return rows.map(row => (values as readonly unknown[])[row]) as unknown as T;
}

function takeValues<T extends NumericArray>(values: T, rows: readonly number[], width: number): T {
  const taken = new (values.constructor as new (length: number) => T)(rows.length * width);
  for (const [i, row] of rows.entries()) taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  return taken;
}
