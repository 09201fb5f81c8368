import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkNumber, show } from "../options.js";

/** The bounds of a random number: one number f stands for [-f, f]. */
export type Factor = number | readonly [low: number, high: number];

/**
 * A factor's bounds, the lower one first.
 * @throws unless it is a number from -1 to 1, or two
 * @param isOpen whether -1 is out of the question
 */
export function readFactor(where: string, name: string, factor: unknown, isOpen = false): [low: number, high: number] {
  const bounds = Array.isArray(factor) ? factor : [factor];
  if (Array.isArray(factor) && factor.length !== 2)
    throw new Error(`${where}: ${name} must be a number or [low, high], got ${show(factor)}.`);
  for (const bound of bounds) checkNumber(where, name, bound, -1, 1);
  if (isOpen && bounds.includes(-1)) throw new Error(`${where}: ${name} must be above -1, where nothing is left, got ${show(factor)}.`);
  const [low, high] = bounds.length === 2 ? bounds : [-bounds[0], bounds[0]];
  return [Math.min(low, high), Math.max(low, high)];
}

/** A number between bounds for each image of a batch: the same whenever it is recorded with the same draw. */
export function drawn(plan: Plan, draw: ReturnType<Plan["random"]>, batch: number, [low, high]: readonly [number, number]): View {
  const y = plan.tensor([batch]);
  plan.call("randomUniform", { y, ...draw, low, high }, { range: batch });
  return y;
}
