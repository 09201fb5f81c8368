import type { KernelName } from "../engine/kernels.js";
import type { View } from "../engine/memory.js";
import type { Arguments, Plan, Recorded } from "../engine/plan.js";
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

/** A kernel with what it takes beside its tensors, which are named here. */
export type Kernel<K extends KernelName, Tensors extends string> = readonly [kernel: K, options?: Omit<Arguments<K>, Tensors>];

/** Name and, where they are not the default, options: files need both. */
export function named(name: string, options: object = {}): Pick<Activation, "name" | "className" | "config"> {
  return Object.keys(options).length === 0 ? { name } : { name, className: name, config: { ...options } };
}

const elements = ({ shape }: View) => ({ range: sizeOf(shape) });
const isTrained = (plan: Plan, z: View) => plan.training && z.needsGradient;

/** Whose slope the output tells. @param gradient writes dx over dy */
export function fromOutput<F extends KernelName, G extends KernelName>(
  names: Partial<Activation> & { name: string },
  [forward, options]: Kernel<F, "y" | "x">,
  [gradient, gradientOptions]: Kernel<G, "dx" | "dy" | "y">,
): Activation {
  return {
    ...names,
    record(plan, z, how) {
      const work = elements(z);
      const y = how === "apart" ? plan.tensor(z.shape, z.needsGradient) : z;
      if (how !== "applied") plan.call(forward, { y, x: z, ...options } as Arguments<F>, work);
      return {
        y,
        backward(dy) {
          plan.call(gradient, { dx: dy, dy, y, ...gradientOptions } as Arguments<G>, work);
          return dy;
        },
      };
    },
  };
}

/** Whose slope only the input tells, which is therefore kept. @param gradient writes dx over dy */
export function fromInput<F extends KernelName, G extends KernelName>(
  names: Partial<Activation> & { name: string },
  [forward, options]: Kernel<F, "y" | "x">,
  [gradient, gradientOptions]: Kernel<G, "dx" | "dy" | "x">,
): Activation {
  return {
    ...names,
    record(plan, x, how) {
      const work = elements(x);
      const y = how === "apart" || isTrained(plan, x) ? plan.tensor(x.shape, x.needsGradient) : x;
      plan.call(forward, { y, x, ...options } as Arguments<F>, work);
      return {
        y,
        backward(dy) {
          plan.call(gradient, { dx: dy, dy, x, ...gradientOptions } as Arguments<G>, work);
          return dy;
        },
      };
    },
  };
}

/** Whose kernel computes the slope along with the output. */
export function withSlope(name: string, kernel: "silu" | "gelu" | "geluTanh" | "mish" | "tanhShrink", options?: object): Activation {
  return {
    ...named(name, options),
    record(plan, x, how) {
      const work = elements(x);
      const trained = isTrained(plan, x);
      const y = how === "apart" || trained ? plan.tensor(x.shape, x.needsGradient) : x;
      const slope = trained ? (how === "apart" ? plan.tensor(x.shape) : x) : null;
      plan.call(kernel, { y, slope, x }, work);
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
