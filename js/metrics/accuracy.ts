import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkInteger, checkNumber, readOptions } from "../options.js";
import { aboveOf, argmaxOf, classesOf, type Measured, type Metric, meanOf, needClasses, refuseClasses, rowsOf } from "./metric.js";

/** The share of each row's elements that are the label's. */
function hitsOf(plan: Plan, y: View, target: View, n: number): View {
  const values = plan.tensor([y.shape.reduce((a, b) => a * b, 1) / n]);
  plan.call("accuracy", { values, y, target, n }, { range: values.shape[0] });
  return values;
}

/** 1 where the largest output stands at the label's class */
const ofClasses = (plan: Plan, batch: Measured) => hitsOf(plan, argmaxOf(plan, batch.y, batch.y), classesOf(plan, batch), 1);

function ofThreshold(name: string, threshold: number) {
  return (plan: Plan, batch: Measured) => {
    refuseClasses(name, batch);
    return hitsOf(plan, aboveOf(plan, batch.y, threshold), batch.target, batch.y.shape.at(-1)!);
  };
}

/** Keras's `Accuracy`: the share of predictions that equal their labels, for predictions that are labels already. */
export function accuracy(options?: { name?: string }): Metric {
  const config = readOptions("accuracy", options, { name: "accuracy" });
  return meanOf({ name: config.name, className: "Accuracy", config, direction: "up" }, (plan, batch) => {
    refuseClasses(config.name, batch);
    return hitsOf(plan, batch.y, batch.target, batch.y.shape.at(-1)!);
  });
}

/** A row's share of elements that fall on the label's side of the threshold. @param options threshold: default 0.5 */
export function binaryAccuracy(options?: { threshold?: number; name?: string }): Metric {
  const config = readOptions("binaryAccuracy", options, { threshold: 0.5, name: "binary_accuracy" });
  checkNumber("binaryAccuracy", "threshold", config.threshold, 0, 1);
  const { name } = config;
  return meanOf({ name, className: "BinaryAccuracy", config, direction: "up" }, ofThreshold(name, config.threshold));
}

/** 1 where the largest output stands where the label's 1 stands */
export function categoricalAccuracy(options?: { name?: string }): Metric {
  const config = readOptions("categoricalAccuracy", options, { name: "categorical_accuracy" });
  const { name } = config;
  return meanOf({ name, className: "CategoricalAccuracy", config, direction: "up" }, (plan, batch) => {
    needClasses(name, batch, false, "sparse_categorical_accuracy");
    return ofClasses(plan, batch);
  });
}

/** 1 where the largest output stands at the label's number */
export function sparseCategoricalAccuracy(options?: { name?: string }): Metric {
  const config = readOptions("sparseCategoricalAccuracy", options, { name: "sparse_categorical_accuracy" });
  const { name } = config;
  return meanOf({ name, className: "SparseCategoricalAccuracy", config, direction: "up" }, (plan, batch) => {
    needClasses(name, batch, true, "categorical_accuracy");
    return ofClasses(plan, batch);
  });
}

interface TopKOptions {
  /** default 5 */
  k?: number;
  name?: string;
}

function topK(where: string, className: string, isSparse: boolean, name: string, options?: TopKOptions): Metric {
  const config = readOptions(where, options, { k: 5, name });
  checkInteger(where, "k", config.k);
  return meanOf({ name: config.name, className, config, direction: "up" }, (plan, batch) => {
    needClasses(config.name, batch, isSparse, isSparse ? "top_k_categorical_accuracy" : "sparse_top_k_categorical_accuracy");
    const { y } = batch;
    const values = plan.tensor([rowsOf(y)]);
    const args = { values, y, target: classesOf(plan, batch), n: y.shape.at(-1)!, k: config.k };
    plan.call("inTopK", args, { range: values.shape[0] });
    return values;
  });
}

/** 1 where the output of the one-hot label's class is among the k largest; equals count as hits */
export const topKCategoricalAccuracy = (options?: TopKOptions) =>
  topK("topKCategoricalAccuracy", "TopKCategoricalAccuracy", false, "top_k_categorical_accuracy", options);

/** 1 where the output of the label's class, given by its number, is among the k largest; equals count as hits */
export const sparseTopKCategoricalAccuracy = (options?: TopKOptions) =>
  topK("sparseTopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", true, "sparse_top_k_categorical_accuracy", options);

/** What Keras takes the word "accuracy" for: binary for one column, else by what the labels look like. @internal */
export function accuracyOfShapes(options?: { name?: string }): Metric {
  const config = readOptions("accuracy", options, { name: "accuracy" });
  return meanOf({ name: config.name, className: "accuracy", config, direction: "up" }, (plan, batch) =>
    batch.y.shape.at(-1) === 1 ? ofThreshold(config.name, 0.5)(plan, batch) : ofClasses(plan, batch),
  );
}
