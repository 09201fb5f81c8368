import { checkBoolean, checkInteger, readOptions, show } from "../options.js";
import type { Callback, CallbackModel, Logs } from "./callback.js";
import { fileVersion, scalar } from "./eventFile.js";

/** The two that TensorBoard shows beside one another. */
type Run = "train" | "validation";

/** What `tensorBoard` takes. */
export interface TensorBoardOptions {
  /** folder of the event files; default "logs" */
  logDir?: string;
  /** takes the bytes in place of files, as in a page: those of one run are one file, in order. A promise is awaited. */
  write?: ((run: Run, chunk: Uint8Array) => unknown) | null;
  /** also writes batches: every one ("batch") or every so many; default "epoch" */
  updateFreq?: "epoch" | "batch" | number;
  /** also writes how many steps an epoch makes in a second; default false */
  writeStepsPerSecond?: boolean;
}

/** Writes what training gives as event files, which TensorBoard draws. */
export class TensorBoard implements Callback {
  readonly #options: Required<TensorBoardOptions>;
  readonly #every: number | null;
  #model!: CallbackModel;
  #write!: (run: Run, chunk: Uint8Array) => unknown;
  #begun = new Set<Run>();
  #pending: Record<Run, Uint8Array[]> = { train: [], validation: [] };
  #steps = 0;
  #epochStart = { time: 0, steps: 0 };

  constructor(options?: TensorBoardOptions) {
    const defaults: Required<TensorBoardOptions> = { logDir: "logs", write: null, updateFreq: "epoch", writeStepsPerSecond: false };
    const read = readOptions("tensorBoard", options, defaults);
    const { updateFreq, logDir, write } = read;
    if (typeof logDir !== "string" || logDir === "") throw new Error(`tensorBoard: expected a folder's path, got ${show(logDir)}.`);
    if (write !== null && typeof write !== "function") throw new Error(`tensorBoard: write must be a function, got ${show(write)}.`);
    checkBoolean("tensorBoard", "writeStepsPerSecond", read.writeStepsPerSecond);
    if (updateFreq === "epoch") this.#every = null;
    else this.#every = updateFreq === "batch" ? 1 : checkInteger("tensorBoard", "updateFreq", updateFreq);
    this.#options = read;
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#write = this.#options.write ?? files(this.#options.logDir);
    this.#begun.clear();
    this.#steps = 0;
  }

  onEpochBegin(): void {
    this.#epochStart = { time: performance.now(), steps: this.#steps };
  }

  onTrainBatchEnd(_batch: number, logs: Logs): void {
    this.#steps++;
    if (this.#every !== null && this.#steps % this.#every === 0) this.#add("train", "batch_", logs, this.#steps);
  }

  onTestEnd(logs: Logs): void {
    if (!this.#write) return; // an evaluation outside of training
    for (const [name, value] of Object.entries(logs))
      this.#add("validation", "evaluation_", { [`${name}_vs_iterations`]: value }, this.#steps);
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const ofRun = (run: Run) => Object.entries(logs).filter(([name]) => name.startsWith("val_") === (run === "validation"));
    const rate = this.#rate();
    const seconds = (performance.now() - this.#epochStart.time) / 1000;
    this.#add(
      "train",
      "epoch_",
      {
        ...Object.fromEntries(ofRun("train")),
        ...(rate === null ? {} : { learning_rate: rate }),
        ...(this.#options.writeStepsPerSecond ? { steps_per_second: (this.#steps - this.#epochStart.steps) / seconds } : {}),
      },
      epoch,
    );
    this.#add("validation", "epoch_", Object.fromEntries(ofRun("validation").map(([name, value]) => [name.slice(4), value])), epoch);
    await this.#flush();
  }

  async onTrainEnd(): Promise<void> {
    await this.#flush();
  }

  /** The learning rate of the next step. */
  #rate(): number | null {
    const rate = this.#model.optimizer.learningRate as number | { at(step: number): number };
    if (typeof rate === "number") return rate;
    return typeof rate?.at === "function" ? rate.at(this.#steps) : null;
  }

  /** A metric of several values gets a name for each: f1_score/0. */
  #add(run: Run, prefix: string, logs: Logs, step: number): void {
    const now = Date.now() / 1000;
    for (const [name, value] of Object.entries(logs)) {
      const values: [string, number][] = Array.isArray(value) ? value.map((one, i) => [`${name}/${i}`, one]) : [[name, value]];
      for (const [own, one] of values) this.#pending[run].push(scalar(prefix + own, one, step, now));
    }
  }

  async #flush(): Promise<void> {
    for (const run of ["train", "validation"] as const) {
      const events = this.#pending[run];
      this.#pending[run] = [];
      if (events.length === 0) continue;
      if (!this.#begun.has(run)) events.unshift(fileVersion(Date.now() / 1000));
      this.#begun.add(run);
      for (const event of events) await this.#write(run, event);
    }
  }
}

/** A new file for each run of a training. @throws where there is no file system */
function files(logDir: string): (run: Run, chunk: Uint8Array) => Promise<void> {
  const load = globalThis.process?.getBuiltinModule;
  const fs = load?.("node:fs/promises");
  const os = load?.("node:os");
  if (!fs || !os) throw new Error("tensorBoard: there is no file system here. Give write: (run, chunk) => ..., which gets the bytes.");
  const name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${os.hostname()}.${process.pid}.${count++}.v2`;
  return async (run, chunk) => {
    await fs.mkdir(`${logDir}/${run}`, { recursive: true });
    await fs.appendFile(`${logDir}/${run}/${name}`, chunk);
  };
}

/** tells files of the same second apart */
let count = 0;

/** Keras's TensorBoard: `tensorboard --logdir logs` shows what it writes. @throws when training begins, where there is no file system and no `write` */
export function tensorBoard(options?: TensorBoardOptions): TensorBoard {
  return new TensorBoard(options);
}
