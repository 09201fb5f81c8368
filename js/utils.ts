import { checkInteger } from "./options.js";
import { type NestedArray, type NumericArray, type Tensor, tensor } from "./tensor.js";

/**
 * One-hot rows: y[..., k] = 1 where k is the label, else 0.
 * @param labels whole numbers from 0, of any shape; a last axis of length 1 is dropped
 * @param numClasses default: the largest label + 1
 */
export function toCategorical(labels: NestedArray[] | NumericArray | Tensor, numClasses?: number): Tensor {
  const { data, shape } = "shape" in labels ? labels : tensor(labels);
  const largest = data.reduce((a, b) => Math.max(a, b), 0);
  const classes = checkInteger("toCategorical", "numClasses", numClasses ?? Math.floor(largest) + 1);
  const rows = shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  const oneHot = new Float32Array(data.length * classes);
  for (const [i, label] of data.entries()) {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new Error(`toCategorical: labels must be whole numbers from 0 to ${classes - 1}, got ${label} at ${i}.`);
    }
    oneHot[i * classes + label] = 1;
  }
  return { data: oneHot, shape: [...rows, classes] };
}
