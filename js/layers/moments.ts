import { type NumericArray, sizeOf, type Tensor } from "../tensor.js";
import type { Shape } from "./layer.js";

/**
 * Means and biased variances of samples in float64, in two passes.
 * @param shape of one sample
 * @param along which of its axes have their own for each element
 */
export function momentsOf(data: NumericArray, shape: Shape, along: readonly boolean[]): { mean: Float32Array; variance: Float32Array } {
  const size = sizeOf(shape);
  const groups = sizeOf(shape.filter((_, axis) => along[axis]));
  const groupOf = Uint32Array.from({ length: size }, (_, element) => groupAt(element, shape, along));
  const averages = (value: (x: number, group: number) => number) => {
    const sums = new Float64Array(groups);
    for (let i = 0; i < data.length; i++) sums[groupOf[i % size]] += value(data[i], groupOf[i % size]);
    return sums.map(sum => (sum * groups) / data.length);
  };
  const mean = averages(x => x);
  const variance = averages((x, group) => (x - mean[group]) ** 2);
  return { mean: Float32Array.from(mean), variance: Float32Array.from(variance) };
}

/** The place of an element among those of the axes that are kept. */
function groupAt(element: number, shape: Shape, along: readonly boolean[]): number {
  let group = 0;
  let rest = sizeOf(shape);
  for (const [axis, length] of shape.entries()) {
    rest /= length;
    if (along[axis]) group = group * length + (Math.floor(element / rest) % length);
  }
  return group;
}

/** A tensor's numbers in a larger shape, as NumPy broadcasts: axes of length 1, and those that it lacks, are the same all along. */
export function spread({ data, shape }: Tensor, larger: Shape): number[] {
  return Array.from({ length: sizeOf(larger) }, (_, element) => {
    let at = 0;
    let stride = 1;
    for (let axis = 1; axis <= shape.length; axis++) {
      const length = larger.at(-axis)!;
      if (shape.at(-axis) !== 1) at += (element % length) * stride;
      element = Math.floor(element / length);
      stride *= shape.at(-axis)!;
    }
    return data[at];
  });
}
