import { readOptions, show } from "../options.js";
import type { Callback, CallbackModel, Logs } from "./callback.js";
import { rateOf } from "./rate.js";

/** The rate of an epoch. @param epoch from 0 @param rate of the epoch before */
export type RateOfEpoch = (epoch: number, rate: number) => number;

/** Sets the learning rate at the beginning of each epoch, and adds it to the epoch's values as `learning_rate`. */
export class LearningRateScheduler implements Callback {
  readonly #schedule: RateOfEpoch;
  readonly #verbose: boolean;
  #model!: CallbackModel;

  constructor(schedule: RateOfEpoch, options: { verbose?: 0 | 1 } = {}) {
    if (typeof schedule !== "function") {
      throw new Error(`learningRateScheduler: schedule must be a function such as (epoch, rate) => rate * 0.9, got ${show(schedule)}.`);
    }
    this.#schedule = schedule;
    this.#verbose = readOptions("learningRateScheduler", options, { verbose: 0 as number }).verbose > 0;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onEpochBegin(epoch: number): void {
    const rate = this.#schedule(epoch, rateOf("learningRateScheduler", this.#model));
    if (typeof rate !== "number" || !(rate >= 0)) {
      throw new Error(`learningRateScheduler: schedule must return a number of at least 0, got ${show(rate)} for epoch ${epoch}.`);
    }
    this.#model.optimizer.learningRate = rate;
    if (this.#verbose) console.log(`\nEpoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`);
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    logs.learning_rate = rateOf("learningRateScheduler", this.#model);
  }
}

/** Keras's LearningRateScheduler: the learning rate of each epoch by a function. @throws at the first epoch, when the optimizer follows a schedule of its own */
export function learningRateScheduler(schedule: RateOfEpoch, options?: { verbose?: 0 | 1 }): LearningRateScheduler {
  return new LearningRateScheduler(schedule, options);
}
