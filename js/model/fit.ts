import type { CallbackModel } from "../callbacks/callback.js";
import { checkArray, checkBoolean, checkInteger, checkNumber } from "../options.js";
import { type Batches, type BatchSource, isStream, type LabelledData } from "./batches.js";
import type { Samples } from "./data.js";
import { measure } from "./evaluate.js";
import { History } from "./history.js";
import { Pauses } from "./pause.js";
import { callbacksOf, checkRunOptions, type RunOptions } from "./run.js";
import { type Dataset, InvalidLossError, type Trainer } from "./trainer.js";
import type { ClassWeight, SampleWeight } from "./weighting.js";

/** Labelled samples to validate on, [x, y] or [x, y, sampleWeight], or batches of them. */
export type ValidationData = LabelledData | Batches;

/** How `fit` trains. */
export interface FitOptions extends RunOptions {
  /** passes over the data; default 1 */
  epochs?: number;
  /** samples a step; default 32, or what makes stepsPerEpoch steps of all samples; batches that come one by one have their own */
  batchSize?: number | null;
  /** ends an epoch after so many steps, and the next one goes on from there; default: when all samples were seen */
  stepsPerEpoch?: number | null;
  /** the share of samples, taken from the end before shuffling, that is kept for validation; default 0 */
  validationSplit?: number;
  /** takes the place of validationSplit */
  validationData?: ValidationData | null;
  /** default: batchSize */
  validationBatchSize?: number | null;
  /** ends a validation after so many steps; default: when all samples were seen */
  validationSteps?: number | null;
  /** validate after every so many epochs, or after the epochs (counted from 1) of a list; default 1 */
  validationFreq?: number | number[];
  /** a new order of samples each epoch; default true; batches that come one by one stay in order */
  shuffle?: boolean;
  /** how much each class counts in the loss: { 0: 1, 1: 20 } */
  classWeight?: ClassWeight | null;
  /** how much each sample counts in the loss */
  sampleWeight?: SampleWeight | null;
  /** the first epoch's number, to go on with an earlier training; default 0 */
  initialEpoch?: number;
}

export const fitDefaults: Required<FitOptions> = {
  epochs: 1,
  batchSize: null,
  stepsPerEpoch: null,
  validationSplit: 0,
  validationData: null,
  validationBatchSize: null,
  validationSteps: null,
  validationFreq: 1,
  shuffle: true,
  classWeight: null,
  sampleWeight: null,
  initialEpoch: 0,
  verbose: "auto",
  callbacks: [],
  signal: null,
};

export function checkFitOptions(options: Required<FitOptions>): void {
  checkInteger("fit", "epochs", options.epochs);
  for (const name of ["batchSize", "stepsPerEpoch", "validationBatchSize", "validationSteps"] as const) {
    if (options[name] !== null) checkInteger("fit", name, options[name]);
  }
  checkInteger("fit", "initialEpoch", options.initialEpoch, 0);
  for (const epochs of [options.validationFreq].flat()) checkInteger("fit", "validationFreq", epochs);
  checkNumber("fit", "validationSplit", options.validationSplit, 0, 1);
  checkBoolean("fit", "shuffle", options.shuffle);
  checkRunOptions("fit", options);
  const validationData: unknown = options.validationData;
  if (validationData === null || isStream(validationData)) return;
  const { length } = checkArray("fit", "validationData", validationData);
  if (![2, 3].includes(length)) {
    throw new Error(`fit: validationData must be [x, y] or [x, y, sampleWeight], got ${length} elements.`);
  }
}

/** The first and the last part of samples. */
function split({ data, count, size }: Samples, at: number): [Samples, Samples] {
  return [
    { data: data.subarray(0, at * size), count: at, size },
    { data: data.subarray(at * size), count: count - at, size },
  ];
}

/** Takes the last share of samples away for validation. @throws when one side would be empty */
export function splitForValidation(data: Dataset, share: number): [Dataset, Dataset] {
  const at = Math.floor(data.x.count * (1 - share));
  if (at === 0 || at === data.x.count) {
    throw new Error(
      `fit: validationSplit of ${share} leaves ${at} samples for training and ${data.x.count - at} for validation. Both need some.`,
    );
  }
  const [x, xVal] = split(data.x, at);
  const [y, yVal] = split(data.y, at);
  const [weights, weightsVal] = data.weights ? split(data.weights, at) : [null, null];
  return [
    { x, y, weights },
    { x: xVal, y: yVal, weights: weightsVal },
  ];
}

/** Keras's training loop: hooks, logs and history in its order. */
export async function train(
  trainer: Trainer,
  model: CallbackModel,
  source: BatchSource,
  validation: BatchSource | null,
  options: Required<FitOptions>,
): Promise<History> {
  const { epochs, signal, validationFreq } = options;
  const history = new History();
  const callbacks = callbacksOf("fit", options, model, epochs, source.steps, [history]);
  const pauses = new Pauses();
  model.stopTraining = false;
  model.initialEpoch = options.initialEpoch;
  model.initialBatch = 0;
  let logs = {};
  await callbacks.call("onTrainBegin", {});
  for (let epoch = model.initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
    trainer.resumedAt = epoch === model.initialEpoch ? model.initialBatch : 0;
    source.start(false);
    await callbacks.call("onEpochBegin", epoch, {});
    const averages = trainer.averages();
    let step = 0;
    while (step < trainer.resumedAt && (await source.next())) step++;
    for (; !model.stopTraining; step++) {
      signal?.throwIfAborted();
      const given = source.next();
      const batch = given instanceof Promise ? await given : given;
      if (!batch) break;
      const pending = callbacks.call("onTrainBatchBegin", step, {});
      if (pending) await pending;
      try {
        trainer.run(batch.data, batch.order, batch.begin, batch.end, true, averages);
      } catch (error) {
        if (!(error instanceof InvalidLossError) || !callbacks.has("onInvalidLoss")) throw error;
        await callbacks.call("onInvalidLoss", step, error);
      }
      if (callbacks.has("onTrainBatchEnd")) await callbacks.call("onTrainBatchEnd", step, averages.logs());
      const pause = pauses.next();
      if (pause) await pause;
    }
    if (step === 0) break; // the data has run out
    logs = averages.logs();
    const due = Array.isArray(validationFreq) ? validationFreq.includes(epoch + 1) : (epoch + 1) % validationFreq === 0;
    if (validation && due) {
      const measured = await measure(trainer, validation, callbacks, signal);
      for (const [name, value] of Object.entries(measured)) logs = { ...logs, [`val_${name}`]: value };
    }
    await callbacks.call("onEpochEnd", epoch, logs);
  }
  trainer.finish();
  await callbacks.call("onTrainEnd", logs);
  return history;
}
