import { resolve } from "../options.js";
import {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  klDivergence,
  sparseCategoricalCrossentropy,
} from "./crossentropy.js";
import { ctc } from "./ctc.js";
import type { Loss, LossLike } from "./loss.js";
import { categoricalHinge, dice, hinge, squaredHinge, tversky } from "./margin.js";
import {
  cosineSimilarity,
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
} from "./regression.js";
import { circle } from "./similarity.js";

export type { LabelKind, Loss, LossLike, LossOptions, Reduction } from "./loss.js";
export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  categoricalHinge,
  circle,
  cosineSimilarity,
  ctc,
  dice,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
  tversky,
};

const byName: { [name: string]: (options?: object) => Loss } = {
  ...{ meanSquaredError, meanAbsoluteError, meanAbsolutePercentageError, meanSquaredLogarithmicError, huber, logCosh, poisson },
  ...{ cosineSimilarity, binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy, binaryFocalCrossentropy },
  ...{ categoricalFocalCrossentropy, klDivergence, hinge, squaredHinge, categoricalHinge, dice, tversky, circle, ctc },
  categoricalGeneralizedCrossEntropy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
  mape: meanAbsolutePercentageError,
  msle: meanSquaredLogarithmicError,
  bce: binaryCrossentropy,
  kld: klDivergence,
  kldivergence: klDivergence,
  logcosh: logCosh,
};

/** A loss from Keras's name, or from what a file says of it. @internal */
export function resolveLoss(given: LossLike): Loss {
  return resolve("compile", "loss", given, "labels", byName);
}
