import { snakeCase } from "../options.js";
import type { CallbackModel, Logs } from "./callback.js";

export type MonitorMode = "auto" | "min" | "max";

/** What the callbacks that watch one value of the logs share: where it is and which way is better. */
export class Monitor {
  #owner: string;
  #names: string[];
  #mode: MonitorMode;
  #minDelta: number;
  #warned = false;

  /** @param owner the callback's name, for messages */
  constructor(owner: string, name: string, mode: MonitorMode, minDelta: number) {
    this.#owner = owner;
    this.#names = [name, snakeCase(name)];
    this.#mode = mode;
    this.#minDelta = Math.abs(minDelta);
  }

  /** The value in these logs; when it is missing, a warning the first time. */
  read(logs: Logs): number | undefined {
    const name = this.#names.find(name => name in logs);
    if (name === undefined && !this.#warned) {
      console.warn(`${this.#owner}: "${this.#names[0]}" is not among the epoch's values: ${Object.keys(logs).join(", ")}.`);
      this.#warned = true;
    }
    return name === undefined ? undefined : logs[name];
  }

  /**
   * Settles "auto" by the model's metrics, which are known once it is compiled and trains.
   * @throws for a value that is neither a loss nor a metric with a direction
   */
  resolve(model: CallbackModel): void {
    if (this.#mode !== "auto") return;
    const names = this.#names.map(name => name.replace(/^val_/, ""));
    const metric = model.metrics.findLast(metric => metric.direction && names.includes(metric.name));
    if (!metric && !names.includes("loss")) {
      const asked = `whether a high or a low "${this.#names[0]}" is better is not known`;
      throw new Error(`${this.#owner}: ${asked}; give mode: "max" or mode: "min".`);
    }
    this.#mode = metric?.direction === "up" ? "max" : "min";
  }

  /** Whether a value beats another one by more than `minDelta`. Everything beats nothing; NaN beats nothing else. */
  improves(value: number, over: number | undefined): boolean {
    if (over === undefined) return true;
    return this.#mode === "max" ? value - this.#minDelta > over : value + this.#minDelta < over;
  }
}
