import { checkNumber } from "../options.js";
import { sizeOf } from "../tensor.js";
import { type Loss, type LossOptions, lossOf, readLoss } from "./loss.js";

/** Labels 0 and 1 stand for -1 and 1 where a batch has no others. */
function signed(kernel: "hinge" | "squaredHinge", className: string, options?: LossOptions): Loss {
  const config = readLoss(kernel, options, {});
  return lossOf({ className, config }, (plan, args, range) => {
    const target = plan.tensor(args.target.shape);
    plan.call("hingeLabels", { out: target, target: args.target, n: sizeOf(target.shape) });
    plan.call(kernel, { ...args, target }, range);
  });
}

/** mean max(1 - y·ŷ, 0), with labels -1 and 1 */
export const hinge = (options?: LossOptions) => signed("hinge", "Hinge", options);

/** mean max(1 - y·ŷ, 0)², with labels -1 and 1 */
export const squaredHinge = (options?: LossOptions) => signed("squaredHinge", "SquaredHinge", options);

/** max(max((1 - y)·ŷ) - Σ y·ŷ + 1, 0) over one-hot labels */
export function categoricalHinge(options?: LossOptions): Loss {
  const config = readLoss("categoricalHinge", options, {});
  return lossOf({ className: "CategoricalHinge", config }, (plan, args, range) => plan.call("categoricalHinge", args, range));
}

function overlap(className: string, config: LossOptions & { name: string }, alpha: number, beta: number): Loss {
  return lossOf({ className, config, labels: "probabilities" }, (plan, args, { range }) =>
    plan.call("tversky", { ...args, rows: range, alpha, beta }),
  );
}

/** 1 - 2 Σ y·ŷ / (Σ y + Σ ŷ) over the whole batch: how little two sets overlap */
export const dice = (options?: LossOptions) => overlap("Dice", readLoss("dice", options, {}), 0.5, 0.5);

/** 1 - I / (I + alpha·(Σ y - I) + beta·(Σ ŷ - I)) over the whole batch, with I = Σ y·ŷ. @param options alpha, beta: default 0.5 */
export function tversky(options?: { alpha?: number; beta?: number } & LossOptions): Loss {
  const config = readLoss("tversky", options, { alpha: 0.5, beta: 0.5 });
  checkNumber("tversky", "alpha", config.alpha, 0);
  checkNumber("tversky", "beta", config.beta, 0);
  return overlap("Tversky", config, config.alpha, config.beta);
}
