import type { CallbackList } from "../callbacks/callbackList.js";
import { LostThreadError } from "../engine/engine.js";
import { sizeOf, type Tensor } from "../tensor.js";
import type { BatchSource } from "./batches.js";
import { checkFinite, gather, type Samples } from "./data.js";
import type { Network } from "./network.js";
import { Pauses } from "./pause.js";
import type { RunOptions } from "./run.js";
import { PredictStep } from "./step.js";
import { StepCache } from "./stepCache.js";

/** How `predict` runs. */
export interface PredictOptions extends RunOptions {
  /** default 32 */
  batchSize?: number | null;
  /** ends after so many batches; default: when all samples were seen */
  steps?: number | null;
}

export const predictDefaults: Required<PredictOptions> = { batchSize: null, steps: null, verbose: 0, callbacks: [], signal: null };

/** Runs a network forward on batches of samples. */
export class Predictor {
  readonly network: Network;
  readonly #steps = new StepCache<PredictStep>();

  constructor(network: Network) {
    this.network = network;
  }

  /**
   * Predictions for the samples begin..end, written to their place in `outputs`.
   * @param what whose samples they are, for messages: `predict: x`
   * @throws when one of them holds a number that is not finite
   */
  run(what: string, x: Samples, begin: number, end: number, outputs: Float32Array): void {
    const { engine } = this.network;
    const step = this.#steps.get(String(end - begin), () => new PredictStep(this.network, end - begin));
    const predict = () => {
      engine.enter(step.plan);
      gather(engine.arena.read(step.x), x, null, begin, end);
      engine.run(step.plan);
    };
    try {
      predict();
    } catch (error) {
      if (!(error instanceof LostThreadError)) throw error;
      predict(); // alone: nothing is half done but outputs
    }
    if (!step.wasFinite(engine.arena)) checkFinite(what, x);
    const y = engine.arena.read(step.y);
    outputs.set(y, (begin * y.length) / (end - begin));
  }
}

/** A batch of samples whose outputs are wanted. */
export interface PredictedBatch {
  /** Computes the outputs; they lie where those of the whole prediction do. */
  run(): Tensor;
}

/** Samples on their way to outputs, batch by batch. */
export class Prediction {
  /** how many batches there are */
  readonly count: number;
  readonly #predictor: Predictor;
  readonly #what: string;
  readonly #samples: Samples;
  readonly #batch: number;
  readonly #outputs: Float32Array;

  /** @param what whose samples they are, for messages */
  constructor(what: string, predictor: Predictor, samples: Samples, batchSize: number) {
    this.#what = what;
    this.#predictor = predictor;
    this.#samples = samples;
    this.#batch = Math.min(batchSize, samples.count);
    this.count = Math.ceil(samples.count / this.#batch);
    this.#outputs = new Float32Array(samples.count * sizeOf(predictor.network.outputShape));
  }

  batch(i: number): PredictedBatch {
    const [begin, end] = [i * this.#batch, Math.min((i + 1) * this.#batch, this.#samples.count)];
    const { outputShape } = this.#predictor.network;
    const size = sizeOf(outputShape);
    return {
      run: () => {
        this.#predictor.run(this.#what, this.#samples, begin, end, this.#outputs);
        return { data: this.#outputs.subarray(begin * size, end * size), shape: [end - begin, ...outputShape] };
      },
    };
  }

  /** All outputs, as far as they are computed. */
  get outputs(): Tensor {
    return { data: this.#outputs, shape: [this.#samples.count, ...this.#predictor.network.outputShape] };
  }

  /** Computes all outputs. */
  run(): Tensor {
    for (let i = 0; i < this.count; i++) this.batch(i).run();
    return this.outputs;
  }

  /** All batches, or the first so many. */
  source(steps: number | null): BatchSource<PredictedBatch> {
    const count = Math.min(this.count, steps ?? this.count);
    let at = 0;
    return { steps: count, start: () => {}, next: () => (at < count ? this.batch(at++) : null), close: () => {} };
  }
}

/** The outputs of all batches of a source, one behind the other. */
export async function predictAll(
  source: BatchSource<PredictedBatch>,
  callbacks: CallbackList,
  signal: AbortSignal | null,
): Promise<Tensor> {
  const outputs: Tensor[] = [];
  const pauses = new Pauses();
  await callbacks.call("onPredictBegin", {});
  source.start(false);
  try {
    for (let i = 0; ; i++) {
      signal?.throwIfAborted();
      const batch = await source.next();
      if (!batch) break;
      await callbacks.call("onPredictBatchBegin", i, {});
      outputs.push(batch.run());
      if (callbacks.has("onPredictBatchEnd")) await callbacks.call("onPredictBatchEnd", i, { outputs: copied(outputs[i]) });
      await pauses.next();
    }
  } finally {
    await source.close();
  }
  await callbacks.call("onPredictEnd", {});
  return joined(outputs);
}

function copied({ data, shape }: Tensor): Tensor {
  return { data: data.slice(), shape: [...shape] };
}

/** Tensors one behind the other along the first axis: in place, where they lie so already. */
function joined(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  const length = parts.reduce((sum, { data }) => sum + data.length, 0);
  const isOne = parts.every(({ data }) => data.buffer === first.data.buffer) && length === first.data.buffer.byteLength / 4;
  const data = isOne ? new Float32Array(first.data.buffer) : new Float32Array(length);
  if (!isOne) {
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
  }
  return { data, shape: [parts.reduce((sum, { shape }) => sum + shape[0], 0), ...first.shape.slice(1)] };
}
