import type { View } from "./engine/memory.js";
import type { Plan, Recorded } from "./engine/plan.js";
import { resolve } from "./options.js";
import { sizeOf } from "./tensor.js";

/** An activation function: records y = f(z) and its way back. */
export interface Activation {
  /** Keras's name: "leaky_relu" */
  name: string;
  /** what products and convolutions call it in their `activation`, when they can apply it as they store */
  fused?: number;
  record(plan: Plan, z: View, how: "in place" | "apart" | "applied"): Recorded;
}

/** Where f(z) goes: over z, where it may already stand, or beside it. */
function outputFor(plan: Plan, z: View, how: "in place" | "apart" | "applied"): View {
  return how === "apart" ? plan.tensor(z.shape, z.needsGradient) : z;
}

/** What the option `activation` takes: Keras's name; null is "linear". */
export type ActivationLike = string | Activation | null;

const linear: Activation = { name: "linear", fused: 0, record: (_, z) => ({ y: z, backward: dy => dy }) };

/** An element-wise function whose gradient needs only its output. */
function elementwise(kernel: "relu" | "tanh", fused?: number): Activation {
  return {
    name: kernel,
    fused,
    record(plan, z, how) {
      const range = sizeOf(z.shape);
      const y = outputFor(plan, z, how);
      if (how !== "applied") plan.call(kernel, { y, x: z }, { range });
      return {
        y,
        backward(dy) {
          plan.call(`${kernel}Grad`, { dx: dy, dy, y }, { range });
          return dy;
        },
      };
    },
  };
}

const leakyRelu: Activation = {
  name: "leaky_relu",
  record(plan, z, how) {
    const range = sizeOf(z.shape);
    const y = outputFor(plan, z, how);
    const slope = 0.2;
    plan.call("leakyRelu", { y, x: z, slope }, { range });
    return {
      y,
      backward(dy) {
        plan.call("leakyReluGrad", { dx: dy, dy, y, slope }, { range });
        return dy;
      },
    };
  },
};

/** Keeps what went in, so that a cross-entropy can work on the logits. */
function withLogits(of: "softmax" | "sigmoid", record: (plan: Plan, z: View, y: View) => (dy: View) => View): Activation {
  return {
    name: of,
    record(plan, z) {
      const y = plan.tensor(z.shape, z.needsGradient);
      const backward = record(plan, z, y);
      y.logits = { of, view: z };
      return { y, backward: dy => (dy.ofLogits ? dy : backward(dy)) };
    },
  };
}

const sigmoid = withLogits("sigmoid", (plan, z, y) => {
  const range = sizeOf(z.shape);
  plan.call("sigmoid", { y, x: z }, { range });
  return dy => {
    plan.call("sigmoidGrad", { dx: dy, dy, y }, { range });
    return dy;
  };
});

const softmax = withLogits("softmax", (plan, z, y) => {
  const n = z.shape.at(-1)!;
  const range = sizeOf(z.shape) / n;
  plan.call("softmax", { y, x: z, n }, { range });
  return dy => {
    plan.call("softmaxGrad", { dx: dy, dy, y, n }, { range });
    return dy;
  };
});

const relu = elementwise("relu", 1);
const tanh = elementwise("tanh");

const byName: Record<string, () => Activation> = {
  linear: () => linear,
  relu: () => relu,
  leakyRelu: () => leakyRelu,
  sigmoid: () => sigmoid,
  tanh: () => tanh,
  softmax: () => softmax,
};

/** All that Keras's names may stand for. @internal */
export const names = Object.keys(byName);

/** An activation from Keras's name. @internal */
export function resolveActivation(where: string, option: string, given: ActivationLike): Activation {
  return given === null ? linear : resolve(where, option, given, "record", byName);
}
