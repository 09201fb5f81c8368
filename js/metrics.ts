import type { View } from "./engine/memory.js";
import type { Plan } from "./engine/plan.js";
import { type Loss, meanAbsoluteError, meanSquaredError } from "./losses/index.js";
import { checkNumber, type Identifier, lookup, readOptions, resolve } from "./options.js";
import { sizeOf } from "./tensor.js";

/** Measures predictions: the mean over all rows of an epoch of a value for each row. */
export interface Metric extends Identifier {
  /** its key in logs: the word it was asked for by */
  name: string;
  /** which way is better */
  direction: "up" | "down";
  /** Records a value for each row (of all axes but the last). `classes` says that labels are numbers of classes. */
  record(plan: Plan, y: View, target: View, classes: boolean): View;
}

/** What `compile` takes: Keras's name, or a metric. */
export type MetricLike = string | Metric | Identifier;

/** @throws where there is a label for each row, but a metric compares each of its elements */
function refuseClasses(metric: string, elements: number): void {
  if (elements > 1)
    throw new Error(
      `${metric}: expected a label for each of ${elements} outputs, but the loss takes numbers of classes. Ask for "accuracy".`,
    );
}

/** A row's share of elements that fall on the label's side of the threshold. @param options threshold: default 0.5 */
export function binaryAccuracy(options: { threshold?: number; name?: string } = {}): Metric {
  const { threshold, name } = readOptions("binaryAccuracy", options, { threshold: 0.5, name: "binary_accuracy" });
  checkNumber("binaryAccuracy", "threshold", threshold, 0, 1);
  return {
    ...{ name, className: "BinaryAccuracy", config: { threshold, name }, direction: "up" },
    record(plan, y, target, classes) {
      const n = y.shape.at(-1)!;
      if (classes) refuseClasses(name, n);
      const values = plan.tensor([sizeOf(y.shape) / n]);
      plan.call("binaryAccuracy", { values, y, target, threshold, n }, { range: values.shape[0] });
      return values;
    },
  };
}

/** 1 where the largest output stands where the label's 1 stands */
export function categoricalAccuracy(options: { name?: string } = {}): Metric {
  const { name } = readOptions("categoricalAccuracy", options, { name: "categorical_accuracy" });
  return {
    ...{ name, className: "CategoricalAccuracy", config: { name }, direction: "up" },
    record(plan, y, target, classes) {
      if (classes)
        throw new Error(`${name}: expected one-hot labels, but the loss takes numbers of classes. Ask for "sparse_categorical_accuracy".`);
      const n = y.shape.at(-1)!;
      const values = plan.tensor([sizeOf(y.shape) / n]);
      plan.call("categoricalAccuracy", { values, y, target, n }, { range: values.shape[0] });
      return values;
    },
  };
}

/** 1 where the largest output stands at the label's number */
export function sparseCategoricalAccuracy(options: { name?: string } = {}): Metric {
  const { name } = readOptions("sparseCategoricalAccuracy", options, { name: "sparse_categorical_accuracy" });
  return {
    ...{ name, className: "SparseCategoricalAccuracy", config: { name }, direction: "up" },
    record(plan, y, target, classes) {
      if (!classes)
        throw new Error(
          `${name}: expected numbers of classes as labels, but the loss takes one-hot labels. Ask for "categorical_accuracy".`,
        );
      const n = y.shape.at(-1)!;
      const values = plan.tensor([sizeOf(y.shape) / n]);
      plan.call("sparseCategoricalAccuracy", { values, y, target, n }, { range: values.shape[0] });
      return values;
    },
  };
}

/** Keras's "accuracy": binary for one column, else by what the labels look like. */
function accuracy(options: { name?: string } = {}): Metric {
  const { name } = readOptions("accuracy", options, { name: "accuracy" });
  return {
    ...{ name, className: "Accuracy", config: { name }, direction: "up" },
    record(plan, y, target, classes) {
      const kind = y.shape.at(-1) === 1 ? binaryAccuracy() : classes ? sparseCategoricalAccuracy() : categoricalAccuracy();
      return kind.record(plan, y, target, classes);
    },
  };
}

/** A loss as a metric: its value, without weights or penalties. */
function ofLoss(loss: Loss, name: string): Metric {
  return {
    ...{ name, className: loss.className, config: { name }, direction: "down" },
    record(plan, y, target, classes) {
      if (classes) refuseClasses(name, y.shape.at(-1)!);
      return loss.record(plan, y, target, null, 1, false).values;
    },
  };
}

const byName: Record<string, (options?: { name?: string }) => Metric> = {
  accuracy,
  acc: accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  meanSquaredError: ({ name = "mean_squared_error" } = {}) => ofLoss(meanSquaredError(), name),
  mse: ({ name = "mse" } = {}) => ofLoss(meanSquaredError(), name),
  meanAbsoluteError: ({ name = "mean_absolute_error" } = {}) => ofLoss(meanAbsoluteError(), name),
  mae: ({ name = "mae" } = {}) => ofLoss(meanAbsoluteError(), name),
};

/** A metric from Keras's name, under which its values are logged, or from what a file says of it. @internal */
export function resolveMetric(given: unknown): Metric {
  if (typeof given === "string") return lookup("compile", "metric", given, byName)({ name: given });
  return resolve<Metric>("compile", "metric", given, "direction", byName);
}

/** The metrics of a model. Of one name, Keras logs the second as `accuracy_1`, and a weighted one as `weighted_accuracy`. @internal */
export function resolveMetrics(metrics: readonly unknown[], weightedMetrics: readonly unknown[]) {
  const counts = new Map<string, number>([["loss", 1]]);
  const named = (metric: Metric, name = metric.name): Metric => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return { ...metric, name: count === 0 ? name : `${name}_${count}` };
  };
  const own = metrics.map(given => named(resolveMetric(given)));
  const weighted = weightedMetrics.map(given => {
    const metric = resolveMetric(given);
    return named(metric, counts.has(metric.name) ? `weighted_${metric.name}` : metric.name);
  });
  return { metrics: own, weightedMetrics: weighted };
}
