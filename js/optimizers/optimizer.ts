import type { Slot, View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkArray, checkBoolean, checkInteger, checkNumber, type Identifier, show } from "../options.js";
import { resolveSchedule, type Schedule, type ScheduleLike } from "../schedules.js";

/** Neighbouring parameters that are updated by one call, with their gradients and the optimizer's state by name. */
export interface Group {
  w: Slot;
  dw: Slot;
  state: Record<string, Slot>;
  /** elements, whole vectors */
  range: number;
}

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** a number, or a schedule */
  learningRate?: number | ScheduleLike;
  /** before each update every weight goes down by this share of itself times the rate; default none */
  weightDecay?: number | null;
  /** weights that do not decay: patterns, any of which their names such as "bias" match; default none */
  excludeFromWeightDecay?: string[];
  /** the largest norm of a weight's gradient; default none, and one of the three clips at most */
  clipnorm?: number | null;
  /** the largest element of a gradient */
  clipvalue?: number | null;
  /** the largest norm of all gradients together */
  globalClipnorm?: number | null;
  /** keeps a moving average of the weights, which takes their place when `fit` ends; default false */
  useEma?: boolean;
  /** how much of the average stays at each step; default 0.99 */
  emaMomentum?: number;
  /** after every so many steps the average takes the weights' place; default null: never before the end */
  emaOverwriteFrequency?: number | null;
  /** updates after every so many batches, with the mean of their gradients; default null: after each */
  gradientAccumulationSteps?: number | null;
  name?: string;
}

/** The options' defaults, but the learning rate and the name. */
export const defaults = {
  weightDecay: null as number | null,
  excludeFromWeightDecay: [] as string[],
  clipnorm: null as number | null,
  clipvalue: null as number | null,
  globalClipnorm: null as number | null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null as number | null,
  gradientAccumulationSteps: null as number | null,
};

/** Moves parameters against their gradients. It remembers nothing itself: several models may share one. */
export abstract class Optimizer implements Identifier {
  readonly className: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly options: typeof defaults;
  #rate: number | Schedule;

  constructor(className: string, config: typeof defaults & { learningRate: number | ScheduleLike; name: string }) {
    const { learningRate, name, ...options } = config;
    this.className = className;
    this.name = name;
    this.config = config;
    this.options = options;
    this.#rate = isObject(learningRate) ? resolveSchedule(name, learningRate) : checkNumber(name, "learningRate", learningRate, 0);
    checkOptions(name, options);
  }

  /** May be set between steps, unless it is a schedule. */
  get learningRate(): number | Schedule {
    return this.#rate;
  }

  set learningRate(rate: number) {
    if (typeof this.#rate !== "number")
      throw new Error(`${this.name}: its learningRate follows ${this.#rate.className} and cannot be set.`);
    this.#rate = checkNumber(this.name, "learningRate", rate, 0);
  }

  /** The names of what its update remembers of each parameter, all as large as the parameters. */
  protected abstract readonly slots: readonly string[];

  /** The names of all that it remembers of each parameter. */
  get state(): readonly string[] {
    const { useEma, gradientAccumulationSteps } = this.options;
    return [...(useEma ? ["average"] : []), ...(gradientAccumulationSteps ? ["gradient_accumulator"] : []), ...this.slots];
  }

  /** The single numbers among its variables in Keras, but the count of steps: the learning rate, unless it is a schedule. @param _t updates made */
  numbers(_t: number): Record<string, number> {
    return typeof this.#rate === "number" ? { learning_rate: this.#rate } : {};
  }

  /** What a part of the state begins with. */
  initial(_name: string): number {
    return 0;
  }

  /** The learning rate after so many steps. */
  rateAt(step: number): number {
    return typeof this.#rate === "number" ? this.#rate : this.#rate.at(step);
  }

  /** What its kernel reads at an update, the t-th from 1: numbers that change from one to the next. */
  rates(rate: number, _t: number): number[] {
    return [rate];
  }

  /** Records the update of a group. @param rates where `rates()` stand when the plan runs */
  abstract record(plan: Plan, group: Group, rates: View): void;
}

const isObject = (rate: unknown): rate is ScheduleLike =>
  typeof rate === "object" && rate !== null && ("at" in rate || "className" in rate);

function checkOptions(where: string, options: typeof defaults): void {
  const { weightDecay, useEma, emaMomentum, emaOverwriteFrequency, gradientAccumulationSteps } = options;
  if (weightDecay !== null) checkNumber(where, "weightDecay", weightDecay, 0);
  for (const pattern of checkArray(where, "excludeFromWeightDecay", options.excludeFromWeightDecay)) {
    if (typeof pattern !== "string")
      throw new Error(`${where}: excludeFromWeightDecay must hold names such as "bias", got ${show(pattern)}.`);
  }
  const clips = (["clipnorm", "clipvalue", "globalClipnorm"] as const).filter(name => options[name] !== null);
  if (clips.length > 1) throw new Error(`${where}: ${clips.join(" and ")} do not go together. Choose one.`);
  for (const name of clips) checkNumber(where, name, options[name], 0);
  checkBoolean(where, "useEma", useEma);
  checkNumber(where, "emaMomentum", emaMomentum, 0, 1);
  if (emaOverwriteFrequency !== null) checkInteger(where, "emaOverwriteFrequency", emaOverwriteFrequency);
  if (gradientAccumulationSteps !== null) checkInteger(where, "gradientAccumulationSteps", gradientAccumulationSteps, 2);
}
