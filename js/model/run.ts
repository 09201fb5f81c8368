import type { Callback, CallbackModel } from "../callbacks/callback.js";
import { CallbackList } from "../callbacks/callbackList.js";
import { Progress } from "../callbacks/progress.js";
import { hostTerminal } from "../callbacks/terminal.js";
import { checkArray, checkInteger, show } from "../options.js";

/** What `fit`, `evaluate` and `predict` have in common. */
export interface RunOptions {
  /** 0 silent, 1 a progress line, 2 a line at the end; "auto": 1 in a terminal, 0 in a page */
  verbose?: 0 | 1 | 2 | "auto";
  callbacks?: Callback[];
  /** ends the work after the step that runs: it then rejects with the signal's reason */
  signal?: AbortSignal | null;
}

/** Samples of a batch where nobody says. */
export const DEFAULT_BATCH = 32;

/** Keras's "auto": a progress line wherever there is a terminal to draw it on. */
export function readVerbose(where: string, verbose: unknown): 0 | 1 | 2 {
  if (verbose === "auto") return hostTerminal() ? 1 : 0;
  if (verbose === 0 || verbose === 1 || verbose === 2) return verbose;
  throw new Error(`${where}: verbose must be 0, 1, 2 or "auto", got ${show(verbose)}.`);
}

export function checkRunOptions(where: string, { verbose, callbacks, signal }: RunOptions): void {
  readVerbose(where, verbose);
  checkArray(where, "callbacks", callbacks);
  if (signal && typeof signal.throwIfAborted !== "function")
    throw new Error(`${where}: signal must be an AbortSignal, got ${show(signal)}.`);
}

/** @returns the size of batches of samples in memory */
export function checkSizes(where: string, { batchSize, steps }: { batchSize: number | null; steps: number | null }): number {
  if (steps !== null) checkInteger(where, "steps", steps);
  return batchSize === null ? DEFAULT_BATCH : checkInteger(where, "batchSize", batchSize);
}

/** @throws for options that belong to samples in memory, not to batches that come one by one */
export function refuseForStreams<T extends object>(where: string, options: T, names: readonly (keyof T & string)[], why: string): void {
  const given = names.find(name => options[name] !== null && options[name] !== 0);
  if (given) throw new Error(`${where}: ${given} does not go with data that comes in batches. ${why}`);
}

/** The callbacks of a run, and what draws its progress. @param own what the run itself listens with, behind the user's */
export function callbacksOf(
  where: string,
  options: Required<RunOptions>,
  model: CallbackModel,
  epochs: number,
  steps: number | null,
  own: readonly Callback[] = [],
): CallbackList {
  const verbose = readVerbose(where, options.verbose);
  const progress = verbose === 0 ? [] : [new Progress()];
  return new CallbackList([...options.callbacks, ...own, ...progress], model, { epochs, steps, verbose });
}
