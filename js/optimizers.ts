import type { Slot } from "./engine/memory.js";
import type { Plan } from "./engine/plan.js";
import { checkBoolean, checkNumber, type Identifier, readOptions, resolve } from "./options.js";

/** Neighbouring parameters that are updated by one call, with their gradients and the optimizer's state. */
export interface Group {
  w: Slot;
  dw: Slot;
  state: Slot[];
  /** elements, whole vectors */
  range: number;
}

/** Moves parameters against their gradients. It remembers nothing itself: several models may share one. */
export abstract class Optimizer implements Identifier {
  readonly className: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  /** may be set between steps */
  learningRate: number;

  constructor(className: string, config: { learningRate: number; name: string }) {
    this.className = className;
    this.name = config.name;
    this.config = config;
    this.learningRate = checkNumber(this.name, "learningRate", config.learningRate, 0);
  }

  /** The names of what it remembers of each parameter, all as large as the parameters. */
  abstract readonly state: readonly string[];

  /** The step size that the kernel is to use. @param step from 1 */
  rate(_step: number): number {
    return this.learningRate;
  }

  /** Records the update of a group. @param rate where `rate()` stands when the plan runs */
  abstract record(plan: Plan, group: Group, rate: Slot): void;
}

export interface SgdOptions {
  /** default 0.01 */
  learningRate?: number;
  /** default 0 */
  momentum?: number;
  /** default false */
  nesterov?: boolean;
  name?: string;
}

/** Gradient descent: w -= rate · g, or with momentum μ: v ← μ v - rate · g, w += v */
export class SGD extends Optimizer {
  readonly state: readonly string[];
  readonly #momentum: number;
  readonly #nesterov: boolean;

  constructor(options: SgdOptions = {}) {
    const config = readOptions("sgd", options, { learningRate: 0.01, momentum: 0, nesterov: false, name: "sgd" });
    super("SGD", config);
    this.#momentum = checkNumber("sgd", "momentum", config.momentum, 0, 1);
    this.#nesterov = checkBoolean("sgd", "nesterov", config.nesterov);
    this.state = this.#momentum === 0 ? [] : ["momentum"];
  }

  record(plan: Plan, { w, dw, state, range }: Group, rate: Slot): void {
    const momentum = this.#momentum;
    if (momentum === 0) plan.call("sgd", { w, dw, rate }, { range });
    else plan.call(this.#nesterov ? "sgdNesterov" : "sgdMomentum", { w, velocity: state[0], dw, rate, momentum }, { range });
  }
}

export interface AdamOptions {
  /** default 0.001 */
  learningRate?: number;
  /** default 0.9 */
  beta1?: number;
  /** default 0.999 */
  beta2?: number;
  /** default 1e-7 */
  epsilon?: number;
  name?: string;
}

/** Adam (Kingma and Ba, 2014) as Keras has it: w -= α m / (√v + ε) with α = rate · √(1 - β2ᵗ) / (1 - β1ᵗ) */
export class Adam extends Optimizer {
  readonly state = ["momentum", "velocity"];
  readonly #betas: { beta1: number; beta2: number; epsilon: number };

  constructor(options: AdamOptions = {}) {
    const config = readOptions("adam", options, { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, name: "adam" });
    super("Adam", config);
    const beta1 = checkNumber("adam", "beta1", config.beta1, 0, 1);
    const beta2 = checkNumber("adam", "beta2", config.beta2, 0, 1);
    this.#betas = { beta1, beta2, epsilon: checkNumber("adam", "epsilon", config.epsilon, 0) };
  }

  override rate(t: number): number {
    const { beta1, beta2 } = this.#betas;
    // Keras's powers are float32: 1 - 0.999 comes out 1e-5 too small, which shows in the first steps.
    const power = (beta: number) => Math.fround(Math.fround(beta) ** t);
    return (this.learningRate * Math.sqrt(1 - power(beta2))) / (1 - power(beta1));
  }

  record(plan: Plan, { w, dw, state: [m, v], range }: Group, rate: Slot): void {
    plan.call("adam", { w, m, v, dw, rate, ...this.#betas }, { range });
  }
}

export const sgd = (options?: SgdOptions) => new SGD(options);
export const adam = (options?: AdamOptions) => new Adam(options);

/** What `compile` takes: Keras's name, or an optimizer. */
export type OptimizerLike = string | Optimizer | Identifier;

const byName: Record<string, (options?: object) => Optimizer> = { sgd, adam };

/** An optimizer from Keras's name, or from what a file says of it. @internal */
export function resolveOptimizer(given: OptimizerLike): Optimizer {
  return resolve("compile", "optimizer", given, "learningRate", byName);
}
