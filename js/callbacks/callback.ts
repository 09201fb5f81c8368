import type { Tensor } from "../tensor.js";

/**
 * Running averages of the loss and the metrics by Keras's names; those of the validation data begin with `val_`. A metric of several values, such as
 * f1Score for each class, logs an array, for which this type is too narrow: `[logs.f1_score].flat()` is right for both.
 */
export type Logs = Record<string, number>;

/** What a callback may use of a model. */
export interface CallbackModel {
  /** true ends `fit` after the batch or epoch that runs */
  stopTraining: boolean;
  getWeights(): Tensor[];
  setWeights(weights: Tensor[]): void;
  /** the epoch and batch at which `fit` begins, both from 0: may be set in `onTrainBegin` */
  initialEpoch: number;
  initialBatch: number;
  save(path: string): Promise<void>;
  saveWeights(path: string): Promise<void>;
  loadWeights(path: string): Promise<void>;
  /** the compiled metrics; a direction says which way is better, if one is known */
  readonly metrics: readonly { readonly name: string; readonly direction?: "up" | "down" | null }[];
  /** its learning rate may be set between steps, unless it is a schedule */
  readonly optimizer: { get learningRate(): unknown; set learningRate(rate: number) };
}

/** How `fit`, `evaluate` or `predict` was called. */
export interface CallbackParams {
  epochs: number;
  /** batches in an epoch; null where that is not known beforehand */
  steps: number | null;
  verbose: 0 | 1 | 2;
}

/** Keras's hooks, all optional: an object with some of them is a callback. A hook that returns a promise is awaited. Epochs and batches count from 0. */
export interface Callback {
  setModel?(model: CallbackModel): void;
  setParams?(params: CallbackParams): void;
  onTrainBegin?(logs: Logs): unknown;
  onTrainEnd?(logs: Logs): unknown;
  onEpochBegin?(epoch: number, logs: Logs): unknown;
  onEpochEnd?(epoch: number, logs: Logs): unknown;
  onTrainBatchBegin?(batch: number, logs: Logs): unknown;
  onTrainBatchEnd?(batch: number, logs: Logs): unknown;
  /** decides what becomes of a step whose loss is NaN or infinite: it is left out, and `fit` goes on; without this hook `fit` rejects */
  onInvalidLoss?(batch: number, error: Error): unknown;
  onTestBegin?(logs: Logs): unknown;
  onTestEnd?(logs: Logs): unknown;
  onTestBatchBegin?(batch: number, logs: Logs): unknown;
  onTestBatchEnd?(batch: number, logs: Logs): unknown;
  onPredictBegin?(logs: Logs): unknown;
  onPredictEnd?(logs: Logs): unknown;
  onPredictBatchBegin?(batch: number, logs: Logs): unknown;
  onPredictBatchEnd?(batch: number, logs: { outputs: Tensor }): unknown;
}

/** The name of every member of a callback. */
export const members: Callback = {
  setModel: undefined,
  setParams: undefined,
  onTrainBegin: undefined,
  onTrainEnd: undefined,
  onEpochBegin: undefined,
  onEpochEnd: undefined,
  onTrainBatchBegin: undefined,
  onTrainBatchEnd: undefined,
  onInvalidLoss: undefined,
  onTestBegin: undefined,
  onTestEnd: undefined,
  onTestBatchBegin: undefined,
  onTestBatchEnd: undefined,
  onPredictBegin: undefined,
  onPredictEnd: undefined,
  onPredictBatchBegin: undefined,
  onPredictBatchEnd: undefined,
};
