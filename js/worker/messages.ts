import type { CallbackParams } from "../callbacks/callback.js";
import type { Snapshot } from "./snapshot.js";

/** A Web Worker, or one of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each type of event has its own
  addEventListener?(type: string, listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: each type of event has its own
  on?(type: string, listener: (value: any) => void): unknown;
  ref?(): void;
  unref?(): void;
}

/** What a worker's model can be asked. */
export type Method = "load" | "fit" | "evaluate" | "predict" | "snapshot";

export interface Request {
  id: number;
  method: Method;
  args: unknown[];
  /** what callbacks here want to hear of */
  hooks: string[];
  /** whether they may ask for weights */
  readsState: boolean;
}

/** From the page to the worker. */
export type ToWorker = Request | { id: number; abort: true } | { id: number; answer: HookAnswer };

/** A hook to be run on the page. */
export interface HookRequest {
  id: number;
  hook: string;
  args: unknown[];
  params: CallbackParams;
  /** where callbacks may ask for weights: at the ends of epochs and of the training */
  state: Snapshot | null;
}

/** From the worker to the page. */
export type ToPage = HookRequest | { id: number; result: unknown } | { id: number; error: unknown };

/** What callbacks on the page want of the model in the worker. */
export interface HookAnswer {
  /** one threw: the page knows what */
  failed: boolean;
  stopTraining: boolean;
  learningRate: number | null;
  /** [epoch, batch] to begin at */
  begin: [number, number];
  state: Snapshot | null;
}

/** The memory of all typed arrays in a value: what can be handed over instead of copied. */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) buffersIn(item, found);
  }
  return [...found];
}
