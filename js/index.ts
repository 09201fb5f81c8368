/** Activation functions: what layers take as `activation`. */
export * as activations from "./activations/index.js";
/** What `fit` calls at each epoch and batch. */
export * as callbacks from "./callbacks/index.js";
/** Limits on weights, kept after each step. */
export * as constraints from "./constraints.js";
export { initEngine } from "./engine/builds.js";
export type { View } from "./engine/memory.js";
export type { Plan, Recorded } from "./engine/plan.js";
export { type EngineInfo, engineInfo, setThreads, type ThreadOptions } from "./engine/threads.js";
export type { FileSource } from "./files/bytes.js";
export { type LayerClass, type LoadOptions, loadModel } from "./files/load.js";
export type { KerasOptions } from "./files/save.js";
/** What weights begin with. */
export * as initializers from "./initializers.js";
/** What models are made of. */
export * as layers from "./layers/index.js";
export { Layer, type LayerOptions, type Shape } from "./layers/layer.js";
export type { Weight, WeightOptions } from "./layers/weight.js";
/** What training makes small. */
export * as losses from "./losses/index.js";
/** What training measures beside the loss, and reports on predictions. */
export * as metrics from "./metrics/index.js";
export type { Batches, LabelledData, Stream } from "./model/batches.js";
export type { ArrayLikeData } from "./model/data.js";
export type { BackwardResult, Gradients, GradientsResult } from "./model/explicit.js";
export type { FitOptions, ValidationData } from "./model/fit.js";
export type { History } from "./model/history.js";
export type { BatchOptions, CompileOptions, EvaluateOptions, Model, PredictOptions, SequentialOptions } from "./model/model.js";
export type { ClassWeight, SampleWeight } from "./model/weighting.js";
/** How weights follow their gradients. */
export * as optimizers from "./optimizers/index.js";
/** Data on its way to models: splits, scalers, encoders, tables, texts, images. */
export * as preprocessing from "./preprocessing/index.js";
export { setSeed } from "./random.js";
/** Penalties on large weights and outputs. */
export * as regularizers from "./regularizers.js";
/** Learning rates that change from step to step. */
export * as schedules from "./schedules.js";
export { Sequential, sequential } from "./sequential.js";
export { type Tensor, tensor } from "./tensor.js";
/** Keras's small helpers. */
export * as utils from "./utils.js";
