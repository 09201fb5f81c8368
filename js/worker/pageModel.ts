import type { CallbackModel } from "../callbacks/callback.js";
import type { Sequential } from "../sequential.js";
import type { Tensor } from "../tensor.js";
import type { HookAnswer } from "./messages.js";
import { restore, type Snapshot, snapshot } from "./snapshot.js";

/** What callbacks on the page see as their model; it remembers what they want of the one in the worker. */
export class PageModel implements CallbackModel {
  stopTraining = false;
  initialEpoch: number;
  initialBatch = 0;
  /** what a callback threw, in an array of one */
  thrown: unknown[] = [];
  readonly #model: Sequential;
  readonly #pull: () => Promise<void>;
  #learningRate: number | null = null;
  #isChanged = false;

  /** @param pull brings the worker's numbers into the model */
  constructor(model: Sequential, initialEpoch: number, pull: () => Promise<void>) {
    this.#model = model;
    this.initialEpoch = initialEpoch;
    this.#pull = pull;
  }

  get metrics() {
    return this.#model.metrics;
  }

  get optimizer(): CallbackModel["optimizer"] {
    const { optimizer } = this.#model;
    const note = (rate: number) => {
      this.#learningRate = rate;
    };
    return {
      get learningRate(): unknown {
        return optimizer.learningRate;
      },
      set learningRate(rate: number) {
        optimizer.learningRate = rate;
        note(rate);
      },
    };
  }

  getWeights(): Tensor[] {
    return this.#model.getWeights();
  }

  setWeights(weights: Tensor[]): void {
    this.#model.setWeights(weights);
    this.#isChanged = true;
  }

  async save(path: string): Promise<void> {
    await this.#pull();
    await this.#model.save(path);
  }

  async saveWeights(path: string): Promise<void> {
    await this.#pull();
    await this.#model.saveWeights(path);
  }

  async loadWeights(path: string): Promise<void> {
    await this.#model.loadWeights(path);
    this.#isChanged = true;
  }

  /** Runs a hook at a state of the model, and tells what it did. */
  async during(state: Snapshot | null, run: () => unknown): Promise<HookAnswer> {
    this.#learningRate = null;
    this.#isChanged = false;
    try {
      if (state) restore(this.#model, state);
      await run();
    } catch (error) {
      this.thrown = [error];
    }
    return {
      failed: this.thrown.length > 0,
      stopTraining: this.stopTraining,
      learningRate: this.#learningRate,
      begin: [this.initialEpoch, this.initialBatch],
      state: this.#isChanged ? snapshot(this.#model) : null,
    };
  }
}
