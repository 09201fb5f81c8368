// The entry `wasmind/inference`: models that were trained elsewhere, where what trains them would be dead weight.

import { type FileSource, readBytes } from "./files/bytes.js";
import { preprocessingIn } from "./files/description.js";
import { decodeSafetensors } from "./files/safetensors.js";
import type { Layer } from "./layers/layer.js";
import { type ArrayLikeData, readSamples } from "./model/data.js";
import { Network } from "./model/network.js";
import { Pauses } from "./model/pause.js";
import { Prediction, Predictor } from "./model/predict.js";
import { checkArray, checkInteger, readOptions } from "./options.js";
import { checkTensor, readArray, type Tensor } from "./tensor.js";

export { initEngine } from "./engine/builds.js";
export type { FileSource } from "./files/bytes.js";
export type { ArrayLikeData } from "./model/data.js";
export { type Tensor, tensor } from "./tensor.js";

/** A chain of layers that predicts, and does nothing else. Bundles of it hold the layers that it is made of, and no losses, optimizers or metrics. */
export class InferenceModel {
  /** what data went through before it came to the model: `fromJSON` of `preprocessing` makes scalers and encoders of it; `loadWeights` fills it */
  preprocessing: Record<string, unknown> = {};
  readonly #network: Network;
  readonly #predictor: Predictor;

  /** @param layers the first of which says its inputShape */
  constructor(layers: readonly Layer[]) {
    const inputShape = (checkArray("inference", "layers", layers) as Layer[])[0]?.options.inputShape;
    if (!inputShape) throw new Error("inference: the first layer needs an inputShape.");
    this.#network = new Network(layers, inputShape);
    this.#predictor = new Predictor(this.#network);
  }

  get layers(): readonly Layer[] {
    return this.#network.layers;
  }

  /** Loads the kernels, once: then `predictSync` works. */
  async ready(): Promise<this> {
    await this.#network.engine.ready();
    return this;
  }

  /**
   * Takes the weights of a file that `model.save` wrote, by their layers' names.
   * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response: .safetensors
   * @throws when one is missing or does not fit; then nothing has changed
   */
  async loadWeights(source: FileSource): Promise<this> {
    const { tensors, metadata } = decodeSafetensors(await readBytes(source));
    const names = this.layers.flatMap(layer => layer.namedWeights.map(([name]) => name));
    const shapes = this.layers.flatMap(layer => layer.weights.map(({ shape }) => shape));
    for (const [i, name] of names.entries()) checkTensor(`loadWeights: ${name}`, tensors[name], shapes[i]);
    const preprocessing = preprocessingIn(metadata);
    this.setWeights(names.map(name => tensors[name]));
    this.preprocessing = preprocessing;
    return this;
  }

  /** Replaces all weights, layer by layer. @throws when a number or shape does not fit; then nothing has changed */
  setWeights(weights: readonly Tensor[]): this {
    this.#network.setWeights(weights, "setWeights");
    return this;
  }

  /** The outputs, [samples, ...outputShape]. @param options batchSize: default 32 */
  async predict(x: ArrayLikeData, options: { batchSize?: number; signal?: AbortSignal | null } = {}): Promise<Tensor> {
    const { batchSize, signal } = readOptions("predict", options, { batchSize: 32, signal: null as AbortSignal | null });
    signal?.throwIfAborted();
    const prediction = this.#prediction("predict", x, batchSize);
    await this.ready();
    const pauses = new Pauses();
    for (let i = 0; i < prediction.count; i++) {
      prediction.batch(i).run();
      await pauses.next();
      signal?.throwIfAborted();
    }
    return prediction.outputs;
  }

  /** `predict` without a promise. @throws before ready() */
  predictSync(x: ArrayLikeData, options: { batchSize?: number } = {}): Tensor {
    const { batchSize } = readOptions("predictSync", options, { batchSize: 32 });
    return this.#prediction("predictSync", x, batchSize).run();
  }

  #prediction(where: string, x: ArrayLikeData, batchSize: number): Prediction {
    const what = `${where}: x`;
    const samples = readSamples(what, readArray(what, x), this.#network.inputShape);
    if (samples.count === 0) throw new Error(`${what} holds no samples.`);
    this.layers[0].checkInput?.(what, samples.data, samples.size);
    return new Prediction(what, this.#predictor, samples, checkInteger(where, "batchSize", batchSize));
  }
}

/** A model that only predicts. @param layers first to last; the first says its inputShape */
export function inference(layers: readonly Layer[]): InferenceModel {
  return new InferenceModel(layers);
}
