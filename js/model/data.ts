import type { LabelKind } from "../losses.js";
import { formatShape, isNumericArray, isTensor, type NestedArray, type NumericArray, sizeOf, type Tensor, tensor } from "../tensor.js";

/** What models take: a tensor, nested arrays, or a flat typed array of a whole number of samples. */
export type ArrayLikeData = Tensor | NestedArray[] | NumericArray;

/** Samples in a row: `data` holds `count` times `size` numbers. */
export interface Samples {
  data: NumericArray;
  count: number;
  size: number;
}

/** The axes of one sample as the data itself tells them, or null for a flat typed array. */
export function sampleShapeOf(x: ArrayLikeData): number[] | null {
  if (isNumericArray(x)) return null;
  return (isTensor(x) ? x : tensor(x)).shape.slice(1);
}

/**
 * Reads an argument as samples of a shape.
 * @param what who takes it, for messages: `fit: x`
 * @throws when it is no data, or its shape does not fit
 */
export function readSamples(what: string, x: ArrayLikeData, shape: readonly number[]): Samples {
  const expected = formatShape([null, ...shape]);
  const size = sizeOf(shape);
  if (isNumericArray(x)) {
    if (x.length % size !== 0) throw new Error(`${what}: expected samples of ${size} numbers, ${expected}, got an array of ${x.length}.`);
    return { data: x, count: x.length / size, size };
  }
  if (!isTensor(x) && !Array.isArray(x)) {
    throw new Error(
      `${what}: expected a tensor, nested arrays or a typed array of shape ${expected}, got ${x === null ? "null" : typeof x}.`,
    );
  }
  const given = isTensor(x) ? x : tensor(x);
  if (!isNumericArray(given.data) || sizeOf(given.shape) !== given.data.length) {
    throw new Error(
      `${what}: a tensor of shape ${formatShape(given.shape)} must hold ${sizeOf(given.shape)} numbers, got ${given.data.length}.`,
    );
  }
  if (!sameButForOnes(given.shape.slice(1), shape)) {
    throw new Error(`${what}: expected shape ${expected}, got ${formatShape(given.shape)}.`);
  }
  return { data: given.data, count: given.shape[0], size };
}

/** Whether two shapes of a sample differ at most by a last axis of length 1, as Keras allows. */
function sameButForOnes(a: readonly number[], b: readonly number[]): boolean {
  const short = (shape: readonly number[]) => (shape.at(-1) === 1 ? shape.slice(0, -1) : shape).join();
  return short(a) === short(b);
}

/** @throws on the first NaN or infinity, with its sample */
export function checkFinite(what: string, { data, size }: Samples): void {
  for (let i = 0; i < data.length; i++) {
    if (data[i] - data[i] !== 0) {
      throw new Error(`${what}: sample ${Math.floor(i / size)} holds ${data[i]}. Remove or replace such values first.`);
    }
  }
}

/**
 * Reads labels for an output.
 * @throws when they do not fit the loss: their shape, or a class that the output has no column for
 */
export function readLabels(what: string, y: ArrayLikeData, outputShape: readonly number[], kind: LabelKind): Samples {
  const classes = outputShape.at(-1)!;
  if (kind === "values") {
    const own = sampleShapeOf(y);
    if (own !== null && sizeOf(own) === 1 && classes > 1) {
      throw new Error(
        `${what}: expected labels of shape ${formatShape([null, ...outputShape])}, got one number a sample. ` +
          `For numbers of classes use the loss "sparse_categorical_crossentropy", or utils.toCategorical(y, ${classes}).`,
      );
    }
    const labels = readSamples(what, y, outputShape);
    checkFinite(what, labels);
    return labels;
  }
  const labels = readSamples(what, y, outputShape.slice(0, -1));
  for (let i = 0; i < labels.data.length; i++) {
    const label = labels.data[i];
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new Error(`${what}: expected classes from 0 to ${classes - 1}, got ${label} at sample ${Math.floor(i / labels.size)}.`);
    }
  }
  return labels;
}

/** Copies samples order[begin..end) into a batch. */
export function gather(into: Float32Array, { data, size }: Samples, order: Uint32Array, begin: number, end: number): void {
  for (let i = begin; i < end; i++) {
    const from = order[i] * size;
    if (size < 32) for (let j = 0; j < size; j++) into[(i - begin) * size + j] = data[from + j];
    else into.set(data.subarray(from, from + size), (i - begin) * size);
  }
}

/** 0, 1, ..., count - 1 */
export function inOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}
