import { sizeOf } from "../tensor.js";
import type { View } from "./memory.js";
import type { Call } from "./plan.js";

/** The parameter of kernels that is memory of each thread's own. */
export const SCRATCH = "scratch";

/**
 * Nanoseconds from which threads help: with a single call, whose two barriers and whose numbers on their way from one core's cache to the other's
 * cost about 1 µs; and with all such calls of a plan together, since workers that sleep take 50 µs to come.
 */
export const worthSharing = { call: 3_000, plan: 150_000 };

/** Nanoseconds and range from which a call is cut into more parts than there are threads. */
const LARGE = 200_000;
const MANY = 64;

/** Multiplications and additions, and bytes of memory, that a thread gets done in a nanosecond: roughly, on a core of today. */
const FLOPS = 30;
const BYTES = 8;

/** How long a call takes on one thread, in nanoseconds: an estimate from what it multiplies and what it touches. */
export function costOf({ flops, operands, range }: Call): number {
  let bytes = 0;
  let pointers = 0;
  for (const [name, operand] of Object.entries(operands)) {
    if (operand === null || typeof operand === "number" || name === SCRATCH) continue;
    pointers++;
    bytes += "slot" in operand ? bytesOf(operand) : operand.bytes;
  }
  // An optimizer goes through all weights from the first one's on.
  return Math.max(flops / FLOPS, bytes / BYTES, (4 * range * pointers) / BYTES);
}

/** A view without axes is all of its slot that is left. */
function bytesOf({ slot, offset, shape }: View): number {
  return shape.length === 0 ? slot.bytes - offset : 4 * sizeOf(shape);
}

/** Whether threads share a call that can be shared. */
export function isShared(call: Call): boolean {
  return call.range > 1 && costOf(call) >= worthSharing.call;
}

/** Into how many parts a call is cut: where that costs nothing, more than there are threads, so that a slow one takes fewer. */
export function partsOf(call: Call, threads: number): number {
  const parts = costOf(call) >= LARGE && call.range >= MANY * threads ? 4 * threads : threads;
  return Math.min(parts, call.range);
}

/** How long all that is shared of a plan takes on one thread, in nanoseconds, or 0 where threads are not worth it. */
export function shareableCost(calls: readonly Call[]): number {
  const cost = calls.filter(isShared).reduce((sum, call) => sum + costOf(call), 0);
  return cost >= worthSharing.plan ? cost : 0;
}
