import type { CallbackModel } from "../callbacks/callback.js";
import { hostTerminal } from "../callbacks/terminal.js";
import { automaticName, checkName, type Layer } from "../layers/layer.js";
import { type Loss, type LossLike, resolveLoss } from "../losses/index.js";
import { type MetricLike, resolveMetrics } from "../metrics/index.js";
import { type OptimizerLike, resolveOptimizer } from "../optimizers/index.js";
import { checkArray, checkBoolean, checkInteger, checkOptions, readOptions } from "../options.js";
import type { Tensor } from "../tensor.js";
import { ArrayBatches, type Batches, type BatchSource, isStream, type LabelledData, type Stream } from "./batches.js";
import { compileConfig, layerConfig, type ModelConfig } from "./config.js";
import { type ArrayLikeData, inOrder } from "./data.js";
import { type EvaluateOptions, evaluateDefaults, measure } from "./evaluate.js";
import { type Explanation, explain, type Profile, profileOf } from "./explain.js";
import { type BackwardResult, ExplicitLoop, type Gradients, type GradientsResult } from "./explicit.js";
import { type BatchOptions, Feed } from "./feed.js";
import { checkFitOptions, type FitOptions, fitDefaults, train } from "./fit.js";
import type { History } from "./history.js";
import { Nested } from "./nested.js";
import { type PredictedBatch, type PredictOptions, predictAll, predictDefaults } from "./predict.js";
import { callbacksOf, checkRunOptions, checkSizes, refuseForStreams } from "./run.js";
import { type Compiled, PredictStep } from "./step.js";
import { Structure } from "./structure.js";
import { rowsOf, type SummaryOptions, summaryText, totalsOf } from "./summary.js";
import { type OptimizerState, Trainer } from "./trainer.js";

export type { EvaluateOptions } from "./evaluate.js";
export type { BatchOptions } from "./feed.js";
export type { PredictOptions } from "./predict.js";

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

/**
 * A chain of layers that can be trained. All of its numbers live in one memory of its own, and go when the model goes. How it comes to files is said
 * above: a worker's copy does without.
 */
export abstract class Model implements CallbackModel {
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
  /** @internal */
  readonly structure: Structure;
  readonly #feed: Feed;
  #trainable = true;
  #compiled: Compiled | null = null;
  #loop: ExplicitLoop | null = null;

  constructor(layers: readonly (Layer | Model)[] = [], options: SequentialOptions = {}) {
    const { name, trainable } = readOptions("sequential", options, { name: undefined as string | undefined, trainable: true });
    this.name = checkName("sequential", name ?? automaticName("Sequential"));
    this.#trainable = checkBoolean(this.name, "trainable", trainable);
    this.structure = new Structure(this.name);
    this.#feed = new Feed(this.structure, where => this.#loss(where));
    this.structure.extend(checkArray(this.name, "layers", layers).map(asLayer));
  }

  /** The layers in order, without an input layer. */
  get layers(): readonly Layer[] {
    return this.structure.layers;
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
    for (const layer of this.layers) layer.trainable = value;
  }

  /** Keras's, with null for the batch; null before the shape is known. */
  get inputShape(): (number | null)[] | null {
    const { inputShape } = this.structure;
    return inputShape && [null, ...inputShape];
  }

  get outputShape(): (number | null)[] | null {
    return this.structure.inputShape && [null, ...this.structure.built("outputShape").outputShape];
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
  add(layer: Layer | Model): void {
    this.structure.add(asLayer(layer));
  }

  /** Takes the last layer away and returns it: it keeps its weights. */
  pop(): Layer {
    return this.structure.pop();
  }

  /** Builds the layers for samples of a shape, when the first layer does not say it. */
  build(inputShape: readonly number[]): void {
    this.structure.build(inputShape);
  }

  /** A layer by name or place; "base/dense" is the layer "dense" of a model "base" that is a layer of this one. */
  getLayer(which: string | number): Layer {
    return this.structure.find(which);
  }

  /** Fixes how the model learns. Weights stay as they are; the optimizer starts anew. */
  compile(options: CompileOptions): void {
    this.structure.checkIdle("compile");
    const defaults: Required<CompileOptions> = { optimizer: "rmsprop", loss: null, metrics: [], weightedMetrics: [] };
    const { optimizer, loss, metrics, weightedMetrics } = readOptions("compile", options, defaults);
    this.#compiled = {
      optimizer: resolveOptimizer(optimizer),
      loss: loss === null ? null : resolveLoss(loss),
      ...resolveMetrics(checkArray("compile", "metrics", metrics), checkArray("compile", "weightedMetrics", weightedMetrics)),
    };
    this.structure.trainer = null;
  }

  /** Makes all stateful layers forget what they carry on from batch to batch. */
  resetStates(): void {
    for (const layer of this.layers) layer.resetStates();
  }

  /** Loads the kernels: after it the synchronous methods work. `fit`, `evaluate` and `predict` do it by themselves. */
  async ready(): Promise<this> {
    await this.structure.built("ready").engine.ready();
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
    const { structure } = this;
    const shuffle = (order: Uint32Array) => this.#trainer("fit").shuffle(order);
    const sources = isStream<LabelledData>(x) ? null : this.#feed.training(x, y as ArrayLikeData, all, shuffle);
    structure.checkIdle("fit");
    const { training, validation } = sources ?? (await this.#feed.trainingStream(x as Batches, all));
    try {
      structure.checkIdle("fit"); // another one may have begun while the first batch came
      structure.isFitting = true;
      try {
        await this.ready();
        this.history = await train(this.#trainer("fit"), this, training, validation, all);
        return this.history;
      } finally {
        structure.isFitting = false;
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
    const all = readOptions("evaluate", (isStream(x) ? y : options) as EvaluateOptions | undefined, evaluateDefaults);
    checkRunOptions("evaluate", all);
    const { steps, signal } = all;
    const batchSize = checkSizes("evaluate", all);
    let source: BatchSource;
    if (isStream<LabelledData>(x)) {
      refuseForStreams("evaluate", all, ["batchSize", "sampleWeight"], "Each batch has its own.");
      source = await this.#feed.labelledStream("evaluate", x, steps);
    } else source = new ArrayBatches(this.#feed.labelled("evaluate", x, y as ArrayLikeData, all), batchSize, steps, null);
    try {
      await this.ready();
      return await measure(this.#trainer("evaluate"), source, callbacksOf("evaluate", all, this, 1, source.steps), signal);
    } finally {
      await source.close();
    }
  }

  /** The model's outputs, [samples, ...outputShape], for all samples, or for batches that come one by one: x, or [x, ...]. */
  async predict(x: ArrayLikeData | Stream<ArrayLikeData | LabelledData>, options: PredictOptions = {}): Promise<Tensor> {
    const all = readOptions("predict", options, predictDefaults);
    checkRunOptions("predict", all);
    const { steps, signal } = all;
    const batchSize = checkSizes("predict", all);
    let source: BatchSource<PredictedBatch>;
    if (isStream<ArrayLikeData | LabelledData>(x)) {
      refuseForStreams("predict", all, ["batchSize"], "Each batch has its own.");
      source = await this.#feed.predictionStream(x, steps);
    } else source = this.#feed.prediction("predict", x, batchSize).source(steps);
    await this.ready();
    return predictAll(source, callbacksOf("predict", all, this, 1, source.steps), signal);
  }

  /** `predict` without a promise. @throws before ready() */
  predictSync(x: ArrayLikeData, options: { batchSize?: number } = {}): Tensor {
    const { batchSize } = readOptions("predictSync", options, { batchSize: 32 });
    this.structure.ready("predictSync");
    return this.#feed.prediction("predictSync", x, checkInteger("predictSync", "batchSize", batchSize)).run();
  }

  /** The outputs of one batch of all samples. @throws before ready() */
  predictOnBatch(x: ArrayLikeData): Tensor {
    this.structure.ready("predictOnBatch");
    return this.#feed.prediction("predictOnBatch", x).batch(0).run();
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
    const data = this.#feed.labelled("gradients", x, y, weights);
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
    const samples = this.#feed.samples("forward", x);
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
    return this.structure.built("getWeights").getWeights();
  }

  /** Replaces all weights. @throws when a number or shape does not fit; then nothing has changed */
  setWeights(weights: readonly Tensor[]): void {
    this.structure.built("setWeights").setWeights(weights, "setWeights");
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
    const totals = totalsOf(this.layers, this.getOptimizerState(), Object.keys(this.#compiled?.optimizer.numbers(0) ?? {}).length);
    print(
      summaryText(
        this.name,
        this.layers.flatMap(layer => rowsOf(layer, table.expandNested)),
        totals,
        table,
        hostTerminal()?.columns,
      ),
    );
  }

  /** The optimizer's memory by name, such as "momentum/dense/kernel"; null before the first training step. */
  getOptimizerState(): OptimizerState | null {
    return this.structure.trainer?.getState() ?? null;
  }

  /** Goes on from a state that was taken from the same layers and optimizer. @throws when it does not fit; then nothing has changed */
  setOptimizerState(state: OptimizerState): void {
    this.#trainer("setOptimizerState").setState(checkOptions("setOptimizerState", state));
  }

  /** The model without its numbers, as plain data. */
  getConfig(): ModelConfig {
    return {
      name: this.name,
      trainable: this.#trainable,
      inputShape: this.structure.inputShape,
      layers: this.layers.map(layerConfig),
      compile: this.#compiled && compileConfig(this.#compiled),
    };
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
    const network = this.structure.built("explain");
    if (training) this.#loss("explain");
    if (!training) return explain(network, new PredictStep(network, batchSize).plan, batchSize, () => "forward");
    const { plan, forward, backward } = this.#trainer("explain").step(batchSize);
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
    return this.structure.built("countParams").weights.reduce((sum, { size }) => sum + size, 0);
  }

  abstract save(path: string): Promise<void>;
  abstract saveWeights(path: string): Promise<void>;
  abstract loadWeights(path: string): Promise<void>;

  #onBatch(where: "trainOnBatch" | "testOnBatch", x: ArrayLikeData, y: ArrayLikeData, options: BatchOptions): Record<string, number> {
    const trainer = this.#trainer(where);
    this.structure.ready(where);
    const data = this.#feed.labelled(where, x, y, options);
    const averages = trainer.averages();
    trainer.run(data, inOrder(data.x.count), 0, data.x.count, where === "trainOnBatch", averages);
    return averages.logs();
  }

  #explicit(where: string): ExplicitLoop {
    this.structure.checkIdle(where);
    const trainer = this.#trainer(where);
    this.structure.ready(where);
    if (this.#loop?.trainer !== trainer) this.#loop = new ExplicitLoop(trainer);
    return this.#loop;
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

  #trainer(where: string): Trainer {
    const compiled = this.#settings(where);
    this.structure.trainer ??= new Trainer(this.structure.built(where), compiled);
    return this.structure.trainer;
  }
}

/** What stands for a model where a layer is wanted. */
function asLayer(given: unknown): unknown {
  return given instanceof Model ? new Nested(given) : given;
}
