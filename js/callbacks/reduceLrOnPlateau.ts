import { checkChoice, checkInteger, checkNumber, readOptions } from "../options.js";
import type { Callback, CallbackModel, Logs } from "./callback.js";
import { Monitor, type MonitorMode } from "./monitor.js";
import { rateOf } from "./rate.js";

/** What `reduceLrOnPlateau` takes. */
export interface ReduceLrOnPlateauOptions {
  /** the value to watch, by its name in the history; default "val_loss" */
  monitor?: string;
  /** the rate is multiplied by this, below 1; default 0.1 */
  factor?: number;
  /** after so many epochs without improvement; default 10 */
  patience?: number;
  /** 1 says when the rate changes; default 0 */
  verbose?: 0 | 1;
  /** whether low or high is better; default "auto": what the metric says of itself */
  mode?: MonitorMode;
  /** a change must be larger than this to count as an improvement; default 0.0001 */
  minDelta?: number;
  /** epochs after a change that are not counted; default 0 */
  cooldown?: number;
  /** the rate goes no lower; default 0 */
  minLr?: number;
}

/** Lowers the learning rate when a value has stopped improving, and adds the rate to the epoch's values as `learning_rate`. */
export class ReduceLrOnPlateau implements Callback {
  readonly #options: Required<ReduceLrOnPlateauOptions>;
  #monitor!: Monitor;
  #model!: CallbackModel;
  #best: number | undefined;
  #wait = 0;
  #cooling = 0;

  constructor(options?: ReduceLrOnPlateauOptions) {
    const defaults: Required<ReduceLrOnPlateauOptions> = {
      ...{ monitor: "val_loss", factor: 0.1, patience: 10, verbose: 0, mode: "auto", minDelta: 1e-4, cooldown: 0, minLr: 0 },
    };
    const read = readOptions("reduceLrOnPlateau", options, defaults);
    checkNumber("reduceLrOnPlateau", "factor", read.factor, 0);
    if (read.factor >= 1) throw new Error(`reduceLrOnPlateau: factor must be below 1, got ${read.factor}.`);
    checkInteger("reduceLrOnPlateau", "patience", read.patience, 0);
    checkChoice("reduceLrOnPlateau", "mode", read.mode, ["auto", "min", "max"]);
    checkNumber("reduceLrOnPlateau", "minDelta", read.minDelta, Number.NEGATIVE_INFINITY);
    checkInteger("reduceLrOnPlateau", "cooldown", read.cooldown, 0);
    checkNumber("reduceLrOnPlateau", "minLr", read.minLr, 0);
    this.#options = read;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    const { monitor, mode, minDelta } = this.#options;
    this.#monitor = new Monitor("reduceLrOnPlateau", monitor, mode, minDelta);
    this.#best = undefined;
    this.#wait = 0;
    this.#cooling = 0;
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const { factor, patience, cooldown, minLr, verbose } = this.#options;
    const before = rateOf("reduceLrOnPlateau", this.#model);
    logs.learning_rate = before;
    this.#monitor.resolve(this.#model);
    const value = this.#monitor.read(logs);
    if (value === undefined) return;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#wait = 0;
    }
    if (this.#monitor.improves(value, this.#best)) {
      this.#best = value;
      this.#wait = 0;
    } else if (this.#cooling === 0 && ++this.#wait >= patience && before > Math.fround(minLr)) {
      const rate = Math.max(before * factor, minLr);
      this.#model.optimizer.learningRate = rate;
      if (verbose) console.log(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${rate}.`);
      this.#cooling = cooldown;
      this.#wait = 0;
    }
  }
}

/** Keras's ReduceLROnPlateau. @throws at the end of the first epoch, when the optimizer follows a schedule of its own */
export function reduceLrOnPlateau(options?: ReduceLrOnPlateauOptions): ReduceLrOnPlateau {
  return new ReduceLrOnPlateau(options);
}
