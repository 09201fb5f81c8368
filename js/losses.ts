import type { Slot, View } from "./engine/memory.js";
import type { Plan } from "./engine/plan.js";
import { checkBoolean, checkNumber, type Identifier, readOptions, resolve } from "./options.js";
import { sizeOf } from "./tensor.js";

/** What labels look like: numbers of the output's shape, the same from 0 to 1, or the number of a class in place of the last axis. */
export type LabelKind = "values" | "probabilities" | "classes";

/** Punishes the distance from labels to predictions. */
export interface Loss extends Identifier {
  /** Keras's name: "categorical_crossentropy" */
  name: string;
  labels: LabelKind;
  /** Records the loss of each row (of all axes but the last), unweighted, and with `wantsGradient` the gradient of their weighted mean. */
  record(plan: Plan, y: View, target: View, weights: View | null, wantsGradient: boolean): { values: View; dy: View | null };
}

/** What `compile` takes: Keras's name, or a loss. */
export type LossLike = string | Loss | Identifier;

/** The arguments that all loss kernels share. */
interface Common {
  losses: Slot;
  dy: View | null;
  y: View;
  target: View;
  weights: View | null;
  n: number;
  scale: number;
}

type Record = (plan: Plan, args: Common, range: { range: number }) => void;

/** A loss of one kernel, with a second one that works on the logits of a softmax or sigmoid where there are any. */
function lossOf(
  identifier: { name: string; className: string; config?: Identifier["config"]; labels?: LabelKind },
  record: Record,
  logits?: { of: "softmax" | "sigmoid"; record: Record },
): Loss {
  return {
    config: {},
    labels: "values",
    ...identifier,
    record(plan, output, target, weights, wantsGradient) {
      const fused = logits !== undefined && output.logits?.of === logits.of;
      const y = fused ? output.logits!.view : output;
      const n = y.shape.at(-1)!;
      const rows = sizeOf(y.shape) / n;
      const values = plan.tensor([rows]);
      const dy = wantsGradient ? plan.tensor(y.shape) : null;
      if (dy && fused) dy.ofLogits = true;
      const call = fused ? logits.record : record;
      call(plan, { losses: values.slot, dy, y, target, weights, n, scale: 1 / rows }, { range: rows });
      return { values, dy };
    },
  };
}

/** mean (y - ŷ)² */
export function meanSquaredError(): Loss {
  return lossOf({ name: "mean_squared_error", className: "MeanSquaredError" }, (plan, args, range) =>
    plan.call("meanSquaredError", args, range),
  );
}

/** mean |y - ŷ| */
export function meanAbsoluteError(): Loss {
  return lossOf({ name: "mean_absolute_error", className: "MeanAbsoluteError" }, (plan, args, range) =>
    plan.call("meanAbsoluteError", args, range),
  );
}

/** ½e² where |e| ≤ delta, else delta·|e| - ½delta²; mean over the last axis. @param options delta: default 1 */
export function huber(options: { delta?: number } = {}): Loss {
  const config = readOptions("huber", options, { delta: 1 });
  checkNumber("huber", "delta", config.delta, 0);
  return lossOf({ name: "huber", className: "Huber", config }, (plan, args, range) => plan.call("huber", { ...args, ...config }, range));
}

interface CrossentropyOptions {
  /** predictions are logits, not probabilities; default false */
  fromLogits?: boolean;
  /** moves labels towards even ones, from 0 to 1; default 0 */
  labelSmoothing?: number;
}

function crossentropyConfig(where: string, options: CrossentropyOptions): Required<CrossentropyOptions> {
  const config = readOptions(where, options, { fromLogits: false, labelSmoothing: 0 });
  checkBoolean(where, "fromLogits", config.fromLogits);
  checkNumber(where, "labelSmoothing", config.labelSmoothing, 0, 1);
  return config;
}

/** -(y log ŷ + (1 - y) log(1 - ŷ)), mean over the last axis. After a sigmoid it is computed from the logits. */
export function binaryCrossentropy(options: CrossentropyOptions = {}): Loss {
  const config = crossentropyConfig("binaryCrossentropy", options);
  const { fromLogits, labelSmoothing } = config;
  const onLogits: Record = (plan, args, range) => plan.call("sigmoidCrossentropy", { ...args, labelSmoothing }, range);
  const onProbabilities: Record = (plan, args, range) => plan.call("binaryCrossentropy", { ...args, labelSmoothing }, range);
  const labels = "probabilities" as const;
  const identifier = { name: "binary_crossentropy", className: "BinaryCrossentropy", config, labels };
  return lossOf(identifier, fromLogits ? onLogits : onProbabilities, { of: "sigmoid", record: onLogits });
}

/** -Σ y log ŷ over one-hot labels. After a softmax it is computed from the logits. */
export function categoricalCrossentropy(options: CrossentropyOptions = {}): Loss {
  const config = crossentropyConfig("categoricalCrossentropy", options);
  const { fromLogits, labelSmoothing } = config;
  const onLogits: Record = (plan, args, range) => plan.call("softmaxCrossentropy", { ...args, labelSmoothing }, range);
  const onProbabilities: Record = (plan, args, range) => plan.call("categoricalCrossentropy", { ...args, labelSmoothing }, range);
  const labels = "probabilities" as const;
  const identifier = { name: "categorical_crossentropy", className: "CategoricalCrossentropy", config, labels };
  return lossOf(identifier, fromLogits ? onLogits : onProbabilities, { of: "softmax", record: onLogits });
}

/** -log ŷ[label] over labels that are numbers of classes. After a softmax it is computed from the logits. */
export function sparseCategoricalCrossentropy(options: { fromLogits?: boolean } = {}): Loss {
  const config = readOptions("sparseCategoricalCrossentropy", options, { fromLogits: false });
  checkBoolean("sparseCategoricalCrossentropy", "fromLogits", config.fromLogits);
  const onLogits: Record = (plan, args, range) => plan.call("sparseSoftmaxCrossentropy", args, range);
  const onProbabilities: Record = (plan, args, range) => plan.call("sparseCategoricalCrossentropy", args, range);
  const identifier = {
    name: "sparse_categorical_crossentropy",
    className: "SparseCategoricalCrossentropy",
    config,
    labels: "classes" as const,
  };
  return lossOf(identifier, config.fromLogits ? onLogits : onProbabilities, { of: "softmax", record: onLogits });
}

const byName: { [name: string]: (options?: object) => Loss } = {
  meanSquaredError,
  meanAbsoluteError,
  huber,
  binaryCrossentropy,
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
  bce: binaryCrossentropy,
};

/** A loss from Keras's name, or from what a file says of it. @internal */
export function resolveLoss(given: LossLike): Loss {
  return resolve("compile", "loss", given, "labels", byName);
}
