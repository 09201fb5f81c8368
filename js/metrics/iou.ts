import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkArray, checkBoolean, checkInteger, checkNumber, readOptions } from "../options.js";
import { sizeOf } from "../tensor.js";
import { aboveOf, argmaxOf, type Measured, type Metric } from "./metric.js";

interface IouOptions {
  /** labels of this class do not count; default null */
  ignoreClass?: number | null;
  /** labels are numbers of classes, not one-hot; default true */
  sparseYTrue?: boolean;
  /** predictions are numbers of classes, not a score for each; default true */
  sparseYPred?: boolean;
  name?: string;
}

const EPSILON = 1e-7;
/** no number of a class */
const NONE = -(2 ** 31);

/** A view's numbers as classes: themselves, or the place of the largest of each row. */
const asClasses = (plan: Plan, view: View, isSparse: boolean, shape: View) => (isSparse ? view : argmaxOf(plan, shape, view));

interface Kind {
  where: string;
  className: string;
  numClasses: number;
  targets: readonly number[];
  ignoreClass: number | null;
  /** labels and predictions as numbers of classes */
  classes: (plan: Plan, batch: Measured) => { target: View; y: View };
}

/** The mean over classes of: labels that are also predicted, by those that are either. From a confusion matrix over the epoch. */
function iouOf<C extends { name: string }>(config: C, { where, className, numClasses, targets, ignoreClass, classes }: Kind): Metric {
  checkInteger(where, "numClasses", numClasses);
  if (ignoreClass !== null) checkInteger(where, "ignoreClass", ignoreClass, NONE + 1);
  for (const target of checkArray(where, "targetClassIds", targets) as number[]) {
    checkInteger(where, "targetClassIds", target, 0);
    if (target >= numClasses) throw new Error(`${where}: targetClassIds must be below numClasses, ${numClasses}, got ${target}.`);
  }
  return {
    ...{ name: config.name, className, config: { ...config }, direction: "up" },
    size: () => numClasses ** 2,
    record(plan, batch) {
      const { target, y } = classes(plan, batch);
      const size = sizeOf(y.shape);
      if (sizeOf(target.shape) !== size) {
        throw new Error(
          `${config.name}: got ${size} predictions for ${sizeOf(target.shape)} labels. sparseYTrue and sparseYPred say what they are.`,
        );
      }
      const weights = batch.weights && sizeOf(batch.weights.shape) === size ? batch.weights : null;
      if (batch.weights && !weights) throw new Error(`${config.name}: sample weights need one prediction a row.`);
      const { sums } = batch;
      plan.call("confusionMatrix", { sums, y, target, weights, classes: numClasses, ignored: ignoreClass ?? NONE, m: size });
    },
    read(sums) {
      const at = (row: number, column: number) => sums[row * numClasses + column];
      const all = Array.from({ length: numClasses }, (_, i) => i);
      const shares = targets.flatMap(c => {
        const either = all.reduce((sum, other) => sum + at(c, other) + at(other, c), 0) - at(c, c);
        return either > 1e-9 ? [at(c, c) / (either + EPSILON)] : [];
      });
      return shares.reduce((a, b) => a + b, 0) / (shares.length + EPSILON);
    },
  };
}

const defaults = { ignoreClass: null as number | null, sparseYTrue: true, sparseYPred: true };

function ofClasses(
  where: string,
  className: string,
  numClasses: number,
  targets: readonly number[] | null,
  config: Required<IouOptions>,
): Kind {
  const { sparseYTrue, sparseYPred, ignoreClass } = config;
  checkBoolean(where, "sparseYTrue", sparseYTrue);
  checkBoolean(where, "sparseYPred", sparseYPred);
  return {
    ...{ where, className, numClasses, ignoreClass },
    targets: targets ?? Array.from({ length: checkInteger(where, "numClasses", numClasses) }, (_, i) => i),
    classes: (plan, batch) => ({
      target: asClasses(plan, batch.target, sparseYTrue || batch.classes, batch.y),
      y: asClasses(plan, batch.y, sparseYPred, batch.y),
    }),
  };
}

/** Intersection over union of some classes: TP / (TP + FP + FN), their mean. */
export function iou(numClasses: number, targetClassIds: readonly number[], options?: IouOptions): Metric {
  const config = readOptions("iou", options, { ...defaults, name: "io_u" });
  const kind = ofClasses("iou", "IoU", numClasses, targetClassIds, config);
  return iouOf({ numClasses, targetClassIds, ...config }, kind);
}

/** The mean over all classes of intersection over union. */
export function meanIoU(numClasses: number, options?: IouOptions): Metric {
  const config = readOptions("meanIoU", options, { ...defaults, name: "mean_io_u" });
  return iouOf({ numClasses, ...config }, ofClasses("meanIoU", "MeanIoU", numClasses, null, config));
}

type OneHotOptions = Omit<IouOptions, "sparseYTrue">;

const oneHotDefaults = { ignoreClass: defaults.ignoreClass, sparseYPred: false };

/** `iou` of one-hot labels and of a score for each class. */
export function oneHotIoU(numClasses: number, targetClassIds: readonly number[], options?: OneHotOptions): Metric {
  const config = readOptions("oneHotIoU", options, { ...oneHotDefaults, name: "one_hot_io_u" });
  const kind = ofClasses("oneHotIoU", "OneHotIoU", numClasses, targetClassIds, { ...config, sparseYTrue: false });
  return iouOf({ numClasses, targetClassIds, ...config }, kind);
}

/** `meanIoU` of one-hot labels and of a score for each class. */
export function oneHotMeanIoU(numClasses: number, options?: OneHotOptions): Metric {
  const config = readOptions("oneHotMeanIoU", options, { ...oneHotDefaults, name: "one_hot_mean_io_u" });
  return iouOf({ numClasses, ...config }, ofClasses("oneHotMeanIoU", "OneHotMeanIoU", numClasses, null, { ...config, sparseYTrue: false }));
}

/** `iou` of two classes, by outputs that reach a threshold. @param options targetClassIds: default [0, 1]; threshold: default 0.5 */
export function binaryIoU(options?: { targetClassIds?: readonly number[]; threshold?: number; name?: string }): Metric {
  const preset = { targetClassIds: [0, 1] as readonly number[], threshold: 0.5, name: "binary_io_u" };
  const config = readOptions("binaryIoU", options, preset);
  checkNumber("binaryIoU", "threshold", config.threshold, 0, 1);
  const below = beforeFloat(config.threshold);
  return iouOf(config, {
    ...{ where: "binaryIoU", className: "BinaryIoU", numClasses: 2, targets: config.targetClassIds, ignoreClass: null },
    classes: (plan, { y, target }) => ({ target, y: aboveOf(plan, y, below) }), // above the number before it: at least it
  });
}

/** The float32 just below one that is at least 0. */
function beforeFloat(value: number): number {
  const float = Float32Array.of(value);
  if (float[0] === 0) return -(2 ** -149);
  new Int32Array(float.buffer)[0]--;
  return float[0];
}
