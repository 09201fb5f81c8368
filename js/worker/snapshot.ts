import { stateOf } from "../files/modelFile.js";
import type { Model } from "../model/model.js";
import type { OptimizerState } from "../model/trainer.js";
import type { Tensor } from "../tensor.js";

/** All numbers of a model. */
export interface Snapshot {
  /** null before the model is built */
  inputShape: number[] | null;
  weights: Tensor[];
  optimizer: OptimizerState | null;
}

export function snapshot(model: Model): Snapshot {
  const { inputShape } = model;
  if (!inputShape) return { inputShape: null, weights: [], optimizer: null };
  return { inputShape: inputShape.slice(1) as number[], weights: model.getWeights(), optimizer: stateOf(model) };
}

/** Gives a model the numbers of its twin. */
export function restore(model: Model, { inputShape, weights, optimizer }: Snapshot): void {
  if (!inputShape) return;
  if (!model.inputShape) model.build(inputShape);
  model.setWeights(weights);
  if (optimizer) model.setOptimizerState(optimizer);
}
