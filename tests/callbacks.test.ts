import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { Callback, CallbackModel, CallbackParams, Logs } from "../js/callbacks/callback.js";
import { CallbackList } from "../js/callbacks/callbackList.js";
import { type EarlyStoppingOptions, earlyStopping } from "../js/callbacks/earlyStopping.js";
import { lambda } from "../js/callbacks/lambda.js";
import { Progress } from "../js/callbacks/progress.js";
import { callbacks, layers, optimizers, schedules, sequential } from "../js/index.js";
import { History } from "../js/model/history.js";
import { type Tensor, tensor } from "../js/tensor.js";
import stoppings from "./fixtures/early_stopping.json" with { type: "json" };
import lines from "./fixtures/progress.json" with { type: "json" };

const params: CallbackParams = { epochs: 1, steps: 1, verbose: 0 };

/** A model whose only weight is the number of the epoch. */
class Counter implements CallbackModel {
  stopTraining = false;
  initialEpoch = 0;
  initialBatch = 0;
  save = async () => {};
  saveWeights = async () => {};
  loadWeights = async () => {};
  weights = [tensor([0])];
  metrics = [{ name: "accuracy", direction: "up" as const }, { name: "mae", direction: "down" as const }, { name: "own" }];
  optimizer = { learningRate: 0.1 };
  getWeights(): Tensor[] {
    return this.weights;
  }
  setWeights(weights: Tensor[]): void {
    this.weights = weights;
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("CallbackList", () => {
  const recorder = (calls: string[], name: string, wait?: Promise<void>): Callback => ({
    onEpochEnd(epoch, logs) {
      calls.push(`${name} ${epoch} ${JSON.stringify(logs)}`);
      return wait;
    },
  });

  test("calls each hook in order, with the logs sorted by key", () => {
    const calls: string[] = [];
    const list = new CallbackList([recorder(calls, "a"), {}, recorder(calls, "b")], new Counter(), params);
    const pending = list.call("onEpochEnd", 3, { val_loss: 1, loss: 2, accuracy: 0.5 });
    const logs = '{"accuracy":0.5,"loss":2,"val_loss":1}';
    expect(calls).toEqual([`a 3 ${logs}`, `b 3 ${logs}`]);
    expect(pending).toBeUndefined();
  });

  test("lets the hooks after a promise wait for it", async () => {
    const calls: string[] = [];
    let resolve = () => {};
    const wait = new Promise<void>(done => {
      resolve = done;
    });
    const list = new CallbackList([recorder(calls, "a", wait), recorder(calls, "b")], new Counter(), params);
    const pending = list.call("onEpochEnd", 0, {});
    await Promise.resolve();
    expect(calls).toEqual(["a 0 {}"]);
    resolve();
    await pending;
    expect(calls).toEqual(["a 0 {}", "b 0 {}"]);
  });

  test("passes a failure on, and calls nothing after it", async () => {
    const calls: string[] = [];
    const failing: Callback = { onEpochEnd: () => Promise.reject(new Error("disk full")) };
    const list = new CallbackList([failing, recorder(calls, "b")], new Counter(), params);
    await expect(list.call("onEpochEnd", 0, {})).rejects.toThrow("disk full");
    expect(calls).toEqual([]);
  });

  test("hands over the model and the parameters, and says who listens", () => {
    const callback = { setModel: vi.fn(), setParams: vi.fn(), onTrainBegin: () => {} };
    const model = new Counter();
    const list = new CallbackList([callback], model, params);
    expect(callback.setModel).toHaveBeenCalledWith(model);
    expect(callback.setParams).toHaveBeenCalledWith(params);
    expect(list.has("onTrainBegin")).toBe(true);
    expect(list.has("onTrainBatchEnd")).toBe(false);
  });

  test("shows later callbacks what an earlier one adds to the logs", () => {
    const history = new History();
    const rate: Callback = { onEpochEnd: (_, logs) => (logs.learning_rate = 0.1) };
    const list = new CallbackList([rate, history], new Counter(), params);
    list.call("onEpochEnd", 0, { loss: 2 });
    list.call("onEpochEnd", 1, { loss: 1, val_loss: 3 });
    expect(history).toEqual({ history: { loss: [2, 1], learning_rate: [0.1, 0.1], val_loss: [3] }, epoch: [0, 1] });
    expect(Object.keys(history.history)).toEqual(["loss", "learning_rate", "val_loss"]);
  });

  test("refuses what is no callback and hooks that nobody would call", () => {
    const make = (callback: unknown) => () => new CallbackList([callback as Callback], new Counter(), params);
    expect(make("earlyStopping")).toThrow(new Error('callbacks: expected objects with hooks, got "earlyStopping".'));
    const misspelt = 'unknown option "onEpochsEnd". Did you mean "onEpochEnd"?';
    expect(make({ onEpochsEnd: () => {} })).toThrow(new Error(`callbacks: ${misspelt}`));
    expect(() => lambda({ onEpochsEnd: () => {} } as Callback)).toThrow(new Error(`lambda: ${misspelt}`));
  });

  test("takes a lambda", () => {
    const onTestEnd = vi.fn();
    new CallbackList([lambda({ onTestEnd })], new Counter(), params).call("onTestEnd", { loss: 1 });
    expect(onTestEnd).toHaveBeenCalledWith({ loss: 1 });
  });
});

describe("earlyStopping", () => {
  /** Trains until the callback stops it; each epoch's weights are its number. */
  function train(options: EarlyStoppingOptions, series: (number | null)[], stopping = earlyStopping({ ...options, verbose: 1 })) {
    const model = new Counter();
    let text = "";
    vi.spyOn(console, "log").mockImplementation(line => (text += `${line}\n`));
    stopping.setModel(model);
    stopping.onTrainBegin();
    let epochs = 0;
    while (epochs < series.length && !model.stopTraining) {
      model.weights = [tensor([epochs])];
      stopping.onEpochEnd(epochs, { [options.monitor ?? "val_loss"]: series[epochs++] ?? Number.NaN });
    }
    stopping.onTrainEnd();
    return { epochs, stoppedEpoch: stopping.stoppedEpoch, bestEpoch: stopping.bestEpoch, weights: model.weights[0].data[0], text };
  }

  test.each(stoppings)("stops as Keras: $options for $series", ({ options, series, expected }) => {
    expect(train(options as EarlyStoppingOptions, series)).toEqual(expected);
  });

  test("starts anew with each training", () => {
    const stopping = earlyStopping({ patience: 1, restoreBestWeights: true });
    const first = train({}, [1, 0, 1, 1], stopping);
    expect(first.epochs).toBe(3);
    expect(train({}, [1, 0, 1, 1], stopping)).toEqual(first);
  });

  test("takes camelCase names", () => {
    const stopping = earlyStopping({ monitor: "valAccuracy" });
    stopping.setModel(new Counter());
    stopping.onTrainBegin();
    stopping.onEpochEnd(0, { val_accuracy: 0.5 });
    stopping.onEpochEnd(1, { val_accuracy: 0.6 });
    expect(stopping.best).toBe(0.6);
  });

  test("warns once when the value is missing, and never stops", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = new Counter();
    const stopping = earlyStopping();
    stopping.setModel(model);
    stopping.onTrainBegin();
    for (let epoch = 0; epoch < 3; epoch++) stopping.onEpochEnd(epoch, { accuracy: 1, loss: 1 });
    expect(warn.mock.calls).toEqual([['earlyStopping: "val_loss" is not among the epoch\'s values: accuracy, loss.']]);
    expect(model.stopTraining).toBe(false);
  });

  test.each([
    [{ patiance: 3 }, 'earlyStopping: unknown option "patiance". Did you mean "patience"?'],
    [{ mode: "lowest" }, 'earlyStopping: mode must be "auto" or "min" or "max", got "lowest".'],
    [{ patience: -1 }, "earlyStopping: patience must be an integer of at least 0, got -1."],
    [{ startFromEpoch: 0.5 }, "earlyStopping: startFromEpoch must be an integer of at least 0, got 0.5."],
  ])("refuses %j", (options, message) => {
    expect(() => earlyStopping(options as object)).toThrow(new Error(message));
  });

  test("refuses to guess which way is better", () => {
    const stopping = earlyStopping({ monitor: "val_own" });
    stopping.setModel(new Counter());
    stopping.onTrainBegin();
    const message = 'earlyStopping: whether a high or a low "val_own" is better is not known; give mode: "max" or mode: "min".';
    expect(() => stopping.onEpochEnd(0, { val_own: 1 })).toThrow(new Error(message));
  });
});

describe("Progress", () => {
  const numbers = (logs: object): Logs => Object.fromEntries(Object.entries(logs).map(([name, text]) => [name, Number(text)]));

  /** What is written while an epoch runs by the clock of a fixture. */
  function run({ verbose, epochs, steps, seconds, batchLogs, epochLogs }: (typeof lines)[number], isTTY: boolean, columns = 200): string {
    let text = "";
    let clock = 0;
    const terminal = { isTTY, columns, write: (part: string) => (text += part) };
    const progress = new Progress(terminal, () => 1000 + clock);
    progress.setParams({ verbose: verbose as 0 | 1 | 2, epochs, steps });
    progress.onTrainBegin();
    clock = seconds[0];
    progress.onEpochBegin(0);
    for (let batch = 0; batch < steps; batch++) {
      clock = seconds[batch + 1];
      progress.onTrainBatchEnd(batch, numbers(batchLogs));
    }
    clock = seconds[steps + 1];
    progress.onTestBegin();
    progress.onTestBatchEnd(0, { loss: 7 });
    progress.onTestEnd({ loss: 7 });
    progress.onEpochEnd(0, numbers(epochLogs));
    return text;
  }

  test.each(lines)("verbose $verbose writes in a terminal what Keras does: $steps steps, $epochLogs", line => {
    expect(run(line, true)).toBe(line.text);
  });

  test.each(lines)("verbose $verbose writes only the last state, without colours, elsewhere: $steps steps, $epochLogs", line => {
    const header = line.text.match(/^Epoch.*\n/)?.[0] ?? "";
    const last = stripVTControlCharacters(line.text).slice(header.length).split("\r").at(-1)!;
    expect(run(line, false)).toBe(header + last.replace(/ +\n/, "\n"));
  });

  test("cuts what it draws over to the line's width, but not the last drawing", () => {
    const drawings = stripVTControlCharacters(run(lines[0], true, 40))
      .split("\n")[1]
      .split("\r")
      .slice(1);
    expect(drawings.map(drawing => drawing.length)).toEqual([39, 39, 39, drawings[3].length]);
    expect(drawings[3]).toContain("val_loss: 12.5000");
  });

  test("draws an evaluation and a prediction of their own", () => {
    let text = "";
    const make = () => {
      const progress = new Progress({ write: part => (text += part) }, () => 0);
      progress.setParams({ verbose: 1, epochs: 1, steps: 2 });
      return progress;
    };
    const evaluation = make();
    evaluation.onTestBegin();
    evaluation.onTestBatchEnd(0, { loss: 1 });
    evaluation.onTestBatchEnd(1, { loss: 1 });
    evaluation.onTestEnd({ loss: 0.5 });
    const prediction = make();
    prediction.onPredictBegin();
    prediction.onPredictBatchEnd(0);
    prediction.onPredictBatchEnd(1);
    prediction.onPredictEnd();
    expect(text).toBe("2/2 ━━━━━━━━━━━━━━━━━━━━ 0s 0s/step - loss: 0.5000\n2/2 ━━━━━━━━━━━━━━━━━━━━ 0s 0s/step\n");
  });
});

const noise = { x: tensor([[1], [2], [3], [4]]), y: tensor([[1], [2], [3], [5]]) };

async function trainable(learningRate: number | ReturnType<typeof schedules.exponentialDecay> = 0.1) {
  const model = sequential([layers.dense(1, { inputShape: [1] })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "mse" });
  return model.ready();
}

describe("learningRateScheduler", () => {
  test("sets the rate of each epoch by the one before", async () => {
    const model = await trainable(0.1);
    const scheduler = callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2));
    const { history } = await model.fit(noise.x, noise.y, { epochs: 3, verbose: 0, callbacks: [scheduler] });
    expect(history.learning_rate).toEqual([0.1, 0.05, 0.025]);
    expect(model.optimizer.learningRate).toBe(0.025);
  });

  test.each([
    [() => Number.NaN, "learningRateScheduler: schedule must return a number of at least 0, got NaN for epoch 0."],
    [() => "0.1" as never, 'learningRateScheduler: schedule must return a number of at least 0, got "0.1" for epoch 0.'],
  ])("refuses what is no rate", async (schedule, message) => {
    const model = await trainable();
    const fit = model.fit(noise.x, noise.y, { verbose: 0, callbacks: [callbacks.learningRateScheduler(schedule)] });
    await expect(fit).rejects.toThrow(message);
  });

  test("does not fight a schedule of the optimizer's own", async () => {
    const model = await trainable(schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.9 }));
    for (const callback of [callbacks.learningRateScheduler(() => 1), callbacks.reduceLrOnPlateau({ monitor: "loss" })]) {
      await expect(model.fit(noise.x, noise.y, { verbose: 0, callbacks: [callback] })).rejects.toThrow("follows a schedule already");
    }
  });

  test("needs a function", () => {
    expect(() => callbacks.learningRateScheduler(0.1 as never)).toThrow("learningRateScheduler: schedule must be a function");
  });
});

describe("reduceLrOnPlateau", () => {
  test.each([
    [{ factor: 1 }, "reduceLrOnPlateau: factor must be below 1, got 1."],
    [{ patience: -1 }, "reduceLrOnPlateau: patience must be an integer of at least 0, got -1."],
    [{ minLR: 1 } as object, 'reduceLrOnPlateau: unknown option "minLR". Did you mean "minLr"?'],
  ])("%o", (options, message) => {
    expect(() => callbacks.reduceLrOnPlateau(options)).toThrow(message);
  });
});

describe("terminateOnNaN", () => {
  const huge = tensor([[1], [1e30], [1], [1]]);

  test("ends the training with the weights of the step before", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = await trainable();
    const before = model.getWeights();
    const options = { epochs: 3, batchSize: 4, verbose: 0 as const, callbacks: [callbacks.terminateOnNaN()] };
    const { epoch, history } = await model.fit(huge, noise.y, options);
    expect(epoch).toEqual([0]);
    expect(history.loss[0]).not.toBeLessThan(Number.POSITIVE_INFINITY);
    expect(model.getWeights()).toEqual(before);
    expect(warn.mock.calls[0][0]).toMatch("Batch 0: Invalid loss, terminating training.");
  });

  test("rejects when it is asked to, as without it", async () => {
    const model = await trainable();
    const fit = model.fit(huge, noise.y, { verbose: 0, callbacks: [callbacks.terminateOnNaN({ raiseError: true })] });
    await expect(fit).rejects.toThrow("The loss became Infinity at step 1");
    await expect(model.fit(huge, noise.y, { verbose: 0 })).rejects.toThrow("The loss became Infinity at step 1");
  });
});

describe("csvLogger", () => {
  const directory = mkdtempSync(join(tmpdir(), "wasmind-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const read = (name: string) => readFileSync(join(directory, name), "utf8").trimEnd().split("\n");

  test("writes names, then a line an epoch", async () => {
    const model = await trainable();
    const logger = callbacks.csvLogger(join(directory, "new.csv"));
    const options = { epochs: 2, verbose: 0 as const, callbacks: [logger], validationData: [noise.x, noise.y] as [Tensor, Tensor] };
    const { history } = await model.fit(noise.x, noise.y, options);
    const lines = [0, 1].map(epoch => `${epoch},${history.loss[epoch]},${history.val_loss[epoch]}`);
    expect(read("new.csv")).toEqual(["epoch,loss,val_loss", ...lines]);
  });

  test("goes on with a file when it is asked to, and leaves room for validation that comes later", async () => {
    const model = await trainable();
    const path = join(directory, "old.csv");
    const options = { verbose: 0 as const, validationData: [noise.x, noise.y] as [Tensor, Tensor], validationFreq: 2 };
    await model.fit(noise.x, noise.y, { ...options, callbacks: [callbacks.csvLogger(path, { separator: ";" })] });
    await model.fit(noise.x, noise.y, {
      ...options,
      ...{ initialEpoch: 1, epochs: 2 },
      callbacks: [callbacks.csvLogger(path, { separator: ";", append: true })],
    });
    const lines = read("old.csv").map(line => line.split(";"));
    expect(lines.map(cells => cells.length)).toEqual([3, 3, 3]);
    expect(lines[0]).toEqual(["epoch", "loss", "val_loss"]);
    expect(lines[1][2]).toBe("NA");
    expect(Number(lines[2][2])).toBeGreaterThan(0);
  });

  test("refuses what is no path", () => {
    expect(() => callbacks.csvLogger("")).toThrow("csvLogger: expected a file's path");
  });
});
