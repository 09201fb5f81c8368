import type { Callback, Logs } from "../callbacks/callback.js";

/** What `fit` returns: each epoch's values by name, and the numbers of the epochs from 0. */
export class History implements Callback {
  readonly history: Record<string, number[]> = {};
  readonly epoch: number[] = [];

  /** Adds an epoch's logs. */
  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}
