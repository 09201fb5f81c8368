import { lookup, resolve } from "../options.js";
import {
  accuracy,
  accuracyOfShapes,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from "./accuracy.js";
import { auc } from "./auc.js";
import { f1Score, fBetaScore, r2Score } from "./columns.js";
import {
  falseNegatives,
  falsePositives,
  precision,
  precisionAtRecall,
  recall,
  recallAtPrecision,
  sensitivityAtSpecificity,
  specificityAtSensitivity,
  trueNegatives,
  truePositives,
} from "./confusion.js";
import { binaryIoU, iou, meanIoU, oneHotIoU, oneHotMeanIoU } from "./iou.js";
import { Meter } from "./meter.js";
import type { Metric } from "./metric.js";
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  hinge,
  klDivergence,
  logCoshError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  rootMeanSquaredError,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from "./ofLoss.js";

export type { AucOptions } from "./auc.js";
export type { F1ScoreOptions, FBetaScoreOptions, R2ScoreOptions } from "./columns.js";
export {
  averagePrecisionScore,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocAucScore,
  rocCurve,
} from "./curves.js";
export type { Label, Labels, Numbers } from "./labels.js";
export type { Meter } from "./meter.js";
export type { Measured, Metric, MetricLike } from "./metric.js";
export { type ClassificationReport, type ClassScores, ConfusionMatrix, classificationReport, confusionMatrix } from "./report.js";
export {
  accuracy,
  auc,
  binaryAccuracy,
  binaryCrossentropy,
  binaryIoU,
  categoricalAccuracy,
  categoricalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  f1Score,
  falseNegatives,
  falsePositives,
  fBetaScore,
  hinge,
  iou,
  klDivergence,
  logCoshError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanIoU,
  meanSquaredError,
  meanSquaredLogarithmicError,
  oneHotIoU,
  oneHotMeanIoU,
  poisson,
  precision,
  precisionAtRecall,
  r2Score,
  recall,
  recallAtPrecision,
  rootMeanSquaredError,
  sensitivityAtSpecificity,
  sparseCategoricalAccuracy,
  sparseCategoricalCrossentropy,
  sparseTopKCategoricalAccuracy,
  specificityAtSensitivity,
  squaredHinge,
  topKCategoricalAccuracy,
  trueNegatives,
  truePositives,
};

/** Metrics whose first arguments files keep among the options. */
const fromConfig: Record<string, (options: never) => Metric> = {
  sensitivityAtSpecificity: ({ specificity, ...rest }: { specificity: number }) => sensitivityAtSpecificity(specificity, rest),
  specificityAtSensitivity: ({ sensitivity, ...rest }: { sensitivity: number }) => specificityAtSensitivity(sensitivity, rest),
  precisionAtRecall: ({ recall, ...rest }: { recall: number }) => precisionAtRecall(recall, rest),
  recallAtPrecision: ({ precision, ...rest }: { precision: number }) => recallAtPrecision(precision, rest),
  iou: ({ numClasses, targetClassIds, ...rest }: Classes) => iou(numClasses, targetClassIds, rest),
  oneHotIoU: ({ numClasses, targetClassIds, ...rest }: Classes) => oneHotIoU(numClasses, targetClassIds, rest),
  meanIoU: ({ numClasses, ...rest }: Pick<Classes, "numClasses">) => meanIoU(numClasses, rest),
  oneHotMeanIoU: ({ numClasses, ...rest }: Pick<Classes, "numClasses">) => oneHotMeanIoU(numClasses, rest),
};
interface Classes {
  numClasses: number;
  targetClassIds: number[];
}

const byName: Record<string, (options?: object) => Metric> = {
  ...{ binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy, topKCategoricalAccuracy, sparseTopKCategoricalAccuracy },
  ...{ truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall, auc, f1Score, fBetaScore, binaryIoU },
  ...{ meanSquaredError, rootMeanSquaredError, meanAbsoluteError, meanAbsolutePercentageError, meanSquaredLogarithmicError },
  ...{ cosineSimilarity, logCoshError, r2Score, hinge, squaredHinge, categoricalHinge, klDivergence, poisson },
  ...{ binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy },
  accuracy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
  mape: meanAbsolutePercentageError,
  msle: meanSquaredLogarithmicError,
  bce: binaryCrossentropy,
  kldivergence: klDivergence,
  ...(fromConfig as Record<string, (options?: object) => Metric>),
};

/** What Keras decides by the shapes of labels and predictions. */
const isAccuracy = (word: unknown): word is string => word === "accuracy" || word === "acc";

/** A metric from Keras's name, under which its values are logged, or from what a file says of it. @internal */
export function resolveMetric(given: unknown): Metric {
  if (isAccuracy(given)) return accuracyOfShapes({ name: given });
  if (typeof given === "string") return lookup("compile", "metric", given, byName)({ name: given });
  const { className, config } = (given ?? {}) as { className?: unknown; config?: object };
  if (isAccuracy(className) && !("read" in (given as object))) return accuracyOfShapes(config);
  return resolve<Metric>("compile", "metric", given, "read", byName);
}

/** The metrics of a model. Of one name, Keras logs the second as `accuracy_1`, and a weighted one as `weighted_accuracy`. @internal */
export function resolveMetrics(metrics: readonly unknown[], weightedMetrics: readonly unknown[]) {
  const counts = new Map<string, number>([["loss", 1]]);
  const named = (metric: Metric, name = metric.name): Metric => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const own = count === 0 ? name : `${name}_${count}`;
    return { ...metric, name: own, config: { ...metric.config, name: own } };
  };
  const own = metrics.map(given => named(resolveMetric(given)));
  const weighted = weightedMetrics.map(given => {
    const metric = resolveMetric(given);
    return named(metric, counts.has(metric.name) ? `weighted_${metric.name}` : metric.name);
  });
  return { metrics: own, weightedMetrics: weighted };
}

/** A metric by itself: `await meter.update(yTrue, yPred)`, `meter.result()`, `meter.reset()`. @param metric or Keras's name for one */
export function meter(metric: string | Metric): Meter {
  return new Meter(resolveMetric(metric));
}
