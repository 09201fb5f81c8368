import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, show } from "../options.js";
import { formatShape, sizeOf } from "../tensor.js";
import { recordScaleShift } from "./broadcast.js";
import type { Shape } from "./layer.js";

/** What becomes of an element: scale · x + shift if it is kept, else `dropped`. */
interface Outcome {
  rate: number;
  scale: number;
  shift: number;
  dropped: number;
}

/** Keras's noise_shape, the batch included: null stands for the input's length, 1 for one draw along the whole axis. */
export type NoiseShape = readonly (number | null)[] | null;

/** @throws unless it has lengths that a noise can have */
export function checkNoiseShape(where: string, noiseShape: unknown): void {
  const isLength = (length: unknown) => length === null || (Number.isSafeInteger(length) && (length as number) > 0);
  if (noiseShape === null || (Array.isArray(noiseShape) && noiseShape.every(isLength))) return;
  throw new Error(`${where}: noiseShape must be an array of positive integers and null, such as [null, 1, null], got ${show(noiseShape)}.`);
}

/** @throws unless a noise's shape fits samples of a shape */
export function checkNoiseFits(where: string, noiseShape: NoiseShape, inputShape: Shape): void {
  if (noiseShape === null) return;
  const [, ...own] = noiseShape;
  if (own.length === inputShape.length && own.every((length, i) => [null, 1, inputShape[i]].includes(length))) return;
  const [noise, input] = [noiseShape, [null, ...inputShape]].map(formatShape);
  throw new Error(`${where}: noiseShape ${noise} does not fit an input of shape ${input}. Each length must be the input's, 1 or null.`);
}

/** Which axes of x the noise has. */
function axesOf(where: string, noiseShape: readonly (number | null)[], shape: Shape): boolean[] {
  const [batch] = noiseShape;
  if (![null, 1, shape[0]].includes(batch)) {
    throw new Error(`${where}: noiseShape is for batches of ${batch}, got one of ${shape[0]}. null in its place takes every batch.`);
  }
  return shape.map((length, axis) => noiseShape[axis] !== 1 || length === 1);
}

/** @throws unless the rate is one at which the layer's scale is finite */
export function checkRate(where: string, rate: unknown): void {
  if (checkNumber(where, "rate", rate, 0, 1) === 1) throw new Error(`${where}: rate must be below 1, where nothing is left, got 1.`);
}

/** Records a layer that keeps each element, or each part of x that shares an element of the noise, with probability 1 - rate. */
export function recordKeep(plan: Plan, x: View, noiseShape: NoiseShape, seed: number | null, outcome: Outcome): Recorded {
  const draw = plan.random(seed);
  const along = noiseShape && axesOf(plan.owner, noiseShape, x.shape);
  const range = sizeOf(x.shape);
  const keep = (y: View, x: View, { rate, scale, shift, dropped }: Outcome) => {
    if (!along) {
      plan.call("keep", { y, x, ...draw, rate, scale, shift, dropped }, { range });
      return;
    }
    const n = sizeOf(x.shape.filter((_, axis) => along[axis]));
    const chances = plan.tensor([n]);
    plan.call("randomUniform", { y: chances, ...draw, low: 0, high: 1 }, { range: n });
    const choose = (below: number, above: number) => {
      const y = plan.tensor([n]);
      plan.call("choose", { y, x: chances, threshold: rate, below, above }, { range: n });
      return y;
    };
    const operands = { scale: choose(0, scale), shift: shift || dropped ? choose(dropped, shift) : null };
    recordScaleShift(plan, y, x, operands, along);
  };
  const y = plan.tensor(x.shape, x.needsGradient);
  keep(y, x, outcome);
  return {
    y,
    backward(dy) {
      keep(dy, dy, { ...outcome, shift: 0, dropped: 0 });
      return dy;
    },
  };
}
