import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { Identifier } from "../options.js";
import { sizeOf } from "../tensor.js";

/** Where f(z) goes: over z, or beside it; or it already stands there. */
type How = "in place" | "apart" | "applied";

/** An activation function: records y = f(z) and its way back. */
export interface Activation extends Partial<Identifier> {
  /** Keras's name: "leaky_relu" */
  name: string;
  /** what products and convolutions call it in their `activation`, when they can apply it as they store */
  fused?: number;
  /** what recurrent kernels call it, and its option: functions.ts in assembly/rnn; absent where they do not have it */
  recurrent?: readonly [number: number, option: number];
  /** Records y = f(z) and its way back. */
  record(plan: Plan, z: View, how: How): Recorded;
}

/** What the option `activation` takes: Keras's name, or an activation with options of its own; null is "linear". */
export type ActivationLike = string | Activation | Identifier | null;

/** How many elements or rows a kernel has before it. */
type Work = { range: number };
type Forward = (plan: Plan, y: View, x: View, work: Work) => void;
type Gradient = (plan: Plan, dy: View, from: View, work: Work) => void;

/** Name and, where they are not the default, options: files need both. */
export function named(name: string, options: object = {}): Pick<Activation, "name" | "className" | "config"> {
  return Object.keys(options).length === 0 ? { name } : { name, className: name, config: { ...options } };
}

const elements = (z: View) => ({ range: sizeOf(z.shape) });
const isTrained = (plan: Plan, z: View) => plan.training && z.needsGradient;

/** Whose slope the output tells. @param gradient writes dx over dy */
export function fromOutput(
  names: Partial<Activation> & { name: string },
  forward: Forward,
  gradient: Gradient,
  workOn = elements,
): Activation {
  return {
    ...names,
    record(plan, z, how) {
      const work = workOn(z);
      const y = how === "apart" ? plan.tensor(z.shape, z.needsGradient) : z;
      if (how !== "applied") forward(plan, y, z, work);
      return {
        y,
        backward(dy) {
          gradient(plan, dy, y, work);
          return dy;
        },
      };
    },
  };
}

/** Whose slope only the input tells, which is therefore kept. @param gradient writes dx over dy */
export function fromInput(names: Partial<Activation> & { name: string }, forward: Forward, gradient: Gradient): Activation {
  return {
    ...names,
    record(plan, z, how) {
      const work = elements(z);
      const y = how === "apart" || isTrained(plan, z) ? plan.tensor(z.shape, z.needsGradient) : z;
      forward(plan, y, z, work);
      return {
        y,
        backward(dy) {
          gradient(plan, dy, z, work);
          return dy;
        },
      };
    },
  };
}

/** Whose kernel computes the slope along with the output. @param forward writes no slope where it is null */
export function withSlope(
  name: string,
  options: object,
  forward: (plan: Plan, y: View, slope: View | null, x: View, work: Work) => void,
): Activation {
  return {
    ...named(name, options),
    record(plan, z, how) {
      const work = elements(z);
      const trained = isTrained(plan, z);
      const y = how === "apart" || trained ? plan.tensor(z.shape, z.needsGradient) : z;
      const slope = trained ? (how === "apart" ? plan.tensor(z.shape) : z) : null;
      forward(plan, y, slope, z, work);
      return {
        y,
        backward(dy) {
          plan.call("multiply", { y: dy, a: dy, b: slope }, work);
          return dy;
        },
      };
    },
  };
}
