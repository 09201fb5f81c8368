import { chainMermaid, chainSvg } from "./drawing/chain.js";
import { thousands } from "./format.js";
import { checkChoice, checkInteger, readOptions } from "./options.js";
import { formatShape, type NestedArray, type NumericArray, type Tensor, tensor } from "./tensor.js";

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
