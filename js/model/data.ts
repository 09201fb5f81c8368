import { isOneLabel, type Loss } from "../losses/loss.js";
import { formatShape, isNumericArray, type NestedArray, type NumericArray, readArray, sizeOf, type Tensor } from "../tensor.js";

/** What models take: a tensor, nested arrays, or a flat typed array of a whole number of samples. */
export type ArrayLikeData = Tensor | NestedArray[] | NumericArray;

/** Samples in a row: `data` holds `count` times `size` numbers. */
export interface Samples {
  data: NumericArray;
  count: number;
  size: number;
}

/** The axes of one sample as the data itself tells them, or null for a flat typed array. */
export function sampleShapeOf(x: Tensor | NumericArray): number[] | null {
  return isNumericArray(x) ? null : x.shape.slice(1);
}

/**
 * Reads an argument as samples of a shape.
 * @param what who takes it, for messages: `fit: x`
 * @throws when its shape does not fit
 */
export function readSamples(what: string, x: Tensor | NumericArray, shape: readonly number[]): Samples {
  const expected = formatShape([null, ...shape]);
  const size = sizeOf(shape);
  if (isNumericArray(x)) {
    if (x.length % size !== 0) throw new Error(`${what}: expected samples of ${size} numbers, ${expected}, got an array of ${x.length}.`);
    return { data: x, count: x.length / size, size };
  }
  if (x.shape.length === 0 || !sameButForOnes(x.shape.slice(1), shape)) {
    const help = x.shape.join() === shape.join() ? ` One sample alone has the shape ${formatShape([1, ...shape])}.` : "";
    throw new Error(`${what}: expected shape ${expected}, got ${formatShape(x.shape)}.${help}`);
  }
  return { data: x.data, count: x.shape[0], size };
}

/** Whether two shapes of a sample differ at most by a last axis of length 1, as Keras allows. */
function sameButForOnes(a: readonly number[], b: readonly number[]): boolean {
  const short = (shape: readonly number[]) => (shape.at(-1) === 1 ? shape.slice(0, -1) : shape).join();
  return short(a) === short(b);
}

/** @throws on the first number that float32 does not hold, with its sample */
export function checkFinite(what: string, { data, size }: Samples): void {
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(data[i]);
    if (value - value === 0) continue;
    const why = Number.isFinite(data[i]) ? ", too large for float32" : "";
    throw new Error(`${what}: sample ${Math.floor(i / size)} holds ${data[i]}${why}. Remove or replace such values first.`);
  }
}

/**
 * Reads labels for an output.
 * @param count of the samples that they belong to
 * @throws when they do not fit the loss: their shape, or a label that the output has no place for
 */
export function readLabels(what: string, given: ArrayLikeData, outputShape: readonly number[], loss: Loss, count: number): Samples {
  const y = readArray(what, given);
  const classes = outputShape.at(-1)!;
  const own = sizeOf(sampleShapeOf(y) ?? [(y as NumericArray).length / count]);
  const size = sizeOf(outputShape);
  if (!isOneLabel(loss) && classes > 1 && own === size / classes) {
    throw new Error(
      `${what}: expected labels of shape ${formatShape([null, ...outputShape])}, got one number a sample. ` +
        `For numbers of classes use the loss "sparse_categorical_crossentropy", or utils.toCategorical(y, ${classes}).`,
    );
  }
  if (isOneLabel(loss) && classes > 1 && own === size) {
    throw new Error(
      `${what}: expected the number of a class for each sample, got ${classes} numbers. For one-hot labels use the loss "categorical_crossentropy".`,
    );
  }
  const labels = readSamples(what, y, isOneLabel(loss) ? outputShape.slice(0, -1) : outputShape);
  checkFinite(what, labels);
  if (loss.labels !== "values") checkRange(what, labels, loss, classes);
  return labels;
}

function checkRange(what: string, { data, size }: Samples, { labels, name, ignoreClass }: Loss, classes: number): void {
  const most = { classes: classes - 1, groups: Number.POSITIVE_INFINITY }[labels as string] ?? 1;
  const isWhole = isOneLabel({ labels });
  for (let i = 0; i < data.length; i++) {
    if ((data[i] >= 0 && data[i] <= most && (!isWhole || Number.isInteger(data[i]))) || data[i] === ignoreClass) continue;
    const range = { classes: `classes from 0 to ${most}`, groups: `numbers of groups, from 0, for ${name}` };
    const expected = range[labels as keyof typeof range] ?? `labels from 0 to 1 for ${name}`;
    throw new Error(`${what}: expected ${expected}, got ${data[i]} at sample ${Math.floor(i / size)}.`);
  }
}

/** Copies samples order[begin..end) into a batch; without an order, samples begin..end. */
export function gather(into: Float32Array, { data, size }: Samples, order: Uint32Array | null, begin: number, end: number): void {
  if (!order) {
    into.set(data.subarray(begin * size, end * size));
    return;
  }
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
