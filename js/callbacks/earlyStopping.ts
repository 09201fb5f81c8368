import { checkChoice, checkInteger, checkNumber, readOptions } from "../options.js";
import type { Tensor } from "../tensor.js";
import type { Callback, CallbackModel, Logs } from "./callback.js";
import { Monitor, type MonitorMode } from "./monitor.js";

/** What `earlyStopping` takes. */
export interface EarlyStoppingOptions {
  /** the value to watch, by its name in the history; default "val_loss" */
  monitor?: string;
  /** a change must be larger than this to count as an improvement; default 0 */
  minDelta?: number;
  /** stops after so many epochs without improvement; default 0 */
  patience?: number;
  /** 1 says when it stops and what it restores; default 0 */
  verbose?: 0 | 1;
  /** whether low or high is better; default "auto": what the metric says of itself */
  mode?: MonitorMode;
  /** an improvement renews the patience only if it also beats this value */
  baseline?: number | null;
  /** ends with the weights of the best epoch instead of the last one's; default false */
  restoreBestWeights?: boolean;
  /** epochs before this one are not looked at; default 0 */
  startFromEpoch?: number;
}

/** Ends training when a value has stopped improving. Can be used for several trainings in turn. */
export class EarlyStopping implements Callback {
  /** the epoch, from 0, at whose end training was stopped; 0 if it was not */
  stoppedEpoch = 0;
  /** the epoch, from 0, of the best value so far */
  bestEpoch = 0;
  /** the best value so far */
  best: number | undefined;
  #options: Required<EarlyStoppingOptions>;
  #monitor!: Monitor;
  #model!: CallbackModel;
  #bestWeights: Tensor[] | undefined;
  #wait = 0;

  constructor(options?: EarlyStoppingOptions) {
    const read = readOptions<Required<EarlyStoppingOptions>>("earlyStopping", options, {
      monitor: "val_loss",
      minDelta: 0,
      patience: 0,
      verbose: 0,
      mode: "auto",
      baseline: null,
      restoreBestWeights: false,
      startFromEpoch: 0,
    });
    checkChoice("earlyStopping", "mode", read.mode, ["auto", "min", "max"]);
    checkInteger("earlyStopping", "patience", read.patience, 0);
    checkInteger("earlyStopping", "startFromEpoch", read.startFromEpoch, 0);
    checkNumber("earlyStopping", "minDelta", read.minDelta, Number.NEGATIVE_INFINITY);
    this.#options = read;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    const { monitor, mode, minDelta } = this.#options;
    this.#monitor = new Monitor("earlyStopping", monitor, mode, minDelta);
    this.#wait = 0;
    this.#bestWeights = undefined;
    this.stoppedEpoch = 0;
    this.bestEpoch = 0;
    this.best = undefined;
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const { baseline, patience, restoreBestWeights, startFromEpoch } = this.#options;
    this.#monitor.resolve(this.#model);
    const value = this.#monitor.read(logs);
    if (value === undefined || epoch < startFromEpoch) return;
    this.#wait++;
    if (this.#monitor.improves(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      if (restoreBestWeights) this.#bestWeights = this.#model.getWeights();
      if (this.#monitor.improves(value, baseline ?? undefined)) this.#wait = 0;
    } else if (this.#wait >= patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.#model.stopTraining = true;
    }
  }

  onTrainEnd(): void {
    const { verbose } = this.#options;
    if (this.stoppedEpoch > 0 && verbose) console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (!this.#bestWeights) return;
    if (verbose) console.log(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    this.#model.setWeights(this.#bestWeights);
  }
}

/** Keras's EarlyStopping. */
export function earlyStopping(options?: EarlyStoppingOptions): EarlyStopping {
  return new EarlyStopping(options);
}
