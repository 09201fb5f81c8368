import { type Callback, members } from "../callbacks/callback.js";
import { CallbackList } from "../callbacks/callbackList.js";
import { Progress } from "../callbacks/progress.js";
import { isStream } from "../model/batches.js";
import type { ArrayLikeData } from "../model/data.js";
import { type EvaluateOptions, evaluateDefaults } from "../model/evaluate.js";
import { type FitOptions, fitDefaults } from "../model/fit.js";
import { History } from "../model/history.js";
import { type PredictOptions, predictDefaults } from "../model/predict.js";
import { checkRunOptions, type RunOptions, readVerbose } from "../model/run.js";
import type { CompileOptions, Sequential } from "../model/sequential.js";
import { checkBoolean, readOptions } from "../options.js";
import { nextSeed } from "../random.js";
import type { Tensor } from "../tensor.js";
import { buffersIn, type HookAnswer, type HookRequest, type Method, type ToPage, type ToWorker, type WorkerLike } from "./messages.js";
import { PageModel } from "./pageModel.js";
import { restore, type Snapshot } from "./snapshot.js";

/** How `inWorker` starts. */
export interface InWorkerOptions {
  /**
   * a worker whose file calls `serve()`; default: the package's own file `modelWorker.js`, which lies beside the one that starts it. Bundlers that do
   * not know `new Worker(new URL(...))` in packages need one.
   */
  worker?: WorkerLike | null;
  /** as for `setThreads`, in the worker; default "auto" */
  threads?: number | "auto";
}

/** Beside the options of `fit`, `evaluate` and `predict`. */
export interface Transfer {
  /** hands the memory of the data over instead of copying it: those arrays are empty afterwards; default false */
  transfer?: boolean;
}

interface Call {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  hook(request: HookRequest): Promise<HookAnswer>;
}

/** A model whose work is done in a worker. The model that it was made from follows: after each `fit` it has the worker's weights and optimizer state. */
export class WorkerModel {
  readonly model: Sequential;
  readonly #worker: WorkerLike;
  readonly #threads: number | "auto";
  readonly #calls = new Map<number, Call>();
  #count = 0;
  #ended: Error | null = null;

  /** @internal: `inWorker` makes one */
  constructor(model: Sequential, worker: WorkerLike, threads: number | "auto") {
    this.model = model;
    this.#worker = worker;
    this.#threads = threads;
    const failed = (reason: string) => this.#end(new Error(`The worker failed: ${reason}.`));
    if (worker.on) {
      worker.on("message", (message: ToPage) => this.#receive(message));
      worker.on("error", (error: Error) => failed(error.message));
      worker.on("exit", (code: number) => failed(`it ended with code ${code}`));
    } else {
      worker.addEventListener?.("message", ({ data }: MessageEvent<ToPage>) => this.#receive(data));
      worker.addEventListener?.("error", (event: ErrorEvent) => failed(event.message || "its file could not be loaded"));
    }
    worker.unref?.();
  }

  /** As `Sequential.compile`. */
  async compile(options: CompileOptions): Promise<void> {
    this.model.compile(options);
    await this.update();
  }

  /** As `Sequential.fit`, for data in memory. Callbacks run here; they see the weights at the end of each epoch and of the training. */
  async fit(x: ArrayLikeData, y: ArrayLikeData, options?: FitOptions & Transfer): Promise<History> {
    const all = readOptions("fit", options, { ...fitDefaults, transfer: false } as Required<FitOptions & Transfer>);
    const history = new History();
    try {
      await this.#run("fit", [x, y], all, [history], all.initialEpoch);
    } finally {
      if (!this.#ended) await this.#pull();
    }
    this.model.history = history;
    return history;
  }

  /** As `Sequential.evaluate`, for data in memory. */
  async evaluate(x: ArrayLikeData, y: ArrayLikeData, options?: EvaluateOptions & Transfer): Promise<Record<string, number>> {
    const all = readOptions("evaluate", options, { ...evaluateDefaults, transfer: false } as Required<EvaluateOptions & Transfer>);
    return this.#run("evaluate", [x, y], all) as Promise<Record<string, number>>;
  }

  /** As `Sequential.predict`, for data in memory. */
  async predict(x: ArrayLikeData, options?: PredictOptions & Transfer): Promise<Tensor> {
    const all = readOptions("predict", options, { ...predictDefaults, transfer: false } as Required<PredictOptions & Transfer>);
    return this.#run("predict", [x, null], all) as Promise<Tensor>;
  }

  /** As `Sequential.toSafetensors`: `loadModel` reads it. */
  async toSafetensors(): Promise<Uint8Array> {
    await this.#pull();
    return this.model.toSafetensors();
  }

  /** As `Sequential.save`. */
  async save(...args: Parameters<Sequential["save"]>): Promise<void> {
    await this.#pull();
    await this.model.save(...args);
  }

  /** Sends `model` as it is now, after it was changed here. @throws while something runs */
  async update(): Promise<void> {
    if (this.#calls.size > 0) throw new Error(`update: ${this.model.name} is at work in its worker. Await that first.`);
    await this.#call("load", [this.model.toSafetensors(), nextSeed(), this.#threads], true);
  }

  /** Ends the worker. What still runs is rejected. */
  terminate(): void {
    this.#end(new Error("The worker was ended by terminate()."));
    this.#worker.terminate();
  }

  async #pull(): Promise<void> {
    restore(this.model, (await this.#call("snapshot", [], false)) as Snapshot);
  }

  async #run<Options extends Required<RunOptions & Transfer>>(
    method: Method,
    data: unknown[],
    options: Options,
    own: Callback[] = [],
    initialEpoch = 0,
  ) {
    const { verbose: given, callbacks, signal, transfer, ...rest } = options;
    checkRunOptions(method, options);
    checkBoolean(method, "transfer", transfer);
    const streams = [...data, (rest as Partial<FitOptions>).validationData].filter(isStream);
    if (streams.length > 0) throw new Error(`${method}: a worker takes data in memory only, not batches that come one by one.`);
    signal?.throwIfAborted();
    const verbose = readVerbose(method, given);
    const all = [...callbacks, ...own, ...(verbose ? [new Progress()] : [])];
    const page = new PageModel(this.model, initialEpoch, () => this.#pull());
    let list: CallbackList | undefined;
    const hook: Call["hook"] = ({ hook, args, params, state }) =>
      page.during(state, () => {
        list ??= new CallbackList(all, page, { ...params, verbose });
        return list.call(hook as never, ...(args as never));
      });
    try {
      return await this.#call(method, [...data, rest], transfer, all, hook, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw page.thrown.length > 0 ? page.thrown[0] : error;
    }
  }

  async #call(
    method: Method,
    args: unknown[],
    transfer: boolean,
    callbacks: readonly Callback[] = [],
    hook: Call["hook"] = () => Promise.reject(new Error("There are no callbacks.")),
    signal: AbortSignal | null = null,
  ): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    const id = this.#count++;
    const abort = () => this.#post({ id, abort: true });
    const names = (Object.keys(members) as (keyof Callback)[]).filter(name => name.startsWith("on"));
    const hooks = names.filter(name => callbacks.some(callback => callback[name]));
    const readsState = callbacks.some(({ setModel }) => setModel);
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(id, { resolve, reject, hook });
        this.#worker.ref?.();
        signal?.addEventListener("abort", abort);
        this.#post({ id, method, args, hooks, readsState }, transfer ? buffersIn(args) : []);
      });
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#calls.delete(id);
      if (this.#calls.size === 0) this.#worker.unref?.();
    }
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  async #receive(message: ToPage): Promise<void> {
    const call = this.#calls.get(message.id);
    if (!call) return;
    if ("result" in message) call.resolve(message.result);
    else if ("error" in message) call.reject(message.error);
    else {
      const answer = await call.hook(message);
      if (!this.#ended) this.#post({ id: message.id, answer }, buffersIn(answer));
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#ended);
  }
}

function startWorker(): WorkerLike {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node) return new node.Worker(new URL("./modelWorker.js", import.meta.url), { execArgv: [], name: "wasmind" });
  return new Worker(new URL("./modelWorker.js", import.meta.url), { type: "module", name: "wasmind" });
}

/**
 * Moves a model's work into a worker: a Web Worker in pages, a thread in Node.
 * @param model compiled, if it is to be trained; layers of your own need a worker whose file calls `serve({ customLayers })`
 * @throws where the worker does not start, or cannot make the model
 */
export async function inWorker(model: Sequential, options?: InWorkerOptions): Promise<WorkerModel> {
  const defaults: Required<InWorkerOptions> = { worker: null, threads: "auto" };
  const { worker, threads } = readOptions("inWorker", options, defaults);
  const remote = new WorkerModel(model, worker ?? startWorker(), threads);
  try {
    await remote.update();
  } catch (error) {
    remote.terminate();
    throw error;
  }
  return remote;
}
