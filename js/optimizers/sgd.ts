import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkBoolean, checkNumber, readOptions } from "../options.js";
import { defaults, type Group, Optimizer, type OptimizerOptions } from "./optimizer.js";

export interface SgdOptions extends OptimizerOptions {
  /** default 0 */
  momentum?: number;
  /** default false */
  nesterov?: boolean;
}

/** Gradient descent: w -= rate · g, or with momentum μ: v ← μ v - rate · g, w += v */
export class SGD extends Optimizer {
  protected readonly slots: readonly string[];
  readonly #momentum: number;
  readonly #nesterov: boolean;

  constructor(options: SgdOptions = {}) {
    const config = readOptions("sgd", options, { learningRate: 0.01, momentum: 0, nesterov: false, ...defaults, name: "sgd" });
    super("SGD", config);
    this.#momentum = checkNumber("sgd", "momentum", config.momentum, 0, 1);
    this.#nesterov = checkBoolean("sgd", "nesterov", config.nesterov);
    this.slots = this.#momentum === 0 ? [] : ["momentum"];
  }

  record(plan: Plan, { w, dw, state, range }: Group, rate: View): void {
    const momentum = this.#momentum;
    if (momentum === 0) plan.call("sgd", { w, dw, rate }, { range });
    else plan.call(this.#nesterov ? "sgdNesterov" : "sgdMomentum", { w, velocity: state.momentum, dw, rate, momentum }, { range });
  }
}
