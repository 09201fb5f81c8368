import {
  binaryCrossentropy as binaryCrossentropyLoss,
  categoricalCrossentropy as categoricalCrossentropyLoss,
  categoricalHinge as categoricalHingeLoss,
  cosineSimilarity as cosineSimilarityLoss,
  hinge as hingeLoss,
  klDivergence as klDivergenceLoss,
  type Loss,
  logCosh,
  meanAbsoluteError as meanAbsoluteErrorLoss,
  meanAbsolutePercentageError as meanAbsolutePercentageErrorLoss,
  meanSquaredError as meanSquaredErrorLoss,
  meanSquaredLogarithmicError as meanSquaredLogarithmicErrorLoss,
  poisson as poissonLoss,
  sparseCategoricalCrossentropy as sparseCategoricalCrossentropyLoss,
  squaredHinge as squaredHingeLoss,
} from "../losses/index.js";
import { camelCase, readOptions } from "../options.js";
import { type Metric, meanOf, needClasses, product, refuseClasses, rowsOf } from "./metric.js";

interface Named {
  /** its key in logs; default: Keras's */
  name?: string;
}

interface Kind {
  /** default: the loss's, as for the name */
  className?: string;
  direction?: "up" | "down";
  finish?: (mean: number) => number;
  /** steps that are padding count, as in Keras */
  isUnmasked?: boolean;
}

/** A loss as a metric: its value, without penalties. */
function ofLoss(loss: Loss, config: { name: string }, kind: Kind = {}): Metric {
  const { className = loss.className, direction = "down", finish, isUnmasked = false } = kind;
  return meanOf(
    { name: config.name, className, config: config as unknown as Record<string, unknown>, direction },
    (plan, batch) => {
      const { y, target, classes } = batch;
      if (isUnmasked) batch.mask = null;
      if (loss.labels === "classes") needClasses(config.name, batch, true, "categorical_crossentropy");
      else refuseClasses(config.name, batch);
      const { ignoreClass = null } = loss;
      if (ignoreClass === null || !classes) return loss.record(plan, y, target, null, 1, false).values;
      const range = rowsOf(y);
      const mask = plan.tensor([range]);
      const known = plan.tensor([range]);
      const values = plan.tensor([range]);
      plan.call("maskOf", { mask, x: target, value: ignoreClass }, { range });
      plan.call("multiply", { y: known, a: target, b: mask }, { range });
      plan.call("multiply", { y: values, a: loss.record(plan, y, known, null, 1, false).values, b: mask }, { range });
      if (batch.weights) batch.weights = product(plan, batch.weights, mask); // without weights Keras counts what it ignores as 0
      return values;
    },
    finish,
  );
}

/** A metric without options of its own. */
function plain(make: () => Loss, { name, ...kind }: Kind & { name?: string } = {}) {
  return (options?: Named): Metric => {
    const loss = make();
    const where = camelCase(kind.className ?? loss.name);
    return ofLoss(loss, readOptions(where, options, { name: name ?? loss.name }), kind);
  };
}

/** mean (y - ŷ)² */
export const meanSquaredError = plain(meanSquaredErrorLoss);

/** √ mean (y - ŷ)², the root over the whole epoch */
export const rootMeanSquaredError = plain(meanSquaredErrorLoss, {
  name: "root_mean_squared_error",
  className: "RootMeanSquaredError",
  finish: Math.sqrt,
  isUnmasked: true,
});

/** mean |y - ŷ| */
export const meanAbsoluteError = plain(meanAbsoluteErrorLoss);

/** mean 100 · |y - ŷ| / max(|y|, 1e-7) */
export const meanAbsolutePercentageError = plain(meanAbsolutePercentageErrorLoss);

/** mean (log(ŷ + 1) - log(y + 1))² */
export const meanSquaredLogarithmicError = plain(meanSquaredLogarithmicErrorLoss);

/** mean Σ l2(y) · l2(ŷ): 1 for the same direction, the loss's negative */
export const cosineSimilarity = plain(cosineSimilarityLoss, { direction: "up", finish: mean => -mean });

/** mean log cosh(ŷ - y) */
export const logCoshError = plain(logCosh, { name: "logcosh", className: "LogCoshError" });

/** mean max(1 - y·ŷ, 0), with labels -1 and 1, or 0 and 1 */
export const hinge = plain(hingeLoss);

/** mean max(1 - y·ŷ, 0)² */
export const squaredHinge = plain(squaredHingeLoss);

/** max(max((1 - y)·ŷ) - Σ y·ŷ + 1, 0) over one-hot labels */
export const categoricalHinge = plain(categoricalHingeLoss);

/** Σ y log(y / ŷ) */
export const klDivergence = plain(klDivergenceLoss);

/** mean (ŷ - y log ŷ) */
export const poisson = plain(poissonLoss);

interface CrossentropyOptions extends Named {
  /** predictions are logits, not probabilities; default false */
  fromLogits?: boolean;
  /** moves labels towards even ones, from 0 to 1; default 0 */
  labelSmoothing?: number;
}

/** -(y log ŷ + (1 - y) log(1 - ŷ)) */
export function binaryCrossentropy(options?: CrossentropyOptions): Metric {
  const config = readOptions("binaryCrossentropy", options, { fromLogits: false, labelSmoothing: 0, name: "binary_crossentropy" });
  return ofLoss(binaryCrossentropyLoss(config), config);
}

/** -Σ y log ŷ over one-hot labels */
export function categoricalCrossentropy(options?: CrossentropyOptions): Metric {
  const defaults = { fromLogits: false, labelSmoothing: 0, name: "categorical_crossentropy" };
  const config = readOptions("categoricalCrossentropy", options, defaults);
  return ofLoss(categoricalCrossentropyLoss(config), config);
}

/** -log ŷ[label]. @param options ignoreClass: rows with this label count as 0, and with sample weights not at all; default none */
export function sparseCategoricalCrossentropy(options?: Named & { fromLogits?: boolean; ignoreClass?: number | null }): Metric {
  const defaults = { fromLogits: false, ignoreClass: null as number | null, name: "sparse_categorical_crossentropy" };
  const config = readOptions("sparseCategoricalCrossentropy", options, defaults);
  return ofLoss(sparseCategoricalCrossentropyLoss(config), config);
}
