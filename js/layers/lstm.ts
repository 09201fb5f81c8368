import type { ActivationLike } from "../activations/index.js";
import type { Plan } from "../engine/plan.js";
import type { Initializer } from "../initializers.js";
import { widthOf } from "./gates.js";
import { type Backward, type Forward, KEEP, Recurrent, type RecurrentOptions, recurrentDefaults, type Work } from "./recurrent.js";

export interface LSTMOptions extends RecurrentOptions {
  /** of the gates; default "sigmoid" */
  recurrentActivation?: ActivationLike;
  /** whether the forget gate's bias begins as 1; default true */
  unitForgetBias?: boolean;
}

/**
 * Hochreiter and Schmidhuber, 1997. Gates i, f, c, o = x · kernel + h · recurrent_kernel + bias, σ the recurrentActivation:
 * c' = σ(f) ⊙ c + σ(i) ⊙ activation(c);  h' = σ(o) ⊙ activation(c'), step by step over x[batch, steps, features]
 */
export class LSTM extends Recurrent<LSTMOptions> {
  constructor(options: LSTMOptions) {
    const defaults = { ...recurrentDefaults, recurrentActivation: "sigmoid", unitForgetBias: true };
    super("LSTM", options, defaults, { gates: 4, blocks: 4, stateGates: [{ first: 0, count: 4, block: 0 }] });
  }

  protected override get biasInitializer(): Initializer {
    const { biasInitializer, unitForgetBias, units } = this.options;
    if (!unitForgetBias) return biasInitializer;
    return {
      ...biasInitializer,
      fill(data) {
        biasInitializer.fill(data.subarray(0, units), [units]);
        data.fill(1, units, 2 * units);
        biasInitializer.fill(data.subarray(2 * units), [2 * units]);
      },
    };
  }

  protected forward(plan: Plan, args: Forward, work: Work) {
    const { batch, steps, units } = args;
    const state = batch * widthOf(units);
    const [recurrentActivation, recurrentOption] = this.options.recurrentActivation.recurrent!;
    const own = { recurrentActivation, recurrentOption };
    const c = plan.slot((args.flags & KEEP ? steps + 1 : 1) * state);
    plan.call("lstm", { ...args, c, c0: this.carried(plan, "c", batch), ...own }, work);
    return (back: Backward, work: Work) => plan.call("lstmGrad", { ...back, c, dc: plan.slot(state), ...own }, work);
  }
}
