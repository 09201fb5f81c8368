import type { Callback, CallbackModel, CallbackParams } from "../callbacks/callback.js";
import { setThreads } from "../engine/threads.js";
import { allClasses } from "../files/classes.js";
import type { LayerClass, Parts } from "../files/model.js";
import { fromSafetensors } from "../files/readModelFile.js";
import { Model } from "../model/model.js";
import { readOptions } from "../options.js";
import { setSeed } from "../random.js";
import {
  buffersIn,
  type HookAnswer,
  type HookRequest,
  type Pull,
  type Pulled,
  type Request,
  type ToPage,
  type ToWorker,
} from "./messages.js";
import { restore, snapshot } from "./snapshot.js";
import { referred } from "./streams.js";

/** What a worker's own file may say. */
export interface ServeOptions {
  /** your own layers, by the names of their classes */
  customLayers?: Record<string, LayerClass>;
}

interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { data: ToWorker }) => void): void;
  on?(type: "message", listener: (data: ToWorker) => void): void;
}

/** What stands in the worker for the page's model, which sees to files. */
class Twin extends Model {
  save = noFiles;
  saveWeights = noFiles;
  loadWeights = noFiles;
}

const noFiles = () => Promise.reject(new Error("There are no files for a model in a worker: remote.save(path) writes them."));

/** A call that runs: its way to be aborted, and who waits for which answer of the page's. */
interface Running {
  abort: AbortController;
  answered: Map<number, (answer: never) => void>;
}

/** Asks the page something, and waits for the answer. */
interface Ask {
  (question: Omit<HookRequest, "id" | "question">): Promise<HookAnswer>;
  (question: Omit<Pull, "id" | "question">): Promise<Pulled>;
}

/** Hooks whose callbacks may look at weights: between batches they would be too many to send. */
const LOOKS = new Set(["onEpochEnd", "onTrainEnd"]);

/** Called once in a worker: does the work of the model that `inWorker` sends. */
export function serve(options?: ServeOptions): void {
  const defaults = { customLayers: {} as Record<string, LayerClass> };
  const { customLayers } = readOptions("serve", options, defaults);
  const parts: Parts<Twin> = { classes: allClasses("serve", customLayers), make: (layers, options) => new Twin(layers, options) };
  const port = (globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? globalThis) as unknown as Port;
  const running = new Map<number, Running>();
  let model: Twin | null = null;
  let questions = 0;

  const post = (message: ToPage) => port.postMessage(message, buffersIn(message));

  async function receive(message: ToWorker): Promise<void> {
    const { id } = message;
    if ("abort" in message) running.get(id)?.abort.abort();
    else if ("answer" in message) running.get(id)?.answered.get(message.question)?.(message.answer as never);
    else {
      const own: Running = { abort: new AbortController(), answered: new Map() };
      running.set(id, own);
      try {
        post({ id, result: await run(message, own) });
      } catch (error) {
        post({ id, error });
      } finally {
        running.delete(id);
      }
    }
  }

  async function run({ id, method, args, hooks, readsState }: Request, own: Running): Promise<unknown> {
    if (method === "load") {
      const [file, seed, threads] = args as [Uint8Array, number, number | "auto"];
      setSeed(seed);
      if (threads !== "auto") await setThreads(threads);
      model = fromSafetensors(file, parts, true);
      return null;
    }
    if (!model) throw new Error("The worker has no model yet.");
    if (method === "snapshot") return snapshot(model);
    const ask: Ask = async question => {
      const number = questions++;
      try {
        return await new Promise(resolve => {
          own.answered.set(number, resolve);
          post({ ...question, id, question: number } as ToPage);
        });
      } finally {
        own.answered.delete(number);
      }
    };
    const [x, y, given] = args as [unknown, unknown, { validationData?: unknown }];
    const callbacks = hooks.length > 0 ? [relay(ask, hooks, readsState, model)] : [];
    const all = { ...given, verbose: 0 as const, signal: own.abort.signal, callbacks };
    if (all.validationData) all.validationData = referred(all.validationData, ask);
    const data = referred(x, ask);
    const [samples, labels, options] = (data === x ? [x, y, all] : [data, all]) as [never, never, never];
    if (method === "predict") return model.predict(data as never, all);
    if (method === "evaluate") return model.evaluate(samples, labels, options);
    await model.fit(samples, labels, options);
    return null;
  }

  /** The page's callbacks as one here: each hook goes there and back. */
  function relay(ask: Ask, hooks: readonly string[], readsState: boolean, twin: Twin): Callback {
    let params: CallbackParams;
    let model: CallbackModel;
    const pass = async (hook: string, args: unknown[]) => {
      const request = { hook, args, params, state: readsState && LOOKS.has(hook) ? snapshot(twin) : null };
      const { failed, stopTraining, learningRate, begin, state } = await ask(request);
      if (failed) throw new Error(`The page's ${hook} failed.`);
      if (stopTraining) model.stopTraining = true;
      if (hook === "onTrainBegin") [model.initialEpoch, model.initialBatch] = begin;
      if (learningRate !== null) model.optimizer.learningRate = learningRate;
      if (state) restore(twin, state);
    };
    return {
      setModel: given => void (model = given),
      setParams: given => void (params = given),
      ...Object.fromEntries(hooks.map(hook => [hook, (...args: unknown[]) => pass(hook, args)])),
    };
  }

  if (port.on) port.on("message", receive);
  else port.addEventListener("message", ({ data }) => receive(data));
}
