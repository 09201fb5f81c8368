import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkBoolean, checkNumber, readOptions } from "../options.js";
import { defaults, type Group, Optimizer, type OptimizerOptions } from "./optimizer.js";

export interface RmspropOptions extends OptimizerOptions {
  /** how much of the squares' mean stays at each step; default 0.9 */
  rho?: number;
  /** default 0 */
  momentum?: number;
  /** default 1e-7 */
  epsilon?: number;
  /** takes the square of the mean away from the mean square; default false */
  centered?: boolean;
}

/** w -= rate · g / √(v + ε), v the mean square of gradients: Tieleman and Hinton, 2012. Keras's default. */
export class RMSprop extends Optimizer {
  protected readonly slots: readonly string[];
  readonly #numbers: { rho: number; momentum: number; epsilon: number };

  constructor(options: RmspropOptions = {}) {
    const own = { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false };
    const config = readOptions("rmsprop", options, { ...own, ...defaults, name: "rmsprop" });
    super("RMSprop", config);
    const { rho, momentum, epsilon } = config;
    checkNumber("rmsprop", "rho", rho, 0, 1);
    checkNumber("rmsprop", "momentum", momentum, 0, 1);
    checkNumber("rmsprop", "epsilon", epsilon, 0);
    checkBoolean("rmsprop", "centered", config.centered);
    this.#numbers = { rho, momentum, epsilon };
    this.slots = ["velocity", ...(momentum > 0 ? ["momentum"] : []), ...(config.centered ? ["average_gradient"] : [])];
  }

  record(plan: Plan, { w, dw, state, range }: Group, rate: View): void {
    const { velocity: v, momentum: velocity = null, average_gradient: mean = null } = state;
    plan.call("rmsprop", { w, v, velocity, mean, dw, rate, ...this.#numbers }, { range });
  }
}

export interface AdagradOptions extends OptimizerOptions {
  /** default 0.1 */
  initialAccumulatorValue?: number;
  /** default 1e-7 */
  epsilon?: number;
}

/** w -= rate · g / √(Σ g² + ε): Duchi et al., 2011 */
export class Adagrad extends Optimizer {
  protected readonly slots = ["accumulator"];
  readonly #initial: number;
  readonly #epsilon: number;

  constructor(options: AdagradOptions = {}) {
    const own = { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 };
    const config = readOptions("adagrad", options, { ...own, ...defaults, name: "adagrad" });
    super("Adagrad", config);
    this.#initial = checkNumber("adagrad", "initialAccumulatorValue", config.initialAccumulatorValue, 0);
    this.#epsilon = checkNumber("adagrad", "epsilon", config.epsilon, 0);
  }

  override initial(name: string): number {
    return name === "accumulator" ? this.#initial : 0;
  }

  record(plan: Plan, { w, dw, state: { accumulator: sum }, range }: Group, rate: View): void {
    plan.call("adagrad", { w, sum, dw, rate, epsilon: this.#epsilon }, { range });
  }
}

export interface AdadeltaOptions extends OptimizerOptions {
  /** how much of the means stays at each step; default 0.95 */
  rho?: number;
  /** default 1e-7 */
  epsilon?: number;
}

/** w -= rate · √(d + ε) / √(v + ε) · g, v and d the mean squares of gradients and of such steps: Zeiler, 2012 */
export class Adadelta extends Optimizer {
  protected readonly slots = ["accumulated_grad", "accumulated_delta_var"];
  readonly #numbers: { rho: number; epsilon: number };

  constructor(options: AdadeltaOptions = {}) {
    const config = readOptions("adadelta", options, { learningRate: 0.001, rho: 0.95, epsilon: 1e-7, ...defaults, name: "adadelta" });
    super("Adadelta", config);
    const rho = checkNumber("adadelta", "rho", config.rho, 0, 1);
    this.#numbers = { rho, epsilon: checkNumber("adadelta", "epsilon", config.epsilon, 0) };
  }

  record(plan: Plan, { w, dw, state: { accumulated_grad: v, accumulated_delta_var: d }, range }: Group, rate: View): void {
    plan.call("adadelta", { w, v, d, dw, rate, ...this.#numbers }, { range });
  }
}

export interface FtrlOptions extends OptimizerOptions {
  /** the power of the sum of squares that divides the rate, not over 0; default -0.5 */
  learningRatePower?: number;
  /** default 0.1 */
  initialAccumulatorValue?: number;
  /** default 0 */
  l1RegularizationStrength?: number;
  /** default 0 */
  l2RegularizationStrength?: number;
  /** an L2 penalty that counts as part of the gradient; default 0 */
  l2ShrinkageRegularizationStrength?: number;
  /** default 0 */
  beta?: number;
}

/** Follows the regularized leader, for weights most of which are to be 0: McMahan et al., 2013 */
export class Ftrl extends Optimizer {
  protected readonly slots = ["accumulator", "linear"];
  readonly #options: Required<Omit<FtrlOptions, keyof OptimizerOptions>>;

  constructor(options: FtrlOptions = {}) {
    const own = {
      learningRatePower: -0.5,
      initialAccumulatorValue: 0.1,
      l1RegularizationStrength: 0,
      l2RegularizationStrength: 0,
      l2ShrinkageRegularizationStrength: 0,
      beta: 0,
    };
    const config = readOptions("ftrl", options, { learningRate: 0.001, ...own, ...defaults, name: "ftrl" });
    super("Ftrl", config);
    for (const name of Object.keys(own) as (keyof typeof own)[]) {
      if (name === "learningRatePower") checkNumber("ftrl", name, config[name], Number.NEGATIVE_INFINITY, 0);
      else checkNumber("ftrl", name, config[name], 0);
    }
    this.#options = config;
  }

  override initial(name: string): number {
    return name === "accumulator" ? this.#options.initialAccumulatorValue : 0;
  }

  override rates(rate: number): number[] {
    const { l2RegularizationStrength, beta } = this.#options;
    return [rate, 2 * (l2RegularizationStrength + beta / (2 * rate))];
  }

  record(plan: Plan, { w, dw, state: { accumulator: sum, linear }, range }: Group, rates: View): void {
    const { learningRatePower, l1RegularizationStrength: l1, l2ShrinkageRegularizationStrength: shrinkage } = this.#options;
    plan.call("ftrl", { w, sum, linear, dw, rates, power: -learningRatePower, l1, shrinkage: 2 * shrinkage }, { range });
  }
}
