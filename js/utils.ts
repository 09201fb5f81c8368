import { chainMermaid, chainSvg } from "./drawing/chain.js";
import { thousands } from "./format.js";
import { checkChoice, checkInteger, readOptions, show } from "./options.js";
import { formatShape, type NestedArray, type NumericArray, sizeOf, type Tensor, tensor } from "./tensor.js";

export { type PadSequencesOptions, padSequences } from "./preprocessing/padSequences.js";

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

/**
 * Numbers along an axis divided by their norm (Σ |x|^order)^(1/order); zeros stay zeros.
 * @param axis default: the last; negative axes count from behind
 * @param order default 2: Euclid's norm
 */
export function normalize(x: NestedArray[] | NumericArray | Tensor, axis = -1, order = 2): Tensor {
  const { data, shape } = "shape" in x ? x : tensor(x);
  const at = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(at) || at < 0 || at >= shape.length) {
    throw new Error(`normalize: axis ${show(axis)} is none of a tensor of shape ${formatShape(shape)}.`);
  }
  if (!(order > 0)) throw new Error(`normalize: order must be a number above 0, got ${show(order)}.`);
  const [length, inner] = [shape[at], sizeOf(shape.slice(at + 1))];
  const normalized = new Float32Array(data.length);
  for (let row = 0; row < data.length / length; row++) {
    const begin = Math.floor(row / inner) * length * inner + (row % inner);
    const own = Array.from({ length }, (_, i) => Math.abs(data[begin + i * inner]));
    const norm = order === Number.POSITIVE_INFINITY ? Math.max(...own) : own.reduce((sum, value) => sum + value ** order, 0) ** (1 / order);
    for (let i = 0; i < length; i++) normalized[begin + i * inner] = data[begin + i * inner] / (norm || 1);
  }
  return { data: normalized, shape: [...shape] };
}

/** What `plotModel` draws: any model of this library. */
interface Drawn {
  readonly name: string;
  readonly layers: readonly {
    readonly name: string;
    readonly className: string;
    readonly outputShape: readonly number[] | null;
    readonly weights: readonly { readonly size: number }[];
  }[];
  readonly inputShape: readonly (number | null)[] | null;
}

/**
 * A model's layers as a picture (SVG) or as a diagram in Mermaid's language.
 * @param options format: "svg" (default) or "mermaid"; showShapes, showParams: default true
 */
export function plotModel(model: Drawn, options?: { format?: "svg" | "mermaid"; showShapes?: boolean; showParams?: boolean }): string {
  const defaults = { format: "svg" as "svg" | "mermaid", showShapes: true, showParams: true };
  const { format, showShapes, showParams } = readOptions("plotModel", options, defaults);
  checkChoice("plotModel", "format", format, ["svg", "mermaid"]);
  const shapeOf = (shape: readonly (number | null)[] | null) => (showShapes ? [shape ? formatShape(shape) : "?"] : []);
  const boxes = model.layers.map(({ name, className, outputShape, weights }) => {
    const params = weights.reduce((sum, { size }) => sum + size, 0);
    const counts = showParams && params > 0 ? [`${thousands(params)} parameters`] : [];
    return { title: `${name} (${className})`, lines: [...shapeOf(outputShape && [null, ...outputShape]), ...counts] };
  });
  const chain = [{ title: "input", lines: shapeOf(model.inputShape) }, ...boxes];
  return format === "svg" ? chainSvg(chain) : chainMermaid(chain);
}
