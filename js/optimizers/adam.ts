import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkBoolean, checkNumber, readOptions } from "../options.js";
import { defaults, type Group, Optimizer, type OptimizerOptions } from "./optimizer.js";

interface Betas {
  /** how much of the gradients' mean stays at each step; default 0.9 */
  beta1?: number;
  /** how much of their squares' mean stays; default 0.999 */
  beta2?: number;
  /** default 1e-7 */
  epsilon?: number;
}

const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

function checkBetas({ name, beta1, beta2, epsilon }: Required<Betas> & { name: string }): typeof betas {
  checkNumber(name, "beta1", beta1, 0, 1);
  checkNumber(name, "beta2", beta2, 0, 1);
  return { beta1, beta2, epsilon: checkNumber(name, "epsilon", epsilon, 0) };
}

/** beta^t as Keras has it, in float32: 1 - 0.999 comes out 1e-5 too small, which shows in the first steps. */
const power = (beta: number, t: number) => Math.fround(Math.fround(beta) ** t);

export interface AdamOptions extends OptimizerOptions, Betas {
  /** divides by the largest mean square so far: Reddi et al., 2018; default false */
  amsgrad?: boolean;
}

/** Adam (Kingma and Ba, 2014) as Keras has it: w -= α m / (√v + ε) with α = rate · √(1 - β2ᵗ) / (1 - β1ᵗ) */
export class Adam extends Optimizer {
  protected readonly slots: readonly string[];
  readonly #betas: typeof betas;

  constructor(options: AdamOptions = {}, className = "Adam", weightDecay: number | null = null) {
    const name = className.toLowerCase();
    const all = { learningRate: 0.001, ...betas, amsgrad: false, ...defaults, weightDecay, name };
    const config = readOptions(name, options, all);
    super(className, config);
    this.#betas = checkBetas(config);
    this.slots = ["momentum", "velocity", ...(checkBoolean(name, "amsgrad", config.amsgrad) ? ["velocity_hat"] : [])];
  }

  override rates(rate: number, t: number): number[] {
    const { beta1, beta2 } = this.#betas;
    return [(rate * Math.sqrt(1 - power(beta2, t))) / (1 - power(beta1, t))];
  }

  record(plan: Plan, { w, dw, state, range }: Group, rate: View): void {
    const { momentum: m, velocity: v, velocity_hat: most = null } = state;
    plan.call("adam", { w, m, v, most, dw, rate, ...this.#betas }, { range });
  }
}

/** Adam whose weights decay, by 0.004 unless told otherwise: Loshchilov and Hutter, 2017 */
export class AdamW extends Adam {
  constructor(options: AdamOptions = {}) {
    super(options, "AdamW", 0.004);
  }
}

export interface AdamaxOptions extends OptimizerOptions, Betas {}

/** Adam with the largest gradient, which fades, in place of the mean square (Kingma and Ba, 2014): w -= rate / (1 - β1ᵗ) · m / (u + ε) */
export class Adamax extends Optimizer {
  protected readonly slots = ["momentum", "norm"];
  readonly #betas: typeof betas;

  constructor(options: AdamaxOptions = {}) {
    const config = readOptions("adamax", options, { learningRate: 0.001, ...betas, ...defaults, name: "adamax" });
    super("Adamax", config);
    this.#betas = checkBetas(config);
  }

  override rates(rate: number, t: number): number[] {
    return [rate / (1 - power(this.#betas.beta1, t))];
  }

  record(plan: Plan, { w, dw, state: { momentum: m, norm: u }, range }: Group, rate: View): void {
    plan.call("adamax", { w, m, u, dw, rate, ...this.#betas }, { range });
  }
}

export interface NadamOptions extends OptimizerOptions, Betas {}

/** Adam with Nesterov's momentum, which grows along the steps: Dozat, 2016 */
export class Nadam extends Optimizer {
  protected readonly slots = ["momentum", "velocity"];
  readonly #betas: typeof betas;

  constructor(options: NadamOptions = {}) {
    const config = readOptions("nadam", options, { learningRate: 0.001, ...betas, ...defaults, name: "nadam" });
    super("Nadam", config);
    this.#betas = checkBetas(config);
  }

  override numbers(t: number): Record<string, number> {
    return { ...super.numbers(t), u_product: this.#product(t) };
  }

  override rates(rate: number, t: number): number[] {
    const product = this.#product(t);
    const next = this.#share(t + 1);
    return [(rate * next) / (1 - product * next), (rate * (1 - this.#share(t))) / (1 - product), 1 / (1 - power(this.#betas.beta2, t))];
  }

  /** beta1 as it grows. */
  #share(step: number): number {
    return this.#betas.beta1 * (1 - 0.5 * 0.96 ** step);
  }

  /** Of all shares so far. */
  #product(t: number): number {
    let product = 1;
    for (let step = 1; step <= t && product > 1e-12; step++) product *= this.#share(step); // soon nothing is left of it
    return product;
  }

  record(plan: Plan, { w, dw, state: { momentum: m, velocity: v }, range }: Group, rates: View): void {
    plan.call("nadam", { w, m, v, dw, rates, ...this.#betas }, { range });
  }
}

export interface LionOptions extends OptimizerOptions {
  /** how much the mean counts against the gradient in a step; default 0.9 */
  beta1?: number;
  /** how much of the mean stays; default 0.99 */
  beta2?: number;
}

/** Steps of one size, by the sign alone (Chen et al., 2023): w -= rate · sign(β1 m + (1 - β1) g) */
export class Lion extends Optimizer {
  protected readonly slots = ["momentum"];
  readonly #betas: { beta1: number; beta2: number };

  constructor(options: LionOptions = {}) {
    const config = readOptions("lion", options, { learningRate: 0.001, beta1: 0.9, beta2: 0.99, ...defaults, name: "lion" });
    super("Lion", config);
    const { beta1, beta2 } = checkBetas({ ...config, epsilon: 0 });
    this.#betas = { beta1, beta2 };
  }

  record(plan: Plan, { w, dw, state: { momentum: m }, range }: Group, rate: View): void {
    plan.call("lion", { w, m, dw, rate, ...this.#betas }, { range });
  }
}
