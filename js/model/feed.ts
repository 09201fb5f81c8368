import type { Loss } from "../losses/index.js";
import { show } from "../options.js";
import { readArray } from "../tensor.js";
import {
  ArrayBatches,
  type Batch,
  type Batches,
  type BatchSource,
  isStream,
  type LabelledData,
  type Stream,
  StreamBatches,
  samplesOf,
} from "./batches.js";
import { type ArrayLikeData, checkFinite, inOrder, readLabels, readSamples, type Samples, sampleShapeOf } from "./data.js";
import { type FitOptions, splitForValidation } from "./fit.js";
import { type PredictedBatch, Prediction, Predictor } from "./predict.js";
import { DEFAULT_BATCH, refuseForStreams } from "./run.js";
import type { Structure } from "./structure.js";
import type { Dataset } from "./trainer.js";
import { type ClassWeight, readWeights, type SampleWeight } from "./weighting.js";

/** How the samples of a batch count. */
export interface BatchOptions {
  sampleWeight?: SampleWeight | null;
  classWeight?: ClassWeight | null;
}

/** Batches to train on, and to validate on. */
export interface Sources {
  training: BatchSource;
  validation: BatchSource | null;
}

/** Data on its way into a model: read, checked against its shapes and its loss, and cut into batches. */
export class Feed {
  readonly #structure: Structure;
  readonly #loss: (where: string) => Loss;

  /** @param loss the compiled one, for which labels must fit; throws before there is one */
  constructor(structure: Structure, loss: (where: string) => Loss) {
    this.#structure = structure;
    this.#loss = loss;
  }

  /** Checked inputs; builds the model when they are the first to tell its shape. */
  samples(where: string, given: ArrayLikeData): Samples {
    const samples = this.#shaped(where, given);
    checkFinite(`${where}: x`, samples);
    return samples;
  }

  /** Inputs whose numbers may not be finite. */
  #shaped(where: string, given: ArrayLikeData): Samples {
    const x = readArray(`${where}: x`, given);
    const structure = this.#structure;
    if (!structure.inputShape && structure.layers.length > 0) {
      const shape = sampleShapeOf(x);
      if (shape) structure.build(shape);
    }
    const samples = readSamples(`${where}: x`, x, structure.built(where).inputShape);
    if (samples.count === 0) throw new Error(`${where}: x holds no samples.`);
    structure.layers[0].checkInput?.(`${where}: x`, samples.data, samples.size);
    return samples;
  }

  /** Checked inputs, labels and weights. */
  labelled(where: string, x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions): Dataset {
    const loss = this.#loss(where);
    const samples = this.samples(where, x);
    const { outputShape } = this.#structure.built(where);
    const labels = readLabels(`${where}: y`, y, outputShape, loss, samples.count);
    if (samples.count !== labels.count) {
      throw new Error(`${where}: x has ${samples.count} samples, but y has ${labels.count}.`);
    }
    return { x: samples, y: labels, weights: readWeights(where, labels, outputShape, options) };
  }

  /** Inputs, cut into batches to be predicted; each is checked for numbers that are not finite as it runs. */
  prediction(where: string, x: ArrayLikeData, batchSize = Number.POSITIVE_INFINITY): Prediction {
    const samples = this.#shaped(where, x);
    this.#structure.predictor ??= new Predictor(this.#structure.built(where));
    return new Prediction(`${where}: x`, this.#structure.predictor, samples, batchSize);
  }

  /** The same of batches that come one by one. */
  predictionStream(x: Stream<ArrayLikeData | LabelledData>, steps: number | null): Promise<BatchSource<PredictedBatch>> {
    const read = (batch: ArrayLikeData | LabelledData, what: string) => this.prediction(what, samplesOf(batch)).batch(0);
    return peeked(new StreamBatches("predict", x, steps, read));
  }

  /** Labelled batches that come one by one, the first of which is read already. */
  labelledStream(where: string, batches: Batches, steps: number | null, options: BatchOptions = {}): Promise<BatchSource> {
    return peeked(this.#batches(where, batches, steps, options));
  }

  /** All samples of `fit`, and those to validate on. @param shuffle brings an order of samples into another one, before each epoch */
  training(x: ArrayLikeData, y: ArrayLikeData, options: Required<FitOptions>, shuffle: (order: Uint32Array) => void): Sources {
    const { validationData, validationSplit, stepsPerEpoch } = options;
    let data = this.labelled("fit", x, y, options);
    const batchSize = options.batchSize ?? (stepsPerEpoch === null ? DEFAULT_BATCH : Math.ceil(data.x.count / stepsPerEpoch));
    let kept: Dataset | null = null;
    if (!validationData && validationSplit > 0) {
      [data, kept] = splitForValidation(data, validationSplit);
      if (options.classWeight) kept.weights = null; // as in Keras, class weights are for training alone
    }
    const validation = this.#validation(options, batchSize, kept);
    return { training: new ArrayBatches(data, batchSize, stepsPerEpoch, options.shuffle ? shuffle : null), validation };
  }

  /** Batches of `fit` that come one by one, and those to validate on. */
  async trainingStream(batches: Batches, options: Required<FitOptions>): Promise<Sources> {
    const help = "Each batch has its own; validationData takes samples or batches.";
    refuseForStreams("fit", options, ["batchSize", "sampleWeight", "validationSplit"], help);
    const training = await this.labelledStream("fit", batches, options.stepsPerEpoch, { classWeight: options.classWeight });
    return { training, validation: this.#validation(options, DEFAULT_BATCH, null) };
  }

  /** @param kept of the training data */
  #validation(options: Required<FitOptions>, batchSize: number, kept: Dataset | null): BatchSource | null {
    const { validationData: given, validationSteps: steps, validationBatchSize } = options;
    const where = "fit: validationData";
    if (given && isStream<LabelledData>(given)) {
      refuseForStreams("fit", { validationBatchSize }, ["validationBatchSize"], "Each batch has its own.");
      return this.#batches(where, given, steps, {});
    }
    const data = given ? this.#read(where, given) : kept;
    return data && new ArrayBatches(data, validationBatchSize ?? batchSize, steps, null);
  }

  #batches(where: string, batches: Batches, steps: number | null, options: BatchOptions): StreamBatches<LabelledData, Batch> {
    return new StreamBatches(where, batches, steps, (batch, what) => {
      if (!Array.isArray(batch) || batch.length < 2 || batch.length > 3)
        throw new Error(`${what}: expected [x, y] or [x, y, sampleWeight], got ${show(batch)}.`);
      const data = this.#read(what, batch, options);
      return { data, order: inOrder(data.x.count), begin: 0, end: data.x.count };
    });
  }

  #read(where: string, [x, y, sampleWeight = null]: LabelledData, options: BatchOptions = {}): Dataset {
    return this.labelled(where, x, y, { ...options, sampleWeight });
  }
}

/** A stream whose first batch is read ahead of time: it tells the model its input's shape, if it does not know it yet. */
async function peeked<T, Read>(stream: StreamBatches<T, Read>): Promise<BatchSource<Read>> {
  await stream.peek();
  return stream;
}
