import { needFileSystem } from "../host.js";
import { checkBoolean, checkChoice, checkInteger, readOptions, show } from "../options.js";
import type { Callback, CallbackModel, Logs } from "./callback.js";
import { formatPath } from "./filepath.js";
import { Monitor, type MonitorMode } from "./monitor.js";

export interface ModelCheckpointOptions {
  /** the value to watch, by its name in the history; default "val_loss" */
  monitor?: string;
  /** 1 says what it saves; default 0 */
  verbose?: 0 | 1;
  /** saves only when the value is better than ever; default false */
  saveBestOnly?: boolean;
  /** default false: whole models */
  saveWeightsOnly?: boolean;
  /** whether low or high is better; default "auto": what the metric says of itself */
  mode?: MonitorMode;
  /** after each epoch, or after so many batches; default "epoch" */
  saveFreq?: "epoch" | number;
  /** what the first value must beat; default null: nothing */
  initialValueThreshold?: number | null;
}

/** Saves the model while it trains. The best value so far is kept from one training to the next. */
export class ModelCheckpoint implements Callback {
  /** the best value so far */
  best: number | undefined;
  readonly #path: string;
  readonly #options: Required<ModelCheckpointOptions>;
  readonly #monitor: Monitor;
  #model!: CallbackModel;
  #epoch = 0;
  #batches = 0;

  constructor(path: string, options?: ModelCheckpointOptions) {
    const where = "modelCheckpoint";
    this.#options = readOptions<Required<ModelCheckpointOptions>>(where, options, {
      ...{ monitor: "val_loss", verbose: 0, saveBestOnly: false, saveWeightsOnly: false, mode: "auto", saveFreq: "epoch" },
      initialValueThreshold: null,
    });
    const { monitor, mode, saveBestOnly, saveWeightsOnly, saveFreq, initialValueThreshold } = this.#options;
    checkBoolean(where, "saveBestOnly", saveBestOnly);
    const endings = checkBoolean(where, "saveWeightsOnly", saveWeightsOnly) ? [".weights.h5", ".safetensors"] : [".keras", ".safetensors"];
    if (typeof path !== "string" || !endings.some(ending => path.endsWith(ending))) {
      throw new Error(`${where}: the path must end in ${endings.map(show).join(" or ")}, got ${show(path)}.`);
    }
    checkChoice(where, "mode", mode, ["auto", "min", "max"]);
    if (saveFreq !== "epoch") checkInteger(where, "saveFreq", saveFreq);
    this.#path = path;
    this.#monitor = new Monitor(where, monitor, mode, 0);
    this.best = initialValueThreshold ?? undefined;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  onTrainBatchEnd(batch: number, logs: Logs): unknown {
    const { saveFreq } = this.#options;
    this.#batches++;
    if (saveFreq === "epoch" || this.#batches < saveFreq) return undefined;
    this.#batches = 0;
    return this.#consider({ ...logs, epoch: this.#epoch + 1, batch: batch + 1 });
  }

  onEpochEnd(epoch: number, logs: Logs): unknown {
    return this.#options.saveFreq === "epoch" ? this.#consider({ ...logs, epoch: epoch + 1 }) : undefined;
  }

  async #consider(values: Logs): Promise<void> {
    const { saveBestOnly, monitor, verbose } = this.#options;
    const path = formatPath("modelCheckpoint", this.#path, values);
    let why = "";
    if (saveBestOnly) {
      this.#monitor.resolve(this.#model);
      const value = this.#monitor.read(values);
      if (value !== undefined) {
        if (!this.#monitor.improves(value, this.best)) {
          if (verbose) console.log(`\nEpoch ${values.epoch}: ${monitor} did not improve from ${this.best!.toFixed(5)}`);
          return;
        }
        why = `${monitor} improved from ${this.best?.toFixed(5) ?? "None"} to ${value.toFixed(5)}, `;
        this.best = value;
      }
    }
    if (verbose) console.log(`\nEpoch ${values.epoch}: ${why}saving model to ${path}`);
    await this.#save(path);
  }

  async #save(path: string): Promise<void> {
    const folder = path.replace(/[^/\\]*$/, "");
    if (folder)
      await needFileSystem("modelCheckpoint", "callbacks.lambda({ onEpochEnd }) can save elsewhere.").mkdir(folder, { recursive: true });
    if (this.#options.saveWeightsOnly) await this.#model.saveWeights(path);
    else await this.#model.save(path);
  }
}

/**
 * Keras's ModelCheckpoint. A file is written whole or not at all.
 * @param path ending in .keras or .safetensors, or for weights only .weights.h5 or .safetensors; "{epoch:02d}-{val_loss:.2f}.keras" takes values
 *   of the logs, the epoch from 1, and with a number as saveFreq the batch from 1
 */
export function modelCheckpoint(path: string, options?: ModelCheckpointOptions): ModelCheckpoint {
  return new ModelCheckpoint(path, options);
}
