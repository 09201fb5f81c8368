import { type Callback, members } from "../callbacks/callback.js";
import { CallbackList } from "../callbacks/callbackList.js";
import { Progress } from "../callbacks/progress.js";
import { type Batches, isStream, type LabelledData, type Stream } from "../model/batches.js";
import type { ArrayLikeData } from "../model/data.js";
import { type EvaluateOptions, evaluateDefaults } from "../model/evaluate.js";
import { type FitOptions, fitDefaults } from "../model/fit.js";
import { History } from "../model/history.js";
import type { CompileOptions } from "../model/model.js";
import { type PredictOptions, predictDefaults } from "../model/predict.js";
import { checkRunOptions, type RunOptions, readVerbose } from "../model/run.js";
import { checkBoolean, readOptions } from "../options.js";
import { nextSeed } from "../random.js";
import type { Sequential } from "../sequential.js";
import type { Tensor } from "../tensor.js";
import {
  buffersIn,
  type HookAnswer,
  type HookRequest,
  type Method,
  type Pull,
  parcel,
  type ToPage,
  type ToWorker,
  type WorkerLike,
} from "./messages.js";
import { PageModel } from "./pageModel.js";
import { restore, type Snapshot } from "./snapshot.js";
import { PageStreams } from "./streams.js";

/** How `inWorker` starts. */
export interface InWorkerOptions {
  /**
   * a worker whose file calls `serve()`; default: the package's own file `modelWorker.js`, which lies beside the one that starts it. Bundlers that do
   * not know `new Worker(new URL(...))` in packages need one: esbuild, rollup and Bun's.
   */
  worker?: WorkerLike | null;
  /** as for `setThreads`, in the worker; default "auto" */
  threads?: number | "auto";
}

/** Beside the options of `fit`, `evaluate` and `predict`. */
export interface Transfer {
  /**
   * hands the memory of the data over instead of copying it: those arrays are empty afterwards, but for those that are a part of a larger memory;
   * default false
   */
  transfer?: boolean;
}

/** Answers what a call in the worker asks. */
interface Answers {
  hook(request: HookRequest): Promise<HookAnswer>;
  streams: PageStreams;
}

interface Call extends Partial<Answers> {
  transfer: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface CallOptions {
  transfer?: boolean;
  callbacks?: readonly Callback[];
  answers?: Answers;
  signal?: AbortSignal | null;
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
      worker.addEventListener?.("error", (event: ErrorEvent) => failed(event.message || LOST));
    }
    worker.unref?.();
  }

  /** As `Sequential.compile`. */
  async compile(options: CompileOptions): Promise<void> {
    this.model.compile(options);
    await this.update();
  }

  /**
   * As `Sequential.fit`. Callbacks run here; they see the weights at the end of each epoch and of the training. Of batches that come one by one,
   * the worker asks for the next one when it has done with the last.
   */
  fit(x: ArrayLikeData, y: ArrayLikeData, options?: FitOptions & Transfer): Promise<History>;
  fit(batches: Batches, options?: FitOptions & Transfer): Promise<History>;
  async fit(x: ArrayLikeData | Batches, y?: ArrayLikeData | (FitOptions & Transfer), options?: FitOptions & Transfer): Promise<History> {
    const [data, given] = dataAndOptions(x, y, options);
    const all = readOptions("fit", given, { ...fitDefaults, transfer: false } as Required<FitOptions & Transfer>);
    const history = new History();
    try {
      await this.#run("fit", data, all, [history], all.initialEpoch);
    } finally {
      if (!this.#ended) await this.#pull();
    }
    this.model.history = history;
    return history;
  }

  /** As `Sequential.evaluate`. */
  evaluate(x: ArrayLikeData, y: ArrayLikeData, options?: EvaluateOptions & Transfer): Promise<Record<string, number>>;
  evaluate(batches: Batches, options?: EvaluateOptions & Transfer): Promise<Record<string, number>>;
  async evaluate(
    x: ArrayLikeData | Batches,
    y?: ArrayLikeData | (EvaluateOptions & Transfer),
    options?: EvaluateOptions & Transfer,
  ): Promise<Record<string, number>> {
    const [data, given] = dataAndOptions(x, y, options);
    const all = readOptions("evaluate", given, { ...evaluateDefaults, transfer: false } as Required<EvaluateOptions & Transfer>);
    return this.#run("evaluate", data, all) as Promise<Record<string, number>>;
  }

  /** As `Sequential.predict`. */
  async predict(x: ArrayLikeData | Stream<ArrayLikeData | LabelledData>, options?: PredictOptions & Transfer): Promise<Tensor> {
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
    await this.#call("load", [this.model.toSafetensors(), nextSeed(), this.#threads], { transfer: true });
  }

  /** Ends the worker. What still runs is rejected. */
  terminate(): void {
    this.#end(new Error("The worker was ended by terminate()."));
    this.#worker.terminate();
  }

  async #pull(): Promise<void> {
    restore(this.model, (await this.#call("snapshot", [])) as Snapshot);
  }

  async #run<Options extends Required<RunOptions & Transfer>>(
    method: Method,
    data: unknown[],
    options: Options,
    own: Callback[] = [],
    initialEpoch = 0,
  ) {
    const { verbose: shown, callbacks, signal, transfer, ...rest } = options;
    checkRunOptions(method, options);
    checkBoolean(method, "transfer", transfer);
    signal?.throwIfAborted();
    const verbose = readVerbose(method, shown);
    const all = [...callbacks, ...own, ...(verbose ? [new Progress()] : [])];
    const page = new PageModel(this.model, initialEpoch, () => this.#pull());
    const streams = new PageStreams();
    let list: CallbackList | undefined;
    const hook: Answers["hook"] = ({ hook, args, params, state }) =>
      page.during(state, () => {
        list ??= new CallbackList(all, page, { ...params, verbose });
        return list.call(hook as never, ...(args as never));
      });
    try {
      const given = "validationData" in rest ? { ...rest, validationData: streams.refer(rest.validationData) } : rest;
      const args = [...data.map(one => streams.refer(one)), given];
      return await this.#call(method, args, { transfer, callbacks: all, answers: { hook, streams }, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw [...page.thrown, ...streams.thrown, error][0];
    } finally {
      streams.close();
    }
  }

  async #call(method: Method, args: unknown[], { transfer = false, callbacks = [], answers, signal }: CallOptions = {}): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    const id = this.#count++;
    const abort = () => this.#post({ id, abort: true });
    const names = (Object.keys(members) as (keyof Callback)[]).filter(name => name.startsWith("on"));
    const hooks = names.filter(name => callbacks.some(callback => callback[name]));
    const readsState = callbacks.some(({ setModel }) => setModel);
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(id, { resolve, reject, transfer, ...answers });
        this.#worker.ref?.();
        signal?.addEventListener("abort", abort);
        const { data, buffers } = parcel(args, transfer);
        this.#post({ id, method, args: data, hooks, readsState }, buffers);
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
    else if ("hook" in message) {
      const answer = await call.hook!(message);
      if (!this.#ended) this.#post({ id: message.id, question: message.question, answer }, buffersIn(answer));
    } else await this.#give(message, call);
  }

  /** Sends the batch that the worker asks for. */
  async #give(pull: Pull, { streams, transfer }: Call): Promise<void> {
    const { id, question } = pull;
    const { data: answer, buffers } = parcel(await streams!.pull(pull), transfer);
    if (this.#ended) return;
    try {
      this.#post({ id, question, answer }, buffers);
    } catch (error) {
      this.#post({ id, question, answer: streams!.fail(error) }); // it holds what cannot be sent
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#ended);
  }
}

/** [x, y] and the options of a call, where batches that come one by one take the place of both. */
function dataAndOptions<Options>(x: unknown, y: unknown, options: Options | undefined): [[unknown, unknown], Options | undefined] {
  return isStream(x) ? [[x, null], y as Options | undefined] : [[x, y], options];
}

const LOST =
  'its file could not be loaded. Where a bundler has lost it, a file of yours that calls serve() is one: new Worker(new URL("./worker.js", import.meta.url), { type: "module" })';

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
