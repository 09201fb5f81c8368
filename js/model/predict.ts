import { sizeOf, type Tensor } from "../tensor.js";
import { gather, inOrder, type Samples } from "./data.js";
import type { Network } from "./network.js";
import { PredictStep } from "./step.js";
import { StepCache } from "./stepCache.js";

/** Runs a network forward on batches of samples. */
export class Predictor {
  readonly network: Network;
  readonly #steps = new StepCache<PredictStep>();

  constructor(network: Network) {
    this.network = network;
  }

  /** Predictions for samples order[begin, end), written behind one another into `outputs`. */
  run(x: Samples, order: Uint32Array, begin: number, end: number, outputs: Float32Array): void {
    const { engine } = this.network;
    const step = this.#steps.get(String(end - begin), () => new PredictStep(this.network, end - begin));
    engine.enter(step.plan);
    gather(engine.arena.read(step.x), x, order, begin, end);
    engine.run(step.plan);
    const y = engine.arena.read(step.y);
    outputs.set(y, (begin * y.length) / (end - begin));
  }
}

/** Samples on their way to outputs, batch by batch. */
export class Prediction {
  /** how many batches there are */
  readonly count: number;
  readonly outputs: Tensor;
  readonly #predictor: Predictor;
  readonly #samples: Samples;
  readonly #order: Uint32Array;
  readonly #batch: number;

  constructor(predictor: Predictor, samples: Samples, batchSize: number) {
    const { outputShape } = predictor.network;
    this.#predictor = predictor;
    this.#samples = samples;
    this.#order = inOrder(samples.count);
    this.#batch = Math.min(batchSize, samples.count);
    this.count = Math.ceil(samples.count / this.#batch);
    this.outputs = { data: new Float32Array(samples.count * sizeOf(outputShape)), shape: [samples.count, ...outputShape] };
  }

  run(batch: number): void {
    const [begin, end] = this.#bounds(batch);
    this.#predictor.run(this.#samples, this.#order, begin, end, this.outputs.data);
  }

  /** A copy of the outputs of one batch. */
  output(batch: number): Tensor {
    const [begin, end] = this.#bounds(batch);
    const shape = this.outputs.shape.slice(1);
    const size = sizeOf(shape);
    return { data: this.outputs.data.slice(begin * size, end * size), shape: [end - begin, ...shape] };
  }

  #bounds(batch: number): [number, number] {
    return [batch * this.#batch, Math.min((batch + 1) * this.#batch, this.#samples.count)];
  }
}
