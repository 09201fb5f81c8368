import type { CallbackList } from "../callbacks/callbackList.js";
import type { BatchSource } from "./batches.js";
import { Pauses } from "./pause.js";
import type { RunOptions } from "./run.js";
import type { Trainer } from "./trainer.js";
import type { SampleWeight } from "./weighting.js";

/** How `evaluate` runs. */
export interface EvaluateOptions extends RunOptions {
  /** default 32 */
  batchSize?: number | null;
  /** ends after so many batches; default: when all samples were seen */
  steps?: number | null;
  sampleWeight?: SampleWeight | null;
}

export const evaluateDefaults: Required<EvaluateOptions> = {
  batchSize: null,
  steps: null,
  sampleWeight: null,
  verbose: "auto",
  callbacks: [],
  signal: null,
};

/** The loss and metrics over all batches, from the first one on. */
export async function measure(
  trainer: Trainer,
  source: BatchSource,
  callbacks: CallbackList,
  signal: AbortSignal | null,
): Promise<Record<string, number>> {
  const averages = trainer.averages();
  const pauses = new Pauses();
  await callbacks.call("onTestBegin", {});
  source.start(true);
  for (let step = 0; ; step++) {
    signal?.throwIfAborted();
    const batch = await source.next();
    if (!batch) break;
    await callbacks.call("onTestBatchBegin", step, {});
    trainer.run(batch.data, batch.order, batch.begin, batch.end, false, averages);
    if (callbacks.has("onTestBatchEnd")) await callbacks.call("onTestBatchEnd", step, averages.logs());
    await pauses.next();
  }
  const logs = averages.logs();
  await callbacks.call("onTestEnd", logs);
  return logs;
}
