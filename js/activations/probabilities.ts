import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import { type Activation, fromOutput } from "./activation.js";

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
    (plan, z, y) => {
      const range = sizeOf(z.shape);
      plan.call("sigmoid", { y, x: z }, { range });
      return dy => {
        plan.call("sigmoidGrad", { dx: dy, dy, y }, { range });
        return dy;
      };
    },
    [1, 0],
  );

/** e^x / Σ e^x along the last axis */
export const softmax = () =>
  withLogits("softmax", (plan, z, y) => {
    const n = z.shape.at(-1)!;
    const range = sizeOf(z.shape) / n;
    plan.call("softmax", { y, x: z, n }, { range });
    return dy => {
      plan.call("softmaxGrad", { dx: dy, dy, y, n }, { range });
      return dy;
    };
  });

const lastAxis = ({ shape }: View) => shape.at(-1)!;
const rows = (z: View) => ({ range: sizeOf(z.shape) / lastAxis(z) });

/** x - ln Σ e^x along the last axis */
export const logSoftmax = () =>
  fromOutput(
    { name: "log_softmax" },
    (plan, y, x, work) => plan.call("logSoftmax", { y, x, n: lastAxis(x) }, work),
    (plan, dy, y, work) => plan.call("logSoftmaxGrad", { dx: dy, dy, y, n: lastAxis(y) }, work),
    rows,
  );

/** the nearest numbers that add up to 1 along the last axis, none below 0: Martins and Astudillo, 2016 */
export const sparsemax = () =>
  fromOutput(
    { name: "sparsemax" },
    (plan, y, x, work) => plan.call("sparsemax", { y, x, n: lastAxis(x) }, work),
    (plan, dy, y, work) => plan.call("sparsemaxGrad", { dx: dy, dy, y, n: lastAxis(y) }, work),
    rows,
  );
