import type { KernelName } from "../engine/kernels.js";
import type { Plan } from "../engine/plan.js";
import { checkNumber } from "../options.js";
import { type Common, type Loss, type LossOptions, lossOf, readLoss } from "./loss.js";

/** Kernels that take nothing but what all take. */
type Plain = Extract<
  KernelName,
  | "meanSquaredError"
  | "meanAbsoluteError"
  | "meanAbsolutePercentageError"
  | "meanSquaredLogarithmicError"
  | "logCosh"
  | "poisson"
  | "cosineSimilarity"
>;

function plain(kernel: Plain, className: string, options?: LossOptions): Loss {
  const config = readLoss(kernel, options, {});
  return lossOf({ className, config }, (plan: Plan, args: Common, range) => plan.call(kernel, args, range));
}

/** mean (y - ŷ)² */
export const meanSquaredError = (options?: LossOptions) => plain("meanSquaredError", "MeanSquaredError", options);

/** mean |y - ŷ| */
export const meanAbsoluteError = (options?: LossOptions) => plain("meanAbsoluteError", "MeanAbsoluteError", options);

/** mean 100 · |y - ŷ| / max(|y|, 1e-7) */
export const meanAbsolutePercentageError = (options?: LossOptions) =>
  plain("meanAbsolutePercentageError", "MeanAbsolutePercentageError", options);

/** mean (log(max(ŷ, 1e-7) + 1) - log(max(y, 1e-7) + 1))² */
export const meanSquaredLogarithmicError = (options?: LossOptions) =>
  plain("meanSquaredLogarithmicError", "MeanSquaredLogarithmicError", options);

/** mean log cosh(ŷ - y) */
export const logCosh = (options?: LossOptions) => plain("logCosh", "LogCosh", options);

/** mean (ŷ - y log(ŷ + 1e-7)), for counts */
export const poisson = (options?: LossOptions) => plain("poisson", "Poisson", options);

/** -Σ l2(y) · l2(ŷ): -1 for the same direction, 0 for a right angle */
export const cosineSimilarity = (options?: LossOptions) => plain("cosineSimilarity", "CosineSimilarity", options);

/** ½e² where |e| ≤ delta, else delta·|e| - ½delta²; mean over the last axis. @param options delta: default 1 */
export function huber(options?: { delta?: number } & LossOptions): Loss {
  const config = readLoss("huber", options, { delta: 1 }, "huber_loss");
  const { delta } = config;
  checkNumber("huber", "delta", delta, 0);
  return lossOf({ className: "Huber", config }, (plan, args, range) => plan.call("huber", { ...args, delta }, range));
}
