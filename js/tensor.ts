import { show } from "./options.js";

/** Numbers with a shape, row-major: what models take and give. */
export interface Tensor {
  data: Float32Array;
  shape: number[];
}

/** A number, or arrays of arrays of numbers of equal lengths. */
export type NestedArray = number | NestedArray[];

/** Every typed array whose elements are numbers. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The number of elements of a shape; 1 for the empty shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Keras's way to write a shape with a free batch: `(None, 28, 28, 1)`. */
export function formatShape(shape: readonly (number | null)[]): string {
  const parts = shape.map(length => (length === null ? "None" : String(length)));
  return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
}

export function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
  );
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "data" in value && "shape" in value;
}

/** @throws unless the value is a tensor of that shape */
export function checkTensor(what: string, value: unknown, shape: readonly number[]): void {
  const { data, shape: given } = isTensor(value) ? value : {};
  const isOne = isNumericArray(data) && Array.isArray(given);
  if (isOne && given.join() === shape.join() && data.length === sizeOf(shape)) return;
  const got = isOne ? `shape ${formatShape(given)} with ${data.length} numbers` : show(value);
  throw new Error(`${what}: expected a tensor of shape ${formatShape(shape)}, got ${got}.`);
}

/**
 * A tensor from nested arrays, or from a flat array and a shape.
 * @param shape default: the nesting's own, or one axis for a typed array
 * @throws when rows differ in length, an element is no number, or the shape holds another number of elements
 */
export function tensor(values: NestedArray[] | NumericArray | number, shape?: readonly number[]): Tensor {
  const own = isNumericArray(values) ? [values.length] : nestingOf(values);
  const data = new Float32Array(sizeOf(own));
  if (isNumericArray(values)) data.set(values);
  else flatten(values, own, 0, data, 0);
  if (shape && sizeOf(shape) !== data.length) {
    throw new Error(`tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, got ${data.length}.`);
  }
  return { data, shape: [...(shape ?? own)] };
}

function nestingOf(values: NestedArray): number[] {
  const shape = [];
  for (let level: NestedArray | undefined = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

/** Writes one level of nesting from `at` on; returns the next free place. */
function flatten(values: NestedArray, shape: number[], axis: number, data: Float32Array, at: number): number {
  if (axis === shape.length) {
    if (typeof values !== "number")
      throw new Error(`tensor: expected a number, got ${Array.isArray(values) ? "an array" : String(values)}.`);
    data[at] = values;
    return at + 1;
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const got = Array.isArray(values) ? `${values.length} elements` : String(values);
    throw new Error(`tensor: rows differ in length: expected ${shape[axis]} elements on axis ${axis}, got ${got}.`);
  }
  for (const value of values) at = flatten(value, shape, axis + 1, data, at);
  return at;
}
