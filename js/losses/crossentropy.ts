import type { Activation } from "../activations/activation.js";
import { sigmoid, softmax } from "../activations/probabilities.js";
import { checkBoolean, checkInteger, checkNumber, show } from "../options.js";
import { type Loss, type LossOptions, lossOf, type RecordLoss, readLoss } from "./loss.js";

interface CrossentropyOptions extends LossOptions {
  /** predictions are logits, not probabilities; default false */
  fromLogits?: boolean;
  /** moves labels towards even ones, from 0 to 1; default 0 */
  labelSmoothing?: number;
}

const common = { fromLogits: false, labelSmoothing: 0 };

function checkCommon(where: string, { fromLogits, labelSmoothing }: typeof common): void {
  checkBoolean(where, "fromLogits", fromLogits);
  checkNumber(where, "labelSmoothing", labelSmoothing, 0, 1);
}

/** -(y log ŷ + (1 - y) log(1 - ŷ)), mean over the last axis. After a sigmoid it is computed from the logits. */
export function binaryCrossentropy(options?: CrossentropyOptions): Loss {
  const config = readLoss("binaryCrossentropy", options, common);
  checkCommon("binaryCrossentropy", config);
  const { fromLogits, labelSmoothing } = config;
  const onLogits: RecordLoss = (plan, args, range) => plan.call("sigmoidCrossentropy", { ...args, labelSmoothing }, range);
  const onProbabilities: RecordLoss = (plan, args, range) => plan.call("binaryCrossentropy", { ...args, labelSmoothing }, range);
  const kind = { className: "BinaryCrossentropy", config, labels: "probabilities" as const };
  return lossOf(kind, fromLogits ? onLogits : onProbabilities, { of: "sigmoid", record: onLogits });
}

/** -Σ y log ŷ over one-hot labels. After a softmax it is computed from the logits. */
export function categoricalCrossentropy(options?: CrossentropyOptions): Loss {
  const config = readLoss("categoricalCrossentropy", options, common);
  checkCommon("categoricalCrossentropy", config);
  const { fromLogits, labelSmoothing } = config;
  const onLogits: RecordLoss = (plan, args, range) => plan.call("softmaxCrossentropy", { ...args, labelSmoothing }, range);
  const onProbabilities: RecordLoss = (plan, args, range) => plan.call("categoricalCrossentropy", { ...args, labelSmoothing }, range);
  const kind = { className: "CategoricalCrossentropy", config, labels: "probabilities" as const };
  return lossOf(kind, fromLogits ? onLogits : onProbabilities, { of: "softmax", record: onLogits });
}

export interface SparseCategoricalCrossentropyOptions extends LossOptions {
  /** predictions are logits, not probabilities; default false */
  fromLogits?: boolean;
  /** rows with this label, such as -1, do not count; default: all count */
  ignoreClass?: number | null;
}

/** -log ŷ[label] over labels that are numbers of classes. After a softmax it is computed from the logits. */
export function sparseCategoricalCrossentropy(options?: SparseCategoricalCrossentropyOptions): Loss {
  const where = "sparseCategoricalCrossentropy";
  const defaults = { fromLogits: false, ignoreClass: null as number | null };
  const config = readLoss(where, options, defaults);
  const { fromLogits, ignoreClass } = config;
  checkBoolean(where, "fromLogits", fromLogits);
  if (ignoreClass !== null) checkInteger(where, "ignoreClass", ignoreClass, Number.MIN_SAFE_INTEGER);
  const onLogits: RecordLoss = (plan, args, range) => plan.call("sparseSoftmaxCrossentropy", args, range);
  const onProbabilities: RecordLoss = (plan, args, range) => plan.call("sparseCategoricalCrossentropy", args, range);
  const kind = { className: "SparseCategoricalCrossentropy", config, labels: "classes" as const, ignoreClass };
  return lossOf(kind, fromLogits ? onLogits : onProbabilities, { of: "softmax", record: onLogits });
}

/** A loss of probabilities that may be given logits: they go through the activation first, and its way back. */
function afterActivation(loss: Loss, fromLogits: boolean, { record }: Activation): Loss {
  if (!fromLogits) return loss;
  return {
    ...loss,
    record(plan, logits, ...rest) {
      const { y, backward } = record(plan, logits, "apart");
      const { values, dy } = loss.record(plan, y, ...rest);
      return { values, dy: dy && backward(dy) };
    },
  };
}

interface FocalOptions extends CrossentropyOptions {
  /** default 0.25 */
  alpha?: number;
  /** how much less an example counts that is predicted well already; default 2 */
  gamma?: number;
}

/** (1 - p)^gamma · binary cross-entropy, with p the probability of the true class: hard examples count more. */
export function binaryFocalCrossentropy(
  options?: FocalOptions & {
    /** the class 1 counts alpha and the class 0 counts 1 - alpha; default false: both count 1 */
    applyClassBalancing?: boolean;
  },
): Loss {
  const where = "binaryFocalCrossentropy";
  const config = readLoss(where, options, { ...common, alpha: 0.25, gamma: 2, applyClassBalancing: false });
  checkCommon(where, config);
  const { labelSmoothing, gamma, alpha, fromLogits, applyClassBalancing } = config;
  checkNumber(where, "gamma", gamma, 0);
  checkNumber(where, "alpha", alpha, 0, 1);
  checkBoolean(where, "applyClassBalancing", applyClassBalancing);
  const own = { gamma, labelSmoothing, classBalance: applyClassBalancing ? alpha : 0 };
  const kind = { className: "BinaryFocalCrossentropy", config, labels: "probabilities" as const };
  const loss = lossOf(kind, (plan, args, range) => plan.call("binaryFocalCrossentropy", { ...args, ...own }, range));
  return afterActivation(loss, fromLogits, sigmoid());
}

/** alpha · (1 - ŷ)^gamma · categorical cross-entropy over one-hot labels: hard examples count more. */
export function categoricalFocalCrossentropy(options?: FocalOptions): Loss {
  const where = "categoricalFocalCrossentropy";
  const config = readLoss(where, options, { ...common, alpha: 0.25, gamma: 2 });
  checkCommon(where, config);
  const { labelSmoothing, gamma, alpha, fromLogits } = config;
  checkNumber(where, "gamma", gamma, 0);
  checkNumber(where, "alpha", alpha, 0);
  const own = { alpha, gamma, labelSmoothing };
  const kind = { className: "CategoricalFocalCrossentropy", config, labels: "probabilities" as const };
  const loss = lossOf(kind, (plan, args, range) => plan.call("categoricalFocalCrossentropy", { ...args, ...own }, range));
  return afterActivation(loss, fromLogits, softmax());
}

/** Σ y log(y / ŷ), both between 1e-7 and 1: how far one distribution is from another */
export function klDivergence(options?: LossOptions): Loss {
  const config = readLoss("klDivergence", options, {});
  const kind = { className: "KLDivergence", config, labels: "probabilities" as const };
  return lossOf(kind, (plan, args, range) => plan.call("klDivergence", args, range));
}

/**
 * (1 - p^q) / q with p the probability of the label, which is the number of a class: between cross-entropy, for q near 0, and absolute error, for q
 * near 1. Wrong labels do less harm (Zhang and Sabuncu, 2018). @param options q: between 0 and 1, default 0.5
 */
export function categoricalGeneralizedCrossEntropy(options?: { q?: number } & LossOptions): Loss {
  const where = "categoricalGeneralizedCrossEntropy";
  const config = readLoss(where, options, { q: 0.5 });
  const { q } = config;
  if (!(q > 0 && q < 1)) throw new Error(`${where}: q must be between 0 and 1, got ${show(q)}.`);
  const kind = { className: "CategoricalGeneralizedCrossEntropy", config, labels: "classes" as const };
  return lossOf(kind, (plan, args, range) => plan.call("generalizedCrossentropy", { ...args, q }, range));
}
