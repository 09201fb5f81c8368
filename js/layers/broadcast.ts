import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import { type Run, runsOf } from "./axes.js";

/** What scaleShift takes besides x; what is null is left out. */
export interface Operands {
  center?: View | null;
  scale?: View | null;
  shift?: View | null;
}

/**
 * Records y = (x - center) · scale + shift with operands that have the axes of x whose entry in `along` is true, in their order,
 * and stay the same along the others.
 * @throws when the axes behind the batch alternate more often than the kernel can follow
 */
export function recordScaleShift(plan: Plan, y: View, x: View, operands: Operands, along: readonly boolean[]): void {
  const { center = null, scale = null, shift = null } = operands;
  const { sizes, range } = layoutOf(plan.owner, x.shape, along);
  plan.call("scaleShift", { y, x, center, scale, shift, ...sizes }, { range, flops: sizeOf(x.shape) });
}

/** Records y = v where x > 0, alpha · v where x < 0; alpha has axes as the operands of `recordScaleShift`. @throws as that does */
export function recordPrelu(plan: Plan, y: View, v: View, x: View, alpha: View, along: readonly boolean[]): void {
  const { sizes, range } = layoutOf(plan.owner, x.shape, along);
  plan.call("prelu", { y, v, x, alpha, ...sizes }, { range, flops: sizeOf(x.shape) });
}

/** A shape as four axes, with the operands' strides along them. */
function layoutOf(where: string, shape: readonly number[], along: readonly boolean[]) {
  const [n0, n1, n2, n3] = fourRuns(where, shape, along);
  const stride3 = Number(n3.isAlong);
  const stride2 = Number(n2.isAlong) * (n3.isAlong ? n3.length : 1);
  const inner = (n3.isAlong ? n3.length : 1) * (n2.isAlong ? n2.length : 1);
  const stride1 = Number(n1.isAlong) * inner;
  const stride0 = Number(n0.isAlong) * inner * (n1.isAlong ? n1.length : 1);
  const sizes = { n1: n1.length, n2: n2.length, n3: n3.length, stride0, stride1, stride2, stride3 };
  return { sizes, range: n0.length * n1.length * n2.length };
}

/** An axis of the batch by itself, and three of neighbouring axes that are alike, the first of which may have the length 1. */
function fourRuns(where: string, [batch, ...shape]: readonly number[], [isAlong, ...along]: readonly boolean[]): Run[] {
  const runs = runsOf(shape, along);
  if (runs.length > 3)
    throw new Error(`${where}: axes that are kept and axes that are not may take turns thrice at most behind the batch.`);
  while (runs.length < 3) runs.unshift({ length: 1, isAlong: false });
  return [{ length: batch, isAlong }, ...runs];
}
