import type { NormBounds } from "../constraints.js";
import { show } from "../options.js";
import { formatShape } from "../tensor.js";
import type { Shape } from "./layer.js";

/** @throws unless the option is an integer, or some in an array @param others what else it may be */
export function checkAxes(where: string, axis: unknown, others = "or some in an array"): void {
  const axes = Array.isArray(axis) ? axis : [axis];
  if (axes.length > 0 && axes.every(Number.isSafeInteger)) return;
  throw new Error(`${where}: axis must be an integer, ${others}, got ${show(axis)}.`);
}

/**
 * Which axes of a batch are meant, Keras counting the batch as axis 0 and from the end as -1, -2 ...
 * @throws when they are not different axes of a sample
 */
export function axesAlong(where: string, axis: number | readonly number[], inputShape: Shape): boolean[] {
  const rank = inputShape.length + 1;
  const axes = [axis].flat().map(a => (a < 0 ? a + rank : a));
  if (!axes.every((a, i) => a > 0 && a < rank && axes.indexOf(a) === i)) {
    throw new Error(
      `${where}: axis ${show(axis)} does not fit an input of shape ${formatShape([null, ...inputShape])}. Axis 0 is the batch.`,
    );
  }
  return Array.from({ length: rank }, (_, a) => axes.includes(a));
}

/** @throws when axes that are named and others take turns more often than `recordScaleShift` can follow */
export function checkTurns(where: string, option: string, along: readonly boolean[]): void {
  const turns = along.slice(1).filter((is, i, all) => i === 0 || is !== all[i - 1]).length;
  if (turns > 3) throw new Error(`${where}: axes that ${option} names and others may take turns thrice at most. Add permute() before it.`);
}

/** Whether each axis of a weight belongs to a norm. @throws when the constraint names one that the weight has not */
export function normAxes(where: string, { axis }: NormBounds, shape: readonly number[]): boolean[] {
  const axes = [axis].flat().map(a => (a < 0 ? a + shape.length : a));
  if (!axes.every((a, i) => a >= 0 && a < shape.length && axes.indexOf(a) === i)) {
    throw new Error(`${where}: the constraint's axis ${show(axis)} does not fit its shape [${shape.join(", ")}].`);
  }
  return shape.map((_, a) => axes.includes(a));
}

/** Neighbouring axes that are all kept, or all not, as one. */
export interface Run {
  length: number;
  isAlong: boolean;
}

/** A shape as runs of axes. @param along which axes are kept; one of length 1 may count as either */
export function runsOf(shape: readonly number[], along: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  for (const [axis, length] of shape.entries()) {
    const last = runs.at(-1);
    if (last?.isAlong === along[axis]) last.length *= length;
    else if (length > 1) runs.push({ length, isAlong: along[axis] });
  }
  return runs;
}
