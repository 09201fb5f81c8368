import type { CallbackParams } from "../callbacks/callback.js";
import { isNumericArray } from "../tensor.js";
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
export type ToWorker = Request | { id: number; abort: true } | { id: number; question: number; answer: HookAnswer | Pulled };

/** What a call in the worker asks the page; each has a number of its own. */
interface Question {
  id: number;
  question: number;
}

/** A hook to be run on the page. */
export interface HookRequest extends Question {
  hook: string;
  args: unknown[];
  params: CallbackParams;
  /** where callbacks may ask for weights: at the ends of epochs and of the training */
  state: Snapshot | null;
}

/** The next batch of a stream of the page's, or that no more are wanted. */
export interface Pull extends Question {
  /** which of the call's streams, and which run over it */
  stream: number;
  run: number;
  isLast: boolean;
}

/** From the worker to the page. */
export type ToPage = HookRequest | Pull | { id: number; result: unknown } | { id: number; error: unknown };

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

/** A batch of a stream. */
export interface Pulled {
  /** the stream threw: the page knows what */
  failed: boolean;
  done: boolean;
  batch: unknown;
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

/**
 * Data as a message carries it: what is a part of a larger memory becomes a copy of its own, or the message would carry all of that memory.
 * @param transfer whether memory is handed over instead of copied
 */
export function parcel<T>(data: T, transfer: boolean): { data: T; buffers: ArrayBuffer[] } {
  const copies: ArrayBuffer[] = [];
  const pack = (value: unknown): unknown => {
    if (isNumericArray(value)) {
      if (value.byteLength === value.buffer.byteLength) return value;
      const copy = value.slice();
      copies.push(copy.buffer);
      return copy;
    }
    if (Array.isArray(value)) return isNumbers(value) ? value : value.map(pack);
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]));
  };
  const packed = pack(data) as T;
  return { data: packed, buffers: transfer ? buffersIn(packed) : copies };
}

/** Rows of numbers, however deep, hold no memory. */
const isNumbers = (value: unknown): boolean => typeof value === "number" || (Array.isArray(value) && isNumbers(value[0]));
