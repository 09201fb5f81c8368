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
  /** Copies of all weights. */
  getWeights(): Tensor[];
  /** Replaces all weights. */
  setWeights(weights: Tensor[]): void;
  /** the epoch and batch at which `fit` begins, both from 0: may be set in `onTrainBegin` */
  initialEpoch: number;
  initialBatch: number;
  /** Writes the model to a file. */
  save(path: string): Promise<void>;
  /** Writes the weights to a file. */
  saveWeights(path: string): Promise<void>;
  /** Reads the weights from a file. */
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
  /** Is told the model, before anything else. */
  setModel?(model: CallbackModel): void;
  /** Is told how the model was called. */
  setParams?(params: CallbackParams): void;
  /** Before `fit`'s first epoch. */
  onTrainBegin?(logs: Logs): unknown;
  /** After the last epoch, with its logs. */
  onTrainEnd?(logs: Logs): unknown;
  /** Before an epoch's first batch. */
  onEpochBegin?(epoch: number, logs: Logs): unknown;
  /** After an epoch and its validation, with the logs of both. */
  onEpochEnd?(epoch: number, logs: Logs): unknown;
  /** Before a step. */
  onTrainBatchBegin?(batch: number, logs: Logs): unknown;
  /** After a step, with the epoch's averages so far. */
  onTrainBatchEnd?(batch: number, logs: Logs): unknown;
  /** decides what becomes of a step whose loss is NaN or infinite: it is left out, and `fit` goes on; without this hook `fit` rejects */
  onInvalidLoss?(batch: number, error: Error): unknown;
  /** Before an evaluation, also of the validation data in `fit`. */
  onTestBegin?(logs: Logs): unknown;
  /** After an evaluation, with its logs. */
  onTestEnd?(logs: Logs): unknown;
  /** Before a batch is evaluated. */
  onTestBatchBegin?(batch: number, logs: Logs): unknown;
  /** After a batch was evaluated, with the averages so far. */
  onTestBatchEnd?(batch: number, logs: Logs): unknown;
  /** Before `predict`'s first batch. */
  onPredictBegin?(logs: Logs): unknown;
  /** After the last batch. */
  onPredictEnd?(logs: Logs): unknown;
  /** Before a batch is predicted. */
  onPredictBatchBegin?(batch: number, logs: Logs): unknown;
  /** After a batch, with its outputs. */
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
