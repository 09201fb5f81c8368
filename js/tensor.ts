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

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(length => Number.isSafeInteger(length) && length >= 0);
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "data" in value && "shape" in value;
}

/** What models take, nested arrays as a tensor. @throws when it is none of these, or holds anything but numbers */
export function readArray(what: string, value: unknown): Tensor | NumericArray {
  if (isNumericArray(value)) return value;
  if (Array.isArray(value)) return fromNested(what, value);
  if (!isTensor(value)) {
    const help =
      value instanceof BigInt64Array || value instanceof BigUint64Array ? " Float64Array.from(values, Number) makes numbers of it." : "";
    throw new Error(`${what}: expected a tensor, nested arrays or a typed array, got ${show(value)}.${help}`);
  }
  if (!isNumericArray(value.data)) throw new Error(`${what}: a tensor's data must be a typed array, got ${show(value.data)}.`);
  if (!isShape(value.shape)) throw new Error(`${what}: a tensor's shape must be an array of whole numbers, got ${show(value.shape)}.`);
  if (sizeOf(value.shape) !== value.data.length) {
    throw new Error(
      `${what}: a tensor of shape ${formatShape(value.shape)} must hold ${sizeOf(value.shape)} numbers, got ${value.data.length}.`,
    );
  }
  return value;
}

/** @throws unless the value is a tensor of that shape */
export function checkTensor(what: string, value: unknown, shape: readonly number[]): void {
  const { data, shape: given } = isTensor(value) ? value : {};
  const isOne = isNumericArray(data) && isShape(given);
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
  const own = isNumericArray(values) ? { data: Float32Array.from(values), shape: [values.length] } : fromNested("tensor", values);
  if (!shape) return own;
  if (!isShape(shape)) throw new Error(`tensor: a shape is an array of whole numbers, got ${show(shape)}.`);
  if (sizeOf(shape) !== own.data.length) {
    throw new Error(`tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, got ${own.data.length}.`);
  }
  return { data: own.data, shape: [...shape] };
}

/** A tensor from nested arrays. @param what who takes it, for messages */
export function fromNested(what: string, values: NestedArray): Tensor {
  const shape = nestingOf(values);
  const data = new Float32Array(sizeOf(shape));
  flatten(what, values, shape, 0, data, 0);
  return { data, shape };
}

function nestingOf(values: NestedArray): number[] {
  const shape = [];
  for (let level: NestedArray | undefined = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

/** Writes one level of nesting from `at` on; returns the next free place. */
function flatten(what: string, values: NestedArray, shape: number[], axis: number, data: Float32Array, at: number): number {
  if (axis === shape.length) {
    if (typeof values !== "number") throw new Error(`${what}: expected a number at ${show(indexOf(at, shape))}, got ${show(values)}.`);
    data[at] = values;
    return at + 1;
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const got = Array.isArray(values) ? `${values.length} elements` : show(values);
    const place = show(indexOf(at, shape).slice(0, axis));
    throw new Error(`${what}: rows differ in length: expected ${shape[axis]} elements at ${place}, got ${got}.`);
  }
  for (const value of values) at = flatten(what, value, shape, axis + 1, data, at);
  return at;
}

/** The place of an element on each axis. */
function indexOf(at: number, shape: readonly number[]): number[] {
  return shape.map((length, axis) => Math.floor(at / sizeOf(shape.slice(axis + 1))) % length);
}
