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

function plain(kernel: Plain, className: string, name: string, options?: LossOptions): Loss {
  const config = readLoss(kernel, name, options, {});
  return lossOf({ className, config }, (plan: Plan, args: Common, range) => plan.call(kernel, args, range));
}

/** mean (y - ŷ)² */
export const meanSquaredError = (options?: LossOptions) => plain("meanSquaredError", "MeanSquaredError", "mean_squared_error", options);

/** mean |y - ŷ| */
export const meanAbsoluteError = (options?: LossOptions) => plain("meanAbsoluteError", "MeanAbsoluteError", "mean_absolute_error", options);

/** mean 100 · |y - ŷ| / max(|y|, 1e-7) */
export const meanAbsolutePercentageError = (options?: LossOptions) =>
  plain("meanAbsolutePercentageError", "MeanAbsolutePercentageError", "mean_absolute_percentage_error", options);

/** mean (log(max(ŷ, 1e-7) + 1) - log(max(y, 1e-7) + 1))² */
export const meanSquaredLogarithmicError = (options?: LossOptions) =>
  plain("meanSquaredLogarithmicError", "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", options);

/** mean log cosh(ŷ - y) */
export const logCosh = (options?: LossOptions) => plain("logCosh", "LogCosh", "log_cosh", options);

/** mean (ŷ - y log(ŷ + 1e-7)), for counts */
export const poisson = (options?: LossOptions) => plain("poisson", "Poisson", "poisson", options);

/** -Σ l2(y) · l2(ŷ): -1 for the same direction, 0 for a right angle */
export const cosineSimilarity = (options?: LossOptions) => plain("cosineSimilarity", "CosineSimilarity", "cosine_similarity", options);

/** ½e² where |e| ≤ delta, else delta·|e| - ½delta²; mean over the last axis. @param options delta: default 1 */
export function huber(options?: { delta?: number } & LossOptions): Loss {
  const config = readLoss("huber", "huber_loss", options, { delta: 1 });
  const { delta } = config;
  checkNumber("huber", "delta", delta, 0);
  return lossOf({ className: "Huber", config }, (plan, args, range) => plan.call("huber", { ...args, delta }, range));
}
