import type { Logs } from "../callbacks/callback.js";
import type { Measure } from "./step.js";

/** Keras's running values over an epoch: the loss, a mean by samples, and what the metrics have added up so far. */
export class Averages {
  /** the metrics' numbers: kernels add to a copy in their memory */
  readonly sums: Float64Array;
  readonly #measures: readonly Measure[];
  readonly #n: number;
  #loss = 0;
  #samples = 0;

  /** @param n length of the output's last axis */
  constructor(measures: readonly Measure[], n: number) {
    this.#measures = measures;
    this.#n = n;
    this.sums = new Float64Array(measures.reduce((sum, { size }) => sum + size, 0));
  }

  addLoss(loss: number, samples: number): void {
    this.#loss += loss * samples;
    this.#samples += samples;
  }

  /** By name, in alphabetical order as Keras has it. */
  logs(): Logs {
    const entries: [string, number][] = this.#measures.map(({ metric, at, size }) => [
      metric.name,
      metric.read(this.sums.subarray(at, at + size), this.#n) as number, // or numbers: Logs says so
    ]);
    entries.push(["loss", this.#samples === 0 ? 0 : this.#loss / this.#samples]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
