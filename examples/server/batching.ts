// Requests that come within a few milliseconds of each other are predicted together: one batch is faster than as many single samples.
import type { Sequential } from "wasmind";

interface Waiting {
  sample: ArrayLike<number>;
  resolve(outputs: Float32Array): void;
  reject(error: unknown): void;
}

/** How requests are gathered. */
export interface BatchingOptions {
  /** ms that a first request waits for others; default 2 */
  wait?: number;
  /** a batch this large waits no longer; default 32 */
  most?: number;
}

/** Predicts one sample. */
export interface BatchedPredict {
  (sample: ArrayLike<number>): Promise<Float32Array>;
  /** how many batches there were so far, and samples in them */
  counts: { batches: number; samples: number };
}

/** One `predict` for all samples that come within a few ms, in the order in which they came. */
export function batched(model: Sequential, { wait = 2, most = 32 }: BatchingOptions = {}): BatchedPredict {
  const counts = { batches: 0, samples: 0 };
  const size = model.inputShape!.slice(1).reduce<number>((product, length) => product * length!, 1);
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting.splice(0, most);
    if (waiting.length > 0) timer = setTimeout(run, 0);
    counts.batches++;
    counts.samples += batch.length;
    const x = new Float32Array(batch.length * size);
    for (const [i, { sample }] of batch.entries()) x.set(sample, i * size);
    try {
      const { data } = await model.predict(x, { batchSize: batch.length });
      const outputs = data.length / batch.length;
      for (const [i, { resolve }] of batch.entries()) resolve(data.slice(i * outputs, (i + 1) * outputs));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  const predict = (sample: ArrayLike<number>) => {
    // One that does not fit must not spoil the batch of the others.
    if (sample.length !== size || !Array.prototype.every.call(sample, Number.isFinite))
      return Promise.reject(new RangeError(`expected ${size} finite numbers, got ${sample.length} values`));
    return new Promise<Float32Array>((resolve, reject) => {
      waiting.push({ sample, resolve, reject });
      if (waiting.length >= most) void run();
      else timer ??= setTimeout(run, wait);
    });
  };
  return Object.assign(predict, { counts });
}
