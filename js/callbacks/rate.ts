import type { CallbackModel } from "./callback.js";

/** The learning rate of a model whose callback changes it. @throws when it follows a schedule of its own */
export function rateOf(owner: string, model: CallbackModel): number {
  const rate = model.optimizer.learningRate;
  if (typeof rate === "number") return rate;
  throw new Error(`${owner}: the optimizer's learningRate follows a schedule already. Give it a number, or leave ${owner} away.`);
}
