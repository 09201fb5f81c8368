import type { Plan } from "../engine/plan.js";
import { type Backward, type Forward, Recurrent, type RecurrentOptions, recurrentDefaults, type Work } from "./recurrent.js";

export type SimpleRNNOptions = RecurrentOptions;

/** h' = activation(x · kernel + h · recurrent_kernel + bias), step by step over x[batch, steps, features] */
export class SimpleRNN extends Recurrent<SimpleRNNOptions> {
  constructor(options: SimpleRNNOptions) {
    super("SimpleRNN", options, recurrentDefaults, { gates: 1, blocks: 1, stateGates: [{ first: 0, count: 1, block: 0 }] });
  }

  /** Keras takes the option, but uses it in LSTM and GRU alone. */
  override get activityRegularizer(): null {
    return null;
  }

  protected forward(plan: Plan, args: Forward, work: Work) {
    plan.call("simpleRnn", { ...args }, work);
    return (back: Backward, work: Work) => plan.call("simpleRnnGrad", { ...back }, work);
  }
}
