import type { Callback } from "../callbacks/callback.js";
import { CallbackList } from "../callbacks/callbackList.js";
import { Progress } from "../callbacks/progress.js";
import { hostTerminal } from "../callbacks/terminal.js";
import type { FileSource } from "../files/bytes.js";
import { type KerasOptions, save, saveWeights, toKeras, toSafetensors } from "../files/save.js";
import { loadWeights } from "../files/weights.js";
import { Input } from "../layers/input.js";
import { automaticName, checkName, Layer } from "../layers/layer.js";
import { type Loss, type LossLike, resolveLoss } from "../losses/index.js";
import { type MetricLike, resolveMetrics } from "../metrics/index.js";
import { type OptimizerLike, resolveOptimizer } from "../optimizers/index.js";
import { checkArray, checkBoolean, checkInteger, checkOptions, checkShape, readOptions, show } from "../options.js";
import { formatShape, readArray, type Tensor } from "../tensor.js";
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
import { compileConfig, layerConfig, type ModelConfig } from "./config.js";
import { type ArrayLikeData, checkFinite, inOrder, readLabels, readSamples, type Samples, sampleShapeOf } from "./data.js";
import { type Explanation, explain, type Profile, profileOf } from "./explain.js";
import { type BackwardResult, ExplicitLoop, type Gradients, type GradientsResult } from "./explicit.js";
import {
  checkFitOptions,
  checkRunOptions,
  type FitOptions,
  fitDefaults,
  measure,
  readVerbose,
  refuseForStreams,
  splitForValidation,
  train,
} from "./fit.js";
import type { History } from "./history.js";
import { Nested } from "./nested.js";
import { Network } from "./network.js";
import { Pauses } from "./pause.js";
import { copied, joined, type PredictedBatch, Prediction, Predictor } from "./predict.js";
import { type Compiled, PredictStep } from "./step.js";
import { rowsOf, type SummaryOptions, summaryText, totalsOf } from "./summary.js";
import { type Dataset, type OptimizerState, Trainer } from "./trainer.js";
import { type ClassWeight, readWeights, type SampleWeight } from "./weighting.js";

/** What a model takes beside its layers. */
export interface SequentialOptions {
  /** default: "sequential" with a running number */
  name?: string;
  /** what `trainable` says of the model as a whole; its layers have their own; default true */
  trainable?: boolean;
}

/** How a model learns. */
export interface CompileOptions {
  /** Keras's name, or an optimizer with options of its own; default "rmsprop" */
  optimizer?: OptimizerLike;
  /** Keras's name, or a loss with options of its own; default none: then the model learns by `backward` and `applyGradients` alone */
  loss?: LossLike | null;
  /** measured without sample and class weights */
  metrics?: MetricLike[];
  /** measured with sample and class weights */
  weightedMetrics?: MetricLike[];
}

/** How `evaluate` runs. */
export interface EvaluateOptions {
  /** default 32 */
  batchSize?: number | null;
  /** ends after so many batches; default: when all samples were seen */
  steps?: number | null;
  sampleWeight?: SampleWeight | null;
  verbose?: 0 | 1 | 2 | "auto";
  callbacks?: Callback[];
  signal?: AbortSignal | null;
}

/** How `predict` runs. */
export interface PredictOptions {
  /** default 32 */
  batchSize?: number | null;
  /** ends after so many batches; default: when all samples were seen */
  steps?: number | null;
  verbose?: 0 | 1 | 2 | "auto";
  callbacks?: Callback[];
  signal?: AbortSignal | null;
}

/** How the samples of a batch count. */
export interface BatchOptions {
  sampleWeight?: SampleWeight | null;
  classWeight?: ClassWeight | null;
}

/** A chain of layers that can be trained. All of its numbers live in one memory of its own, and go when the model goes. */
export class Sequential {
  readonly name: string;
  /** true ends `fit` after the batch that runs: for callbacks */
  stopTraining = false;
  /** where `fit` begins, both from 0: for callbacks, which may set them in `onTrainBegin` */
  initialEpoch = 0;
  initialBatch = 0;
  /** of the last `fit` */
  history: History | null = null;
  /**
   * What data goes through before it comes to the model, by names of your own: fitted scalers, encoders, words. Files keep it as JSON beside the
   * weights; after `loadModel`, `preprocessing.fromJSON(model.preprocessing.features)` makes the scaler of it again.
   */
  preprocessing: Record<string, unknown> = {};
  #layers: readonly Layer[] = [];
  #inputShape: readonly number[] | null = null;
  #compiled: Compiled | null = null;
  #network: Network | null = null;
  #trainer: Trainer | null = null;
  #predictor: Predictor | null = null;
  #loop: ExplicitLoop | null = null;
  #isFitting = false;
  #trainable = true;
  /** the model that this one is a layer of */
  #host: Sequential | null = null;

  constructor(layers: readonly (Layer | Sequential)[] = [], options: SequentialOptions = {}) {
    const { name, trainable } = readOptions("sequential", options, { name: undefined as string | undefined, trainable: true });
    this.name = checkName("sequential", name ?? automaticName("Sequential"));
    this.#trainable = checkBoolean(this.name, "trainable", trainable);
    this.#extend(checkArray(this.name, "layers", layers) as (Layer | Sequential)[]);
  }

  /** The layers in order, without an input layer. */
  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /**
   * Whether training changes its weights: setting it sets it for all layers. As in Keras a compiled model, this one or one that it is a layer of,
   * goes by what held when its training began: `compile()` it again after a change.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = checkBoolean(this.name, "trainable", value);
    for (const layer of this.#layers) layer.trainable = value;
  }

  /** Keras's, with null for the batch; null before the shape is known. */
  get inputShape(): (number | null)[] | null {
    return this.#inputShape && [null, ...this.#inputShape];
  }

  get outputShape(): (number | null)[] | null {
    return this.#inputShape && [null, ...this.#built("outputShape").outputShape];
  }

  /** The compiled metrics. */
  get metrics(): readonly { name: string; direction?: "up" | "down" | null }[] {
    return [...(this.#compiled?.metrics ?? []), ...(this.#compiled?.weightedMetrics ?? [])];
  }

  /** @throws before compile() */
  get optimizer() {
    return this.#settings("optimizer").optimizer;
  }

  /** Puts a layer, or a whole model as one, at the end. Layers before it keep their weights. */
  add(layer: Layer | Sequential): void {
    this.#checkChangeable("add");
    this.#extend([layer]);
  }

  /** Takes the last layer away and returns it: it keeps its weights. */
  pop(): Layer {
    this.#checkChangeable("pop");
    const layer = this.#layers.at(-1);
    if (!layer) throw new Error(`${this.name}: there is no layer to pop.`);
    this.#change(this.#layers.slice(0, -1), this.#inputShape);
    layer.owner = null;
    if (layer instanceof Nested) layer.model.#settle(null, layer.inputShape);
    return layer;
  }

  /** Builds the layers for samples of a shape, when the first layer does not say it. */
  build(inputShape: readonly number[]): void {
    checkShape(`${this.name}: build`, "inputShape", inputShape);
    if (!this.#inputShape) this.#checkChangeable("build");
    if (!this.#inputShape) this.#change(this.#layers, inputShape);
    else if (this.#inputShape.join() !== inputShape.join()) {
      const [own, given] = [this.#inputShape, inputShape].map(shape => formatShape([null, ...shape]));
      throw new Error(`${this.name}: build: the input's shape is ${own} already, got ${given}. Make a new model.`);
    }
  }

  /** A layer by name or place; "base/dense" is the layer "dense" of a model "base" that is a layer of this one. */
  getLayer(which: string | number): Layer {
    const [first, ...rest] = typeof which === "string" ? which.split("/") : [];
    const model = rest.length > 0 && this.#layers.find(({ name }) => name === first);
    if (model instanceof Nested) return model.model.getLayer(rest.join("/"));
    const layer = typeof which === "number" ? this.#layers.at(which) : this.#layers.find(({ name }) => name === which);
    if (!layer) throw new Error(`${this.name}: no layer ${show(which)}. Layers: ${this.#layers.map(({ name }) => name).join(", ")}.`);
    return layer;
  }

  /** Fixes how the model learns. Weights stay as they are; the optimizer starts anew. */
  compile(options: CompileOptions): void {
    this.#checkIdle("compile");
    const defaults: Required<CompileOptions> = { optimizer: "rmsprop", loss: null, metrics: [], weightedMetrics: [] };
    const { optimizer, loss, metrics, weightedMetrics } = readOptions("compile", options, defaults);
    this.#compiled = {
      optimizer: resolveOptimizer(optimizer),
      loss: loss === null ? null : resolveLoss(loss),
      ...resolveMetrics(checkArray("compile", "metrics", metrics), checkArray("compile", "weightedMetrics", weightedMetrics)),
    };
    this.#trainer = null;
  }

  /** Makes all stateful layers forget what they carry on from batch to batch. */
  resetStates(): void {
    for (const layer of this.#layers) layer.resetStates();
  }

  /** Loads the kernels: after it the synchronous methods work. `fit`, `evaluate` and `predict` do it by themselves. */
  async ready(): Promise<this> {
    await this.#built("ready").engine.ready();
    return this;
  }

  /**
   * Trains for a number of epochs.
   * @param x samples: a tensor or nested arrays of shape [samples, ...inputShape], or a flat typed array
   * @param y labels, one for each sample, as the loss takes them
   * @throws before anything changes, when data or options do not fit; when the loss becomes NaN; the signal's reason when it aborts
   */
  fit(x: ArrayLikeData, y: ArrayLikeData, options?: FitOptions): Promise<History>;
  /** Trains on batches [x, y] or [x, y, sampleWeight] that come one by one. */
  fit(batches: Batches, options?: FitOptions): Promise<History>;
  async fit(x: ArrayLikeData | Batches, y?: ArrayLikeData | FitOptions, options?: FitOptions): Promise<History> {
    const all = readOptions("fit", (isStream(x) ? y : options) as FitOptions | undefined, fitDefaults);
    checkFitOptions(all);
    const sources = isStream<LabelledData>(x) ? null : this.#trainingData(x, y as ArrayLikeData, all);
    this.#checkIdle("fit");
    const { training, validation } = sources ?? (await this.#trainingStream(x as Batches, all));
    try {
      this.#checkIdle("fit"); // another one may have begun while the first batch came
      this.#isFitting = true;
      try {
        await this.ready();
        this.history = await train(this.#training("fit"), this, training, validation, all);
        return this.history;
      } finally {
        this.#isFitting = false;
      }
    } finally {
      await training.close();
      await validation?.close();
    }
  }

  /** The loss and the metrics, by name, over all samples, or over batches [x, y] or [x, y, sampleWeight] that come one by one. */
  evaluate(batches: Batches, options?: EvaluateOptions): Promise<Record<string, number>>;
  evaluate(x: ArrayLikeData, y: ArrayLikeData, options?: EvaluateOptions): Promise<Record<string, number>>;
  async evaluate(
    x: ArrayLikeData | Batches,
    y?: ArrayLikeData | EvaluateOptions,
    options?: EvaluateOptions,
  ): Promise<Record<string, number>> {
    const defaults: Required<EvaluateOptions> = {
      ...{ batchSize: null, steps: null, sampleWeight: null, verbose: "auto", callbacks: [], signal: null },
    };
    const all = readOptions("evaluate", (isStream(x) ? y : options) as EvaluateOptions | undefined, defaults);
    checkRunOptions("evaluate", all);
    const { steps, signal } = all;
    const batchSize = checkSizes("evaluate", all);
    let source: BatchSource;
    if (isStream<LabelledData>(x)) {
      refuseForStreams("evaluate", all, ["batchSize", "sampleWeight"], "Each batch has its own.");
      source = await this.#stream("evaluate", x, steps, {});
    } else source = new ArrayBatches(this.#read("evaluate", x, y as ArrayLikeData, all), batchSize, steps, null);
    try {
      await this.ready();
      return await measure(this.#training("evaluate"), source, this.#callbacks("evaluate", all, source.steps), signal);
    } finally {
      await source.close();
    }
  }

  /** The model's outputs, [samples, ...outputShape], for all samples, or for batches that come one by one: x, or [x, ...]. */
  async predict(x: ArrayLikeData | Stream<ArrayLikeData | LabelledData>, options: PredictOptions = {}): Promise<Tensor> {
    const defaults: Required<PredictOptions> = { batchSize: null, steps: null, verbose: 0, callbacks: [], signal: null };
    const all = readOptions("predict", options, defaults);
    checkRunOptions("predict", all);
    const batchSize = checkSizes("predict", all);
    let source: BatchSource<PredictedBatch>;
    if (isStream<ArrayLikeData | LabelledData>(x)) {
      refuseForStreams("predict", all, ["batchSize"], "Each batch has its own.");
      const read = (batch: ArrayLikeData | LabelledData, what: string) =>
        this.#prediction(what, samplesOf(batch), Number.POSITIVE_INFINITY).batch(0);
      const stream = new StreamBatches("predict", x, all.steps, read);
      await stream.peek(); // tells the model its input's shape, if it does not know it yet
      source = stream;
    } else source = this.#prediction("predict", x, batchSize).source(all.steps);
    await this.ready();
    const callbacks = this.#callbacks("predict", all, source.steps);
    const outputs: Tensor[] = [];
    const pauses = new Pauses();
    await callbacks.call("onPredictBegin", {});
    source.start(false);
    try {
      for (let i = 0; ; i++) {
        all.signal?.throwIfAborted();
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

  /** `predict` without a promise. @throws before ready() */
  predictSync(x: ArrayLikeData, options: { batchSize?: number } = {}): Tensor {
    const { batchSize } = readOptions("predictSync", options, { batchSize: 32 });
    this.#checkReady("predictSync");
    const prediction = this.#prediction("predictSync", x, checkInteger("predictSync", "batchSize", batchSize));
    return joined(Array.from({ length: prediction.count }, (_, i) => prediction.batch(i).run()));
  }

  /** The outputs of one batch of all samples. @throws before ready() */
  predictOnBatch(x: ArrayLikeData): Tensor {
    this.#checkReady("predictOnBatch");
    const prediction = this.#prediction("predictOnBatch", x, Number.POSITIVE_INFINITY);
    return prediction.batch(0).run();
  }

  /** One step on one batch of all samples; returns the loss and metrics from before the update. @throws before ready() */
  trainOnBatch(x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions = {}): Record<string, number> {
    return this.#onBatch(
      "trainOnBatch",
      x,
      y,
      readOptions("trainOnBatch", options, { sampleWeight: null, classWeight: null } as BatchOptions),
    );
  }

  /** The loss and metrics of one batch of all samples. @throws before ready() */
  testOnBatch(x: ArrayLikeData, y: ArrayLikeData, options: Omit<BatchOptions, "classWeight"> = {}): Record<string, number> {
    return this.#onBatch("testOnBatch", x, y, readOptions("testOnBatch", options, { sampleWeight: null } as BatchOptions));
  }

  /**
   * The first half of `trainOnBatch`: loss and gradients of one batch of all samples, penalties included; no weight changes.
   * @param options inputGradient: whether the gradient with respect to x is wanted, too; default false
   * @throws before ready(); when the loss is not finite
   */
  gradients(x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions & { inputGradient?: boolean } = {}): GradientsResult {
    const defaults = { sampleWeight: null, classWeight: null, inputGradient: false } as BatchOptions & { inputGradient: boolean };
    const { inputGradient, ...weights } = readOptions("gradients", options, defaults);
    checkBoolean("gradients", "inputGradient", inputGradient);
    const data = this.#read("gradients", x, y, weights);
    return this.#explicit("gradients").gradients(data, inputGradient);
  }

  /**
   * The second half of `trainOnBatch`: one step of the optimizer.
   * @param gradients a tensor for each weight that is trained, by name, such as `gradients` and `backward` return
   * @throws before ready(); when one is missing, does not fit or is not finite: then nothing has changed
   */
  applyGradients(gradients: Gradients): void {
    this.#explicit("applyGradients").apply(gradients);
  }

  /** The outputs of one batch of all samples as training sees them (dropout is at work), from where `backward` goes back. @throws before ready() */
  forward(x: ArrayLikeData): Tensor {
    const samples = this.#samples("forward", x);
    return this.#explicit("forward").forward(samples);
  }

  /**
   * The way back of the `forward` right before: any loss of the outputs can be trained on, for it takes no more than its gradient.
   * The penalties of the layers' regularizers count as they do in `fit`.
   * @param dy the gradient of the loss with respect to the outputs, of their shape
   * @throws when there was no `forward`, or the model was used since
   */
  backward(dy: ArrayLikeData): BackwardResult {
    return this.#explicit("backward").backward(dy);
  }

  /** Copies of all weights, layer by layer. */
  getWeights(): Tensor[] {
    return this.#built("getWeights").getWeights();
  }

  /** Replaces all weights. @throws when a number or shape does not fit; then nothing has changed */
  setWeights(weights: readonly Tensor[]): void {
    this.#built("setWeights").setWeights(weights, "setWeights");
  }

  /**
   * Prints Keras's table of the layers.
   * @param options lineLength: default what fits the terminal, 88 at most; showTrainable: one column more; expandNested: lines for the layers of
   * models that are layers; print: default console.log
   */
  summary(options: SummaryOptions & { print?: (text: string) => void } = {}): void {
    const defaults = {
      lineLength: undefined as number | undefined,
      showTrainable: false,
      expandNested: false,
      print: (text: string) => console.log(text),
    };
    const { print, ...table } = readOptions("summary", options, defaults);
    const totals = totalsOf(this.#layers, this.getOptimizerState(), Object.keys(this.#compiled?.optimizer.numbers(0) ?? {}).length);
    print(
      summaryText(
        this.name,
        this.#layers.flatMap(layer => rowsOf(layer, table.expandNested)),
        totals,
        table,
        hostTerminal()?.columns,
      ),
    );
  }

  /** The optimizer's memory by name, such as "momentum/dense/kernel"; null before the first training step. */
  getOptimizerState(): OptimizerState | null {
    return this.#trainer?.getState() ?? null;
  }

  /** Goes on from a state that was taken from the same layers and optimizer. @throws when it does not fit; then nothing has changed */
  setOptimizerState(state: OptimizerState): void {
    this.#training("setOptimizerState").setState(checkOptions("setOptimizerState", state));
  }

  /** The model without its numbers, as plain data. */
  getConfig(): ModelConfig {
    return {
      name: this.name,
      trainable: this.#trainable,
      inputShape: this.#inputShape,
      layers: this.#layers.map(layerConfig),
      compile: this.#compiled && compileConfig(this.#compiled),
    };
  }

  /** A whole model in one file: layers, weights, and what it needs to train on. */
  toSafetensors(): Uint8Array {
    return toSafetensors(this);
  }

  /**
   * The same as a `.keras` archive, for `keras.models.load_model` in Python. The package h5wasm, to be installed beside wasmind, writes it.
   * @throws where that package is not installed or cannot run
   */
  toKeras(options?: KerasOptions): Promise<Uint8Array> {
    return toKeras(this, options);
  }

  /** Writes the weights and the optimizer's state to a file, whole or not at all. @param path ending in ".weights.h5" or ".safetensors" */
  saveWeights(path: string): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Takes the weights of a file, and what the optimizer remembers and `preprocessing` holds, where the file has it.
   * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response: .safetensors, .weights.h5, .h5 or .keras
   * @throws when they are not those of its layers; then nothing has changed
   */
  loadWeights(source: FileSource): Promise<void> {
    this.#built("loadWeights");
    return loadWeights(this, source);
  }

  /**
   * Writes the model to a file, whole or not at all; `loadModel` reads it.
   * @param path ending in ".safetensors" or ".keras"
   * @param options for ".keras"
   */
  async save(path: string, options?: KerasOptions): Promise<void> {
    await save(this, path, options);
  }

  /**
   * Which kernels a step calls, on what sizes, and how long each takes here.
   * @param options batchSize: default 32; training: default true once compiled. Weights stay as they are.
   */
  async explain(options: { batchSize?: number; training?: boolean } = {}): Promise<Explanation> {
    const { batchSize, training } = readOptions("explain", options, { batchSize: 32, training: Boolean(this.#compiled?.loss) });
    checkInteger("explain", "batchSize", batchSize);
    checkBoolean("explain", "training", training);
    await this.ready();
    const network = this.#built("explain");
    if (training) this.#loss("explain");
    if (!training) return explain(network, new PredictStep(network, batchSize).plan, batchSize, () => "forward");
    const { plan, forward, backward } = this.#training("explain").step(batchSize);
    const [first, second] = [new Set([...plan.preparation, ...forward]), new Set(backward)];
    return explain(network, plan, batchSize, call => (first.has(call) ? "forward" : second.has(call) ? "backward" : "update"));
  }

  /**
   * Where a step's time goes, layer by layer.
   * @param options as for `explain`
   */
  async profile(options: { batchSize?: number; training?: boolean } = {}): Promise<Profile> {
    return profileOf(await this.explain(options));
  }

  /** The number of weights' elements. */
  countParams(): number {
    return this.#built("countParams").weights.reduce((sum, { size }) => sum + size, 0);
  }

  #onBatch(where: "trainOnBatch" | "testOnBatch", x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions): Record<string, number> {
    const trainer = this.#training(where);
    this.#checkReady(where);
    const data = this.#read(where, x, y, options);
    const averages = trainer.averages();
    trainer.run(data, inOrder(data.x.count), 0, data.x.count, where === "trainOnBatch", averages);
    return averages.logs();
  }

  #explicit(where: string): ExplicitLoop {
    this.#checkIdle(where);
    const trainer = this.#training(where);
    this.#checkReady(where);
    if (this.#loop?.trainer !== trainer) this.#loop = new ExplicitLoop(trainer);
    return this.#loop;
  }

  #callbacks(where: string, options: Pick<Required<PredictOptions>, "verbose" | "callbacks">, steps: number | null): CallbackList {
    const verbose = readVerbose(where, options.verbose);
    const progress = verbose === 0 ? [] : [new Progress()];
    return new CallbackList([...options.callbacks, ...progress], this, { epochs: 1, steps, verbose });
  }

  /** Checked samples, cut into batches to be predicted. */
  #prediction(where: string, x: ArrayLikeData, batchSize: number): Prediction {
    const samples = this.#samples(where, x);
    this.#predictor ??= new Predictor(this.#built(where));
    return new Prediction(this.#predictor, samples, batchSize);
  }

  /** Checked inputs; builds the model when they are the first to tell its shape. */
  #samples(where: string, given: ArrayLikeData): Samples {
    const x = readArray(`${where}: x`, given);
    if (!this.#inputShape && this.#layers.length > 0) {
      const shape = sampleShapeOf(x);
      if (shape) this.build(shape);
    }
    const samples = readSamples(`${where}: x`, x, this.#built(where).inputShape);
    if (samples.count === 0) throw new Error(`${where}: x holds no samples.`);
    checkFinite(`${where}: x`, samples);
    this.#layers[0].checkInput?.(`${where}: x`, samples.data, samples.size);
    return samples;
  }

  /** Checked inputs, labels and weights. */
  #read(where: string, x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions): Dataset {
    const loss = this.#loss(where);
    const samples = this.#samples(where, x);
    const { outputShape } = this.#built(where);
    const labels = readLabels(`${where}: y`, y, outputShape, loss, samples.count);
    if (samples.count !== labels.count) {
      throw new Error(`${where}: x has ${samples.count} samples, but y has ${labels.count}.`);
    }
    return { x: samples, y: labels, weights: readWeights(where, labels, outputShape, options) };
  }

  /** All samples of `fit`, and those to validate on. */
  #trainingData(x: ArrayLikeData, y: ArrayLikeData, options: Required<FitOptions>): Sources {
    const { validationData, validationSplit, stepsPerEpoch, validationSteps } = options;
    let data = this.#read("fit", x, y, options);
    const batchSize = options.batchSize ?? (stepsPerEpoch === null ? DEFAULT_BATCH : Math.ceil(data.x.count / stepsPerEpoch));
    const validationSize = options.validationBatchSize ?? batchSize;
    let validation: Dataset | null = null;
    if (validationData && !isStream<LabelledData>(validationData)) {
      const [xVal, yVal, sampleWeight = null] = validationData;
      validation = this.#read("fit: validationData", xVal, yVal, { sampleWeight });
    } else if (!validationData && validationSplit > 0) {
      [data, validation] = splitForValidation(data, validationSplit);
      if (options.classWeight) validation.weights = null; // as in Keras, class weights are for training alone
    }
    const shuffle = options.shuffle ? (order: Uint32Array) => this.#training("fit").shuffle(order) : null;
    return {
      training: new ArrayBatches(data, batchSize, stepsPerEpoch, shuffle),
      validation: validation ? new ArrayBatches(validation, validationSize, validationSteps, null) : this.#validationStream(options),
    };
  }

  /** Batches of `fit` that come one by one, and those to validate on. */
  async #trainingStream(batches: Batches, options: Required<FitOptions>): Promise<Sources> {
    const { classWeight, validationData, validationSteps, validationBatchSize } = options;
    const help = "Each batch has its own; validationData takes samples or batches.";
    refuseForStreams("fit", options, ["batchSize", "sampleWeight", "validationSplit"], help);
    const training = await this.#stream("fit", batches, options.stepsPerEpoch, { classWeight });
    let validation = this.#validationStream(options);
    if (validationData && !validation) {
      const [x, y, sampleWeight = null] = validationData as LabelledData;
      const data = this.#read("fit: validationData", x, y, { sampleWeight });
      validation = new ArrayBatches(data, validationBatchSize ?? DEFAULT_BATCH, validationSteps, null);
    }
    return { training, validation };
  }

  #validationStream({ validationData, validationSteps, validationBatchSize }: Required<FitOptions>): BatchSource | null {
    if (!validationData || !isStream<LabelledData>(validationData)) return null;
    refuseForStreams("fit", { validationBatchSize }, ["validationBatchSize"], "Each batch has its own.");
    return this.#batchesOf("fit: validationData", validationData, validationSteps, {});
  }

  /** Batches of which the first is read already: it tells the model its input's shape, if it does not know it yet. */
  async #stream(where: string, batches: Batches, steps: number | null, options: BatchOptions): Promise<BatchSource> {
    const source = this.#batchesOf(where, batches, steps, options);
    await source.peek();
    return source;
  }

  #batchesOf(where: string, batches: Batches, steps: number | null, options: BatchOptions): StreamBatches<LabelledData, Batch> {
    return new StreamBatches(where, batches, steps, (batch, what) => {
      if (!Array.isArray(batch) || batch.length < 2 || batch.length > 3)
        throw new Error(`${what}: expected [x, y] or [x, y, sampleWeight], got ${show(batch)}.`);
      const [x, y, sampleWeight = null] = batch;
      const data = this.#read(what, x, y, { ...options, sampleWeight });
      return { data, order: inOrder(data.x.count), begin: 0, end: data.x.count };
    });
  }

  #checkIdle(where: string): void {
    if (this.#isFitting) throw new Error(`${where}: ${this.name} is being trained. Await the fit() that runs first.`);
  }

  #checkChangeable(where: string): void {
    this.#checkIdle(where);
    if (this.#host)
      throw new Error(`${where}: ${this.name} is a layer of ${this.#host.name}, which its layers must fit. Change it before.`);
  }

  #checkReady(where: string): void {
    if (!this.#built(where).engine.module) throw new Error(`${where}: the kernels are not loaded yet. Await model.ready() first.`);
  }

  #settings(where: string): Compiled {
    if (!this.#compiled) throw new Error(`${where}: compile() the model first, such as model.compile({ optimizer: "adam", loss: "mse" }).`);
    return this.#compiled;
  }

  #loss(where: string): Loss {
    const { loss } = this.#settings(where);
    if (!loss) throw new Error(`${where}: compile() the model with a loss, such as "categorical_crossentropy".`);
    return loss;
  }

  #built(where: string): Network {
    if (!this.#network) {
      const missing = this.#layers.length === 0 ? "has no layers" : "does not know its input's shape. Give the first layer an inputShape";
      throw new Error(`${where}: ${this.name} ${missing}.`);
    }
    return this.#network;
  }

  #training(where: string): Trainer {
    const compiled = this.#settings(where);
    this.#trainer ??= new Trainer(this.#built(where), compiled);
    return this.#trainer;
  }

  /** Puts layers at the end, all or none. */
  #extend(added: readonly (Layer | Sequential)[]): void {
    const layers = [...this.#layers];
    let inputShape = this.#inputShape;
    for (const given of added) {
      const layer = given instanceof Sequential ? new Nested(given) : given;
      if (!(layer instanceof Layer)) throw new Error(`${this.name}: add() takes a layer such as layers.dense(10), got ${show(layer)}.`);
      if (layer instanceof Input) {
        if (layers.length > 0 || inputShape) throw new Error(`${this.name}: an input must be the first layer.`);
        inputShape = layer.options.shape;
        continue;
      }
      if (layers.some(({ name }) => name === layer.name)) {
        throw new Error(`${this.name}: two layers are called "${layer.name}". Names must be unique.`);
      }
      const owner = layer instanceof Nested ? this.#hostOf(layer.model) : layer.owner;
      if (owner !== null) {
        throw new Error(`${this.name}: ${layer.name} belongs to ${owner} already. Make a new layer, and setWeights().`);
      }
      if (layers.length === 0) inputShape ??= (layer instanceof Nested ? layer.model.#inputShape : layer.options.inputShape) ?? null;
      layers.push(layer);
    }
    this.#change(layers, inputShape);
    for (const layer of layers) layer.owner = this.name;
  }

  /** The name of the model that another one is a layer of, or null. @throws when the other one cannot be a layer here */
  #hostOf(model: Sequential): string | null {
    model.#checkIdle("add");
    if (model === this) throw new Error(`${this.name}: a model cannot be a layer of itself.`);
    if (model.#layers.length === 0) throw new Error(`${this.name}: ${model.name} has no layers.`);
    return model.#host?.name ?? null;
  }

  /** Another chain of layers; those that stay keep their weights. @throws when they do not fit; then nothing has changed */
  #change(layers: readonly Layer[], inputShape: readonly number[] | null): void {
    const before = this.#network;
    before?.release();
    const nested = layers.filter(layer => layer instanceof Nested);
    for (const { model } of nested) if (model.#network?.engine !== before?.engine) model.#network?.release();
    const networks = [before, ...nested.map(({ model }) => model.#network)];
    const module = networks.find(network => network?.engine.module)?.engine.module;
    this.#network = inputShape && layers.length > 0 ? new Network(layers, inputShape, module) : null;
    this.#inputShape = inputShape;
    this.#layers = layers;
    this.#trainer = null;
    this.#predictor = null;
    for (const layer of nested) layer.model.#settle(this, layer.inputShape);
  }

  /** Goes to live in the memory of a model that it is a layer of, or in its own again, to which its weights bring their values. */
  #settle(host: Sequential | null, inputShape: readonly number[] | null): void {
    const around = host ? host.#network : null;
    this.#host = host;
    if (!inputShape || (host && !around)) return;
    this.#network = new Network(this.#layers, inputShape, this.#network?.engine.module, around?.engine);
    this.#inputShape = inputShape;
    this.#trainer = null;
    this.#predictor = null;
    for (const layer of this.#layers) if (layer instanceof Nested) layer.model.#settle(this, layer.inputShape);
  }
}

/** Samples of a batch where nobody says. */
const DEFAULT_BATCH = 32;

interface Sources {
  training: BatchSource;
  validation: BatchSource | null;
}

/** @returns the size of batches of samples in memory */
function checkSizes(where: string, { batchSize, steps }: { batchSize: number | null; steps: number | null }): number {
  if (steps !== null) checkInteger(where, "steps", steps);
  return batchSize === null ? DEFAULT_BATCH : checkInteger(where, "batchSize", batchSize);
}

/** A model from its layers, first to last. */
export function sequential(layers: readonly (Layer | Sequential)[] = [], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}
