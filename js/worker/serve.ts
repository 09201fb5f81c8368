import type { Callback, CallbackModel, CallbackParams } from "../callbacks/callback.js";
import { setThreads } from "../engine/threads.js";
import { loadModel } from "../files/load.js";
import type { LayerClass } from "../files/model.js";
import type { Sequential } from "../model/sequential.js";
import { readOptions } from "../options.js";
import { setSeed } from "../random.js";
import { buffersIn, type HookAnswer, type Request, type ToPage, type ToWorker } from "./messages.js";
import { restore, snapshot } from "./snapshot.js";

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

/** A call that runs: its way to be aborted, and who waits for a hook on the page. */
interface Running {
  abort: AbortController;
  answered: ((answer: HookAnswer) => void) | null;
}

/** Hooks whose callbacks may look at weights: between batches they would be too many to send. */
const LOOKS = new Set(["onEpochEnd", "onTrainEnd"]);

/** Called once in a worker: does the work of the model that `inWorker` sends. */
export function serve(options?: ServeOptions): void {
  const { customLayers } = readOptions("serve", options, { customLayers: {} as Record<string, LayerClass> });
  const port = (globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? globalThis) as unknown as Port;
  const running = new Map<number, Running>();
  let model: Sequential | null = null;

  const post = (message: ToPage) => port.postMessage(message, buffersIn(message));

  async function receive(message: ToWorker): Promise<void> {
    const { id } = message;
    if ("abort" in message) running.get(id)?.abort.abort();
    else if ("answer" in message) running.get(id)?.answered?.(message.answer);
    else {
      const own: Running = { abort: new AbortController(), answered: null };
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
      model = await loadModel(file, { customLayers });
      return null;
    }
    if (!model) throw new Error("The worker has no model yet.");
    if (method === "snapshot") return snapshot(model);
    const [x, y, given] = args as [never, never, object];
    const callbacks = hooks.length > 0 ? [relay(id, hooks, readsState, own, model)] : [];
    const all = { ...given, verbose: 0 as const, signal: own.abort.signal, callbacks };
    if (method === "predict") return model.predict(x, all);
    if (method === "evaluate") return model.evaluate(x, y, all);
    await model.fit(x, y, all);
    return null;
  }

  /** The page's callbacks as one here: each hook goes there and back. */
  function relay(id: number, hooks: readonly string[], readsState: boolean, own: Running, twin: Sequential): Callback {
    let params: CallbackParams;
    let model: CallbackModel;
    const ask = async (hook: string, args: unknown[]) => {
      const answer = new Promise<HookAnswer>(resolve => {
        own.answered = resolve;
      });
      post({ id, hook, args, params, state: readsState && LOOKS.has(hook) ? snapshot(twin) : null });
      const { failed, stopTraining, learningRate, begin, state } = await answer;
      if (failed) throw new Error(`The page's ${hook} failed.`);
      if (stopTraining) model.stopTraining = true;
      if (hook === "onTrainBegin") [model.initialEpoch, model.initialBatch] = begin;
      if (learningRate !== null) model.optimizer.learningRate = learningRate;
      if (state) restore(twin, state);
    };
    return {
      setModel: given => void (model = given),
      setParams: given => void (params = given),
      ...Object.fromEntries(hooks.map(hook => [hook, (...args: unknown[]) => ask(hook, args)])),
    };
  }

  if (port.on) port.on("message", receive);
  else port.addEventListener("message", ({ data }) => receive(data));
}
