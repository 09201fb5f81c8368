import { needFileSystem } from "../host.js";
import { checkBoolean, checkInteger, readOptions, show } from "../options.js";
import type { Callback, CallbackModel } from "./callback.js";

export interface BackupAndRestoreOptions {
  /** after each epoch, or after so many batches; default "epoch" */
  saveFreq?: "epoch" | number;
  /** whether nothing is left of the backup when training has ended; default true */
  deleteCheckpoint?: boolean;
}

/** A backup's name says where to go on. */
const BACKUP = /^epoch-(\d+)(?:-batch-(\d+))?\.safetensors$/;

const files = () => needFileSystem("backupAndRestore", "callbacks.lambda({ onEpochEnd }) can save elsewhere.");

/** Goes on with a training that was interrupted, as if it had not been: weights, optimizer, shuffles and dropout are those of the backup. */
export class BackupAndRestore implements Callback {
  readonly #folder: string;
  readonly #options: Required<BackupAndRestoreOptions>;
  #model!: CallbackModel;
  #epoch = 0;
  #batches = 0;

  constructor(folder: string, options?: BackupAndRestoreOptions) {
    const where = "backupAndRestore";
    this.#options = readOptions<Required<BackupAndRestoreOptions>>(where, options, { saveFreq: "epoch", deleteCheckpoint: true });
    if (typeof folder !== "string" || folder === "") throw new Error(`${where}: expected a folder's path, got ${show(folder)}.`);
    if (this.#options.saveFreq !== "epoch") checkInteger(where, "saveFreq", this.#options.saveFreq);
    checkBoolean(where, "deleteCheckpoint", this.#options.deleteCheckpoint);
    this.#folder = folder;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  async onTrainBegin(): Promise<void> {
    await files().mkdir(this.#folder, { recursive: true });
    this.#batches = 0;
    const [last] = await this.#backups();
    if (!last) return;
    await this.#model.loadWeights(`${this.#folder}/${last.name}`);
    this.#model.initialEpoch = last.epoch;
    this.#model.initialBatch = last.batch;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  onTrainBatchEnd(batch: number): unknown {
    const { saveFreq } = this.#options;
    this.#batches++;
    if (saveFreq === "epoch" || this.#batches < saveFreq) return undefined;
    this.#batches = 0;
    return this.#save(`epoch-${this.#epoch}-batch-${batch + 1}.safetensors`);
  }

  onEpochEnd(epoch: number): unknown {
    return this.#options.saveFreq === "epoch" ? this.#save(`epoch-${epoch + 1}.safetensors`) : undefined;
  }

  async onTrainEnd(): Promise<void> {
    if (this.#options.deleteCheckpoint) await files().rm(this.#folder, { recursive: true, force: true });
  }

  /** The new backup first, then away with the old ones: there is one at any moment. */
  async #save(name: string): Promise<void> {
    await this.#model.saveWeights(`${this.#folder}/${name}`);
    const all = await files().readdir(this.#folder);
    const old = all.filter(other => other !== name && (BACKUP.test(other) || other.endsWith(".tmp")));
    for (const other of old) await files().rm(`${this.#folder}/${other}`, { force: true });
  }

  /** The last one first. */
  async #backups() {
    const all = (await files().readdir(this.#folder)).flatMap(name => {
      const [, epoch, batch = "0"] = BACKUP.exec(name) ?? [];
      return epoch === undefined ? [] : [{ name, epoch: Number(epoch), batch: Number(batch) }];
    });
    return all.sort((a, b) => b.epoch - a.epoch || b.batch - a.batch);
  }
}

/**
 * Keras's BackupAndRestore: when the same program runs again after a crash, `fit` goes on where the last backup was made.
 * @param folder for the backups alone
 */
export function backupAndRestore(folder: string, options?: BackupAndRestoreOptions): BackupAndRestore {
  return new BackupAndRestore(folder, options);
}
