import { checkBoolean, readOptions } from "../options.js";
import type { Callback, CallbackModel } from "./callback.js";

/** Keras's TerminateOnNaN: where the loss becomes NaN or infinite, `fit` ends as if it were done, with the weights from before that step. */
export class TerminateOnNaN implements Callback {
  readonly #raiseError: boolean;
  #model!: CallbackModel;

  constructor(options?: { raiseError?: boolean }) {
    const { raiseError } = readOptions("terminateOnNaN", options, { raiseError: false });
    this.#raiseError = checkBoolean("terminateOnNaN", "raiseError", raiseError);
  }

  setModel(model: CallbackModel): void {
    this.#model = model;
  }

  onInvalidLoss(batch: number, error: Error): void {
    if (this.#raiseError) throw error;
    console.warn(`Batch ${batch}: Invalid loss, terminating training. ${error.message}`);
    this.#model.stopTraining = true;
  }
}

/** @param options raiseError: `fit` rejects, as it does without this callback; default false */
/** Ends `fit` when the loss becomes NaN or infinite. @param options raiseError: whether `fit` rejects then; default false */
export function terminateOnNaN(options?: { raiseError?: boolean }): TerminateOnNaN {
  return new TerminateOnNaN(options);
}
