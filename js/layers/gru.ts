import type { ActivationLike } from "../activations/index.js";
import type { Plan } from "../engine/plan.js";
import type { Shape } from "./layer.js";
import { type Backward, type Forward, Recurrent, type RecurrentOptions, recurrentDefaults, type Work } from "./recurrent.js";

/** As in assembly/rnn/sequence.ts. */
const RESET_AFTER = 16;

export interface GRUOptions extends RecurrentOptions {
  /** of the gates; default "sigmoid" */
  recurrentActivation?: ActivationLike;
  /** whether the reset gate is applied behind the recurrent kernel, with a bias of its own, instead of before it; default true */
  resetAfter?: boolean;
}

/**
 * Cho et al., 2014. Gates z, r, h = x · kernel + h · recurrent_kernel + bias, σ the recurrentActivation:
 * h' = σ(z) ⊙ h + (1 - σ(z)) ⊙ activation(h), where σ(r) has been multiplied with the recurrent part of h, or with the state before the product
 */
export class GRU extends Recurrent<GRUOptions> {
  constructor(options: GRUOptions) {
    const defaults = { ...recurrentDefaults, recurrentActivation: "sigmoid", resetAfter: true };
    const candidate = options.resetAfter === false ? { first: 2, count: 1, block: 2, by: 3 } : { first: 2, count: 1, block: 3 };
    super("GRU", options, defaults, { gates: 3, blocks: 4, stateGates: [{ first: 0, count: 2, block: 0 }, candidate] });
  }

  protected override get biasShape(): Shape {
    const { units, resetAfter } = this.options;
    return resetAfter ? [2, 3 * units] : [3 * units];
  }

  protected override get flags(): number {
    return this.options.resetAfter ? RESET_AFTER : 0;
  }

  protected forward(plan: Plan, args: Forward, work: Work) {
    const [recurrentActivation, recurrentOption] = this.options.recurrentActivation.recurrent!;
    const own = { recurrentActivation, recurrentOption };
    plan.call("gru", { ...args, ...own }, work);
    return (back: Backward, work: Work) => plan.call("gruGrad", { ...back, ...own }, work);
  }
}
