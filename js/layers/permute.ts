import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkArray, show } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface PermuteOptions extends LayerOptions {
  /** the input's axes in their new order, from 1 on: [2, 1] swaps two */
  dims: readonly number[];
}

/** The kernel goes through so many axes of a sample. */
export const MOST_AXES = 4;

/** Records y with the axes of x's samples in another order. @param order y's axis i is x's axis order[i], the batch being axis 0 */
export function recordPermuted(plan: Plan, x: View, order: readonly number[]): View {
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  const y = plan.tensor(
    order.map(axis => x.shape[axis]),
    x.needsGradient,
  );
  const axes = order.slice(1).map(axis => ({ length: x.shape[axis], stride: strides[axis] }));
  while (axes.length < MOST_AXES) axes.unshift({ length: 1, stride: 0 });
  const [a, b, c, d] = axes;
  const lengths = { n1: a.length, n2: b.length, n3: c.length, n4: d.length };
  const steps = { s1: a.stride, s2: b.stride, s3: c.stride, s4: d.stride };
  plan.call("permute", { y, x, ...lengths, ...steps }, { range: sizeOf(x.shape) / d.length });
  return y;
}

/** The order that takes an order back. */
export const inverse = (order: readonly number[]) => order.map((_, axis) => order.indexOf(axis));

/** y has the axes of x in another order. */
export class Permute extends Layer<PermuteOptions> {
  constructor(options: PermuteOptions) {
    super("Permute", options, { dims: [] });
    const dims = checkArray(this.name, "dims", options.dims) as number[];
    if (dims.length > 0 && dims.every((_, i) => dims.includes(i + 1))) return;
    throw new Error(`${this.name}: dims must be the axes 1, 2, ... of a sample in another order, got ${show(dims)}.`);
  }

  protected build(inputShape: Shape): Shape {
    const { dims } = this.options;
    if (dims.length > MOST_AXES) throw new Error(`${this.name}: ${MOST_AXES} axes can be permuted, got ${show(dims)}.`);
    this.checkRank(inputShape, dims.length, dims.map((_, i) => `axis ${i + 1}`).join(", "), "dims must name every axis of a sample once.");
    return dims.map(axis => inputShape[axis - 1]);
  }

  record(plan: Plan, x: View): Recorded {
    const order = [0, ...this.options.dims];
    return { y: recordPermuted(plan, x, order), backward: dy => recordPermuted(plan, dy, inverse(order)) };
  }
}
