import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import type { Activation } from "./activation.js";

/** Keeps what went in, so that a cross-entropy can work on the logits. */
function withLogits(
  of: "softmax" | "sigmoid",
  record: (plan: Plan, z: View, y: View) => (dy: View) => View,
  recurrent?: Activation["recurrent"],
): Activation {
  return {
    name: of,
    recurrent,
    record(plan, z) {
      const y = plan.tensor(z.shape, z.needsGradient);
      const backward = record(plan, z, y);
      y.logits = { of, view: z };
      return { y, backward: dy => (dy.ofLogits ? dy : backward(dy)) };
    },
  };
}

/** 1 / (1 + e^-x) */
export const sigmoid = () =>
  withLogits(
    "sigmoid",
    (plan, x, y) => {
      const range = sizeOf(x.shape);
      plan.call("sigmoid", { y, x }, { range });
      return dy => {
        plan.call("sigmoidGrad", { dx: dy, dy, y }, { range });
        return dy;
      };
    },
    [1, 0],
  );

/** Records a kernel that works along the last axis; returns its way back, which writes dx over dy. */
function alongRows(kernel: "softmax" | "logSoftmax" | "sparsemax", plan: Plan, x: View, y: View): (dy: View) => View {
  const n = x.shape.at(-1)!;
  const range = sizeOf(x.shape) / n;
  plan.call(kernel, { y, x, n }, { range });
  return dy => {
    plan.call(`${kernel}Grad`, { dx: dy, dy, y, n }, { range });
    return dy;
  };
}

/** e^x / Σ e^x along the last axis */
export const softmax = () => withLogits("softmax", (plan, x, y) => alongRows("softmax", plan, x, y));

const rows = (name: string, kernel: "logSoftmax" | "sparsemax") => (): Activation => ({
  name,
  record(plan, x, how) {
    const y = how === "apart" ? plan.tensor(x.shape, x.needsGradient) : x;
    return { y, backward: alongRows(kernel, plan, x, y) };
  },
});

/** x - ln Σ e^x along the last axis */
export const logSoftmax = rows("log_softmax", "logSoftmax");
/** the nearest numbers that add up to 1 along the last axis, none below 0: Martins and Astudillo, 2016 */
export const sparsemax = rows("sparsemax", "sparsemax");
