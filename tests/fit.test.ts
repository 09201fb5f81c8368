import { describe, expect, test } from "vitest";
import { type ArrayLikeData, callbacks, type FitOptions, layers, optimizers, type Sequential, sequential, setSeed } from "../js/index.js";
import { uniform } from "./kernels/data.js";
import { bits, classifier, convnet, distance, forward, regression, samples } from "./nets.js";
import * as reference from "./reference.js";

const { x, values, classes, oneHot } = samples(20);
const quiet = { verbose: 0 } as const;

/** One unit without activation on mse: y = x · w + b. Its training, in float64, by hand. */
class Line {
  w = new Float64Array(4);
  b = 0;
  readonly losses: number[] = [];

  predict(row: ArrayLike<number>) {
    return this.w.reduce((sum, w, j) => sum + w * row[j], this.b);
  }

  /** The mean of weight · error² over samples; with a rate, also a step of gradient descent. */
  batch(rows: number[], rate = 0, weights: number[] = []) {
    const errors = rows.map(i => this.predict(rowOf(i)) - values[i][0]);
    const weightOf = (k: number) => weights[rows[k]] ?? 1;
    const loss = errors.reduce((sum, e, k) => sum + weightOf(k) * e * e, 0) / rows.length;
    const slopes = errors.map((e, k) => (2 * weightOf(k) * e) / rows.length);
    this.w.forEach((_, j) => {
      this.w[j] -= rate * slopes.reduce((sum, slope, k) => sum + slope * rowOf(rows[k])[j], 0);
    });
    this.b -= rate * slopes.reduce((a, b) => a + b, 0);
    return loss;
  }

  /** Keras's loss of an epoch: each batch's before its step, weighed by its samples. */
  epoch(order: number[], batchSize: number, rate = 0, weights: number[] = []) {
    let total = 0;
    for (let begin = 0; begin < order.length; begin += batchSize) {
      const rows = order.slice(begin, begin + batchSize);
      total += rows.length * this.batch(rows, rate, weights);
    }
    return total / order.length;
  }
}

const rowOf = (i: number) => x.data.subarray(4 * i, 4 * i + 4);
const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => from + i);
const part = (begin: number, end: number) => ({ data: x.data.slice(4 * begin, 4 * end), shape: [end - begin, 4] });

function line(): Sequential {
  const model = sequential([layers.dense(1, { inputShape: [4], kernelInitializer: "zeros" })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "mse" });
  return model;
}

/** The model's weights against those of the training by hand. */
function expectWeights(model: Sequential, { w, b }: Line) {
  const [kernel, bias] = model.getWeights();
  expect(distance(kernel.data, w)).toBeLessThan(1e-6);
  expect(distance(bias.data, [b])).toBeLessThan(1e-6);
}

describe("fit", () => {
  test("takes the steps of gradient descent, with a smaller last batch", async () => {
    const [model, byHand] = [line(), new Line()];
    const { history, epoch } = await model.fit(x, values, { epochs: 3, batchSize: 8, shuffle: false, ...quiet });
    const expected = [1, 2, 3].map(() => byHand.epoch(upTo(20), 8, 0.1));
    expect(distance(history.loss, expected)).toBeLessThan(1e-6);
    expect(epoch).toEqual([0, 1, 2]);
    expectWeights(model, byHand);
  });

  test("trains one epoch of batches of 32 unless told otherwise", async () => {
    const model = line();
    const { x, values } = samples(70);
    const { epoch } = await model.fit(x, values, quiet);
    expect(epoch).toEqual([0]);
    expect(model.getOptimizerState()?.iterations).toBe(3);
  });

  test("validates on the last samples, which it does not train on", async () => {
    const [model, byHand] = [line(), new Line()];
    const { history } = await model.fit(x, values, { epochs: 2, batchSize: 8, shuffle: false, validationSplit: 0.3, ...quiet });
    const expected = [1, 2].map(() => [byHand.epoch(upTo(14), 8, 0.1), byHand.epoch(upTo(20, 14), 8)]);
    expect(Object.keys(history)).toEqual(["loss", "val_loss"]);
    expect(
      distance(
        history.loss,
        expected.map(([loss]) => loss),
      ),
    ).toBeLessThan(1e-6);
    expect(
      distance(
        history.val_loss,
        expected.map(([, loss]) => loss),
      ),
    ).toBeLessThan(1e-6);
    expectWeights(model, byHand);
  });

  test("splits before it shuffles", async () => {
    const [model, byHand] = [line(), new Line()];
    await model.fit(x, values, { batchSize: 20, validationSplit: 0.3, ...quiet });
    byHand.epoch(upTo(14), 20, 0.1);
    expectWeights(model, byHand);
  });

  test("prefers validationData to validationSplit, and weighs them by their own weights", async () => {
    const [model, byHand] = [line(), new Line()];
    const weights = upTo(20).map(i => i / 4);
    const validationData: FitOptions["validationData"] = [part(10, 20), values.slice(10), weights.slice(10)];
    const options = { batchSize: 8, shuffle: false, validationData, validationSplit: 0.5, validationBatchSize: 3, ...quiet };
    const { history } = await model.fit(x, values, options);
    expect(distance(history.loss, [byHand.epoch(upTo(20), 8, 0.1)])).toBeLessThan(1e-6);
    expect(distance(history.val_loss, [byHand.epoch(upTo(20, 10), 3, 0, weights)])).toBeLessThan(1e-6);
  });

  test.each<[number | number[], number[]]>([
    [1, [0, 1, 2, 3, 4]],
    [2, [1, 3]],
    [5, [4]],
    [
      [1, 4],
      [0, 3],
    ],
    [[9], []],
  ])("validates as often as validationFreq says: %j", async (validationFreq, expected) => {
    const validated: number[] = [];
    const watch = { onEpochEnd: (epoch: number, logs: object) => void ("val_loss" in logs && validated.push(epoch)) };
    const { history } = await line().fit(x, values, { epochs: 5, validationSplit: 0.5, validationFreq, callbacks: [watch], ...quiet });
    expect(validated).toEqual(expected);
    expect(history.loss).toHaveLength(5);
    expect(history.val_loss ?? []).toHaveLength(expected.length);
  });

  test("starts at initialEpoch and ends at epochs", async () => {
    const begun: number[] = [];
    const options = { epochs: 5, initialEpoch: 3, callbacks: [callbacks.lambda({ onEpochBegin: epoch => begun.push(epoch) })], ...quiet };
    expect((await line().fit(x, values, options)).epoch).toEqual([3, 4]);
    expect(begun).toEqual([3, 4]);
    expect((await line().fit(x, values, { epochs: 2, initialEpoch: 2, ...quiet })).epoch).toEqual([]);
  });

  test("weighs samples", async () => {
    const weights = upTo(20).map(i => i / 8);
    for (const sampleWeight of [weights, Float64Array.from(weights), { data: Float32Array.from(weights), shape: [20, 1] }]) {
      const [model, byHand] = [line(), new Line()];
      const { history } = await model.fit(x, values, { epochs: 2, batchSize: 8, shuffle: false, sampleWeight, ...quiet });
      const expected = [1, 2].map(() => byHand.epoch(upTo(20), 8, 0.1, weights));
      expect(distance(history.loss, expected)).toBeLessThan(1e-6);
      expectWeights(model, byHand);
    }
  });

  test("splits sample weights with the samples", async () => {
    const [model, byHand] = [line(), new Line()];
    const weights = upTo(20).map(i => i / 8);
    const { history } = await model.fit(x, values, { shuffle: false, sampleWeight: weights, validationSplit: 0.5, ...quiet });
    expect(distance(history.loss, [byHand.epoch(upTo(10), 32, 0.1, weights)])).toBeLessThan(1e-6);
    expect(distance(history.val_loss, [byHand.epoch(upTo(20, 10), 32, 0, weights)])).toBeLessThan(1e-6);
  });

  test.each<[string, string, ArrayLikeData]>([
    ["one-hot labels", "categorical_crossentropy", oneHot],
    ["numbers of classes", "sparse_categorical_crossentropy", classes],
  ])("weighs classes of %s as it weighs samples", async (_, loss, y) => {
    const histories = [];
    for (const weights of [{ classWeight: { 1: 5, 2: 0.5 } }, { sampleWeight: classes.map(c => [1, 5, 0.5][c]) }]) {
      setSeed(4);
      const model = classifier({ loss });
      const { history } = await model.fit(x, y, { epochs: 3, ...weights, ...quiet });
      histories.push({ history, weights: bits(model.getWeights()) });
    }
    expect(histories[1]).toEqual(histories[0]);
    setSeed(4);
    const { history } = await classifier({ loss }).fit(x, y, { epochs: 3, ...quiet });
    expect(history.accuracy[0]).toBe(histories[0].history.accuracy[0]);
    expect(history.loss).not.toEqual(histories[0].history.loss);
  });

  test("weighs classes of one sigmoid unit", async () => {
    const binary = classes.map(c => Number(c === 1));
    const runs = [];
    for (const weights of [{ classWeight: { 0: 1, 1: 20 } }, { sampleWeight: binary.map(c => 1 + 19 * c) }]) {
      setSeed(4);
      const model = sequential([layers.dense(1, { inputShape: [4], activation: "sigmoid" })]);
      model.compile({ optimizer: "adam", loss: "binary_crossentropy" });
      runs.push((await model.fit(x, binary, { epochs: 2, ...weights, ...quiet })).history);
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  test("calls the hooks in Keras's order, with running averages sorted by name", async () => {
    const calls: string[] = [];
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void calls.push([name, ...args.map(arg => (typeof arg === "object" ? Object.keys(arg as object).join() : arg))].join(" ").trim());
    const hooks = ["TrainBegin", "TrainEnd", "EpochBegin", "EpochEnd", "TrainBatchBegin", "TrainBatchEnd"];
    const testHooks = ["TestBegin", "TestEnd", "TestBatchBegin", "TestBatchEnd"];
    const spy = Object.fromEntries([...hooks, ...testHooks].map(hook => [`on${hook}`, note(hook)]));
    const params: unknown[] = [];
    const model = regression();
    const setters = { setModel: (m: unknown) => params.push(m), setParams: (p: unknown) => params.push(p) };
    await model.fit(x, values, { batchSize: 8, validationSplit: 0.25, callbacks: [{ ...spy, ...setters }], ...quiet });
    expect(params).toEqual([model, { epochs: 1, steps: 2, verbose: 0 }]);
    expect(calls).toEqual([
      "TrainBegin",
      "EpochBegin 0",
      "TrainBatchBegin 0",
      "TrainBatchEnd 0 loss,mae",
      "TrainBatchBegin 1",
      "TrainBatchEnd 1 loss,mae",
      "TestBegin",
      "TestBatchBegin 0",
      "TestBatchEnd 0 loss,mae",
      "TestEnd loss,mae",
      "EpochEnd 0 loss,mae,val_loss,val_mae",
      "TrainEnd loss,mae,val_loss,val_mae",
    ]);
  });

  test("gives batches the averages of their epoch so far", async () => {
    const seen: number[] = [];
    const byHand = new Line();
    const options = {
      batchSize: 8,
      shuffle: false,
      callbacks: [{ onTrainBatchEnd: (_: number, { loss }: { loss: number }) => void seen.push(loss) }],
    };
    const { history } = await line().fit(x, values, { ...options, ...quiet });
    const [a, b, c] = [upTo(8), upTo(16, 8), upTo(20, 16)].map(rows => byHand.batch(rows, 0.1));
    expect(distance(seen, [a, (a + b) / 2, (8 * a + 8 * b + 4 * c) / 20])).toBeLessThan(1e-6);
    expect(history.loss).toEqual([seen[2]]);
  });

  test("waits for hooks that return promises", async () => {
    const order: string[] = [];
    const slow = (name: string) => () => new Promise<void>(resolve => setTimeout(() => resolve(void order.push(name)), 2));
    const hooks = {
      onEpochBegin: slow("begin"),
      onTrainBatchBegin: slow("batch"),
      onTrainBatchEnd: slow("batch end"),
      onEpochEnd: slow("end"),
    };
    await line().fit(x, values, { callbacks: [hooks], ...quiet });
    expect(order).toEqual(["begin", "batch", "batch end", "end"]);
  });

  test("stops after the batch, or after the epoch, that sets stopTraining", async () => {
    const model = line();
    const ended: number[] = [];
    const stop = {
      onTrainBatchEnd: (batch: number) => void (model.stopTraining = batch === 1),
      onEpochEnd: (epoch: number) => void ended.push(epoch),
    };
    await model.fit(x, values, { epochs: 3, batchSize: 4, callbacks: [stop], ...quiet });
    expect(model.getOptimizerState()?.iterations).toBe(2);
    expect(ended).toEqual([0]);
    const { epoch } = await model.fit(x, values, {
      epochs: 3,
      callbacks: [{ onEpochEnd: e => void (model.stopTraining = e === 1) }],
      ...quiet,
    });
    expect(epoch).toEqual([0, 1]);
    expect((await model.fit(x, values, { epochs: 3, ...quiet })).epoch).toEqual([0, 1, 2]);
  });

  test("stops early and brings the best weights back", async () => {
    const model = line();
    const seen: ReturnType<typeof bits>[] = [];
    const validationData: [ArrayLikeData, ArrayLikeData] = [x, values.map(([v]) => [-v])];
    const stopping = callbacks.earlyStopping({ patience: 2, restoreBestWeights: true });
    const watch = { onEpochEnd: () => void seen.push(bits(model.getWeights())) };
    const { epoch, history } = await model.fit(x, values, { epochs: 9, validationData, callbacks: [watch, stopping], ...quiet });
    expect(epoch).toEqual([0, 1, 2]);
    expect(Math.min(...history.val_loss)).toBe(history.val_loss[0]);
    expect(bits(model.getWeights())).toEqual(seen[0]);
  });

  test("keeps the history of the last training", async () => {
    const model = line();
    expect(model.history).toBeNull();
    const history = await model.fit(x, values, { epochs: 2, ...quiet });
    expect(model.history).toBe(history);
    expect((await model.fit(x, values, quiet)).epoch).toEqual([0]);
    expect(history.epoch).toEqual([0, 1]);
  });

  test("goes on from where the last training ended", async () => {
    const [twice, once] = [line(), line()];
    const options = { batchSize: 8, shuffle: false, ...quiet };
    await twice.fit(x, values, { ...options, epochs: 2 });
    await twice.fit(x, values, { ...options, epochs: 5, initialEpoch: 2 });
    await once.fit(x, values, { ...options, epochs: 5 });
    expect(bits(twice.getWeights())).toEqual(bits(once.getWeights()));
  });

  test("reaches a solution: XOR", async () => {
    setSeed(42);
    const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [2] }), layers.dense(1, { activation: "sigmoid" })]);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
    const corners = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const { history } = await model.fit(corners, [0, 1, 1, 0], { epochs: 300, ...quiet });
    expect(history.accuracy.at(-1)).toBe(1);
    expect(history.loss.at(-1)).toBeLessThan(0.05);
  });
});

describe("an AbortSignal", () => {
  test("ends fit with its reason, after the step that runs", async () => {
    const model = regression({ optimizer: "adam" });
    const abort = new AbortController();
    const reason = new Error("enough");
    const hooks = { onTrainBatchEnd: (batch: number) => void (batch === 2 && abort.abort(reason)) };
    const fit = model.fit(x, values, { epochs: 5, batchSize: 2, signal: abort.signal, callbacks: [hooks], ...quiet });
    await expect(fit).rejects.toBe(reason);
    expect(model.getOptimizerState()?.iterations).toBe(3);
    expect(model.history).toBeNull();
    expect(model.getWeights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect((await model.fit(x, values, { epochs: 2, ...quiet })).epoch).toEqual([0, 1]);
    expect(distance((await model.predict(x)).data, forward(model, x).data)).toBeLessThan(1e-6);
  });

  test("that was aborted before lets nothing begin", async () => {
    const model = regression();
    const before = bits(model.getWeights());
    const signal = AbortSignal.abort();
    await expect(model.fit(x, values, { signal, ...quiet })).rejects.toBe(signal.reason);
    await expect(model.evaluate(x, values, { signal, ...quiet })).rejects.toBe(signal.reason);
    await expect(model.predict(x, { signal })).rejects.toBe(signal.reason);
    expect(bits(model.getWeights())).toEqual(before);
  });

  test("is heard while a long epoch runs", async () => {
    const model = convnet();
    const abort = new AbortController();
    const images = { data: uniform(4000 * 36), shape: [4000, 6, 6, 1] };
    const labels = Uint8Array.from({ length: 4000 }, (_, i) => i % 3);
    const fit = model.fit(images, labels, { epochs: 10_000, signal: abort.signal, ...quiet });
    setTimeout(() => abort.abort(), 5);
    await expect(fit).rejects.toThrow("aborted");
    expect(model.getWeights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  test("ends a validation", async () => {
    const model = line();
    const abort = new AbortController();
    const hooks = { onTestBatchEnd: () => abort.abort("stop") };
    const fit = model.fit(x, values, { validationSplit: 0.5, validationBatchSize: 2, signal: abort.signal, callbacks: [hooks], ...quiet });
    await expect(fit).rejects.toBe("stop");
  });
});

describe("the ways to run a model", () => {
  test("agree with float64, and with one another", async () => {
    const model = classifier({ dropout: 0.5 });
    await model.ready();
    const expected = forward(model, x);
    const predicted = await model.predict(x, { batchSize: 7 });
    expect(predicted.shape).toEqual([20, 3]);
    expect(distance(predicted.data, expected.data)).toBeLessThan(1e-6);
    expect(distance(model.predictSync(x).data, expected.data)).toBeLessThan(1e-6);
    expect(distance(model.predictOnBatch(x).data, expected.data)).toBeLessThan(1e-6);

    const rows = reference.losses(reference.categoricalCrossentropy(0), expected.data, oneHot.data, 3);
    const hits = reference.categoricalAccuracy(expected.data, oneHot.data, 3);
    const mean = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;
    const evaluated = await model.evaluate(x, oneHot, { batchSize: 7, ...quiet });
    expect(Object.keys(evaluated)).toEqual(["accuracy", "loss"]);
    expect(distance([evaluated.loss, evaluated.accuracy], [mean(rows), mean(hits)])).toBeLessThan(1e-6);
    const tested = model.testOnBatch(x, oneHot);
    expect(distance([tested.loss, tested.accuracy], [mean(rows), mean(hits)])).toBeLessThan(1e-6);

    const sampleWeight = upTo(20).map(i => i / 10);
    const weighted = mean(rows.map((loss, i) => loss * sampleWeight[i]));
    expect(distance([(await model.evaluate(x, oneHot, { sampleWeight, ...quiet })).loss], [weighted])).toBeLessThan(1e-6);
    expect(distance([model.testOnBatch(x, oneHot, { sampleWeight }).loss], [weighted])).toBeLessThan(1e-6);
  });

  test("trainOnBatch is fit with one batch", async () => {
    setSeed(9);
    const [one, other] = [classifier(), classifier()];
    other.setWeights(one.getWeights());
    const { history } = await one.fit(x, oneHot, { epochs: 3, batchSize: 20, shuffle: false, classWeight: { 1: 3 }, ...quiet });
    await other.ready();
    const before = other.testOnBatch(x, oneHot, { sampleWeight: classes.map(c => (c === 1 ? 3 : 1)) });
    const logs = [1, 2, 3].map(() => other.trainOnBatch(x, oneHot, { classWeight: { 1: 3 } }));
    expect(logs[0]).toEqual(before);
    expect(logs.map(({ loss }) => loss)).toEqual(history.loss);
    expect(logs.map(({ accuracy }) => accuracy)).toEqual(history.accuracy);
    expect(bits(other.getWeights())).toEqual(bits(one.getWeights()));
    expect(distance([before.loss], [history.loss[0]])).toBe(0);
  });

  test("give the same predictions for every batch size", async () => {
    for (const model of [classifier(), convnet()]) {
      const count = 37;
      const input = {
        data: uniform(count * model.inputShape!.slice(1).reduce<number>((a, b) => a * b!, 1)),
        shape: [count, ...model.inputShape!.slice(1)] as number[],
      };
      const expected = forward(model, input).data;
      for (const batchSize of [1, 2, 3, 4, 5, 8, 16, 36, 37, 100]) {
        expect(distance((await model.predict(input, { batchSize })).data, expected), `${batchSize}`).toBeLessThan(2e-6);
      }
    }
  });

  test("call the hooks of predict and evaluate", async () => {
    const model = regression();
    const calls: unknown[] = [];
    const hooks = {
      onPredictBegin: () => calls.push("begin"),
      onPredictBatchBegin: (i: number) => calls.push(i),
      onPredictBatchEnd: (_: number, { outputs }: { outputs: { data: Float32Array; shape: number[] } }) => calls.push(outputs.shape),
      onPredictEnd: () => calls.push("end"),
      onTestBegin: () => calls.push("test"),
      onTestBatchEnd: (i: number) => calls.push(i),
      onTestEnd: ({ loss }: { loss: number }) => calls.push(loss),
    };
    await model.predict(x, { batchSize: 12, callbacks: [hooks] });
    expect(calls.splice(0)).toEqual(["begin", 0, [12, 1], 1, [8, 1], "end"]);
    const { loss } = await model.evaluate(x, values, { batchSize: 12, callbacks: [hooks], ...quiet });
    expect(calls).toEqual(["test", 0, 1, loss]);
  });

  test("may be used inside a callback without a trace", async () => {
    const runs = [];
    for (const isWatched of [false, true]) {
      setSeed(5);
      const model = classifier({ dropout: 0.5 });
      const predictions: Float32Array[] = [];
      const watch = {
        async onTrainBatchEnd() {
          predictions.push(model.predictSync(part(0, 3)).data, (await model.predict(x, { batchSize: 6 })).data);
          await model.evaluate(x, oneHot, quiet);
          model.testOnBatch(part(0, 5), { data: oneHot.data.slice(0, 15), shape: [5, 3] });
          expect(distance(predictions.at(-1)!, forward(model, x).data)).toBeLessThan(1e-6);
        },
      };
      const { history } = await model.fit(x, oneHot, { epochs: 3, batchSize: 8, callbacks: isWatched ? [watch] : [], ...quiet });
      expect(predictions).toHaveLength(isWatched ? 18 : 0);
      runs.push({ history, weights: bits(model.getWeights()) });
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  test("do not mix two models up", async () => {
    const train = async (interleaved: boolean) => {
      setSeed(6);
      const models = [classifier(), regression()];
      await Promise.all(models.map(model => model.ready()));
      const steps = [() => models[0].trainOnBatch(x, oneHot), () => models[1].trainOnBatch(x, values)];
      const order = interleaved ? [0, 1, 1, 0, 1, 0, 0, 1] : [0, 0, 0, 0, 1, 1, 1, 1];
      for (const model of order) steps[model]();
      return models.map(model => bits(model.getWeights()));
    };
    expect(await train(true)).toEqual(await train(false));
  });

  test("let two models be fitted at the same time", async () => {
    const train = async (together: boolean) => {
      setSeed(6);
      const [a, b] = [regression(), regression()];
      const options = {
        epochs: 4,
        batchSize: 3,
        callbacks: [{ onTrainBatchEnd: () => new Promise<void>(resolve => setImmediate(resolve)) }],
        ...quiet,
      };
      const fits = [() => a.fit(x, values, options), () => b.fit(x, values, options)];
      if (together) await Promise.all(fits.map(run => run()));
      else for (const run of fits) await run();
      return [a, b].map(model => bits(model.getWeights()));
    };
    expect(await train(true)).toEqual(await train(false));
  });
});

describe("data", () => {
  const whole = Array.from({ length: 6 * 4 }, (_, i) => (i * 7) % 11);
  const nested = upTo(6).map(i => whole.slice(4 * i, 4 * i + 4));
  const labels = upTo(6).map(i => i % 3);

  test.each<[string, ArrayLikeData]>([
    ["nested arrays", nested],
    ["a tensor", { data: Float32Array.from(whole), shape: [6, 4] }],
    ["a tensor of bytes", { data: Uint8Array.from(whole) as never, shape: [6, 4] }],
    ["a Float32Array", Float32Array.from(whole)],
    ["a Float64Array", Float64Array.from(whole)],
    ["an Int8Array", Int8Array.from(whole)],
    ["a Uint8Array", Uint8Array.from(whole)],
    ["a Uint8ClampedArray", Uint8ClampedArray.from(whole)],
    ["an Int16Array", Int16Array.from(whole)],
    ["a Uint16Array", Uint16Array.from(whole)],
    ["an Int32Array", Int32Array.from(whole)],
    ["a Uint32Array", Uint32Array.from(whole)],
    ["a part of a larger array", Uint8Array.from([9, 9, ...whole, 9]).subarray(2, 26)],
  ])("may be %s", async (_, x) => {
    setSeed(8);
    const model = classifier({ loss: "sparse_categorical_crossentropy" });
    const input = { data: Float32Array.from(whole), shape: [6, 4] };
    expect(distance((await model.predict(x)).data, forward(model, input).data)).toBeLessThan(1e-6);
    const histories = [];
    for (const [a, b] of [
      [input, labels],
      [x, labels],
      [x, Uint8Array.from(labels)],
      [x, labels.map(c => [c])],
    ] as [ArrayLikeData, ArrayLikeData][]) {
      setSeed(8);
      histories.push(
        (await classifier({ loss: "sparse_categorical_crossentropy" }).fit(a, b, { epochs: 2, batchSize: 4, ...quiet })).history,
      );
    }
    for (const history of histories) expect(history).toEqual(histories[0]);
  });

  test("may have a last axis of 1 too many or too few", async () => {
    const model = line();
    await model.ready();
    const flat = values.map(([v]) => v);
    const expected = await model.evaluate(x, values, quiet);
    expect(await model.evaluate(x, flat, quiet)).toEqual(expected);
    expect(await model.evaluate({ data: x.data, shape: [20, 4, 1] }, Float64Array.from(flat), quiet)).toEqual(expected);
    const images = convnet();
    const pixels = uniform(2 * 36);
    expect(await images.predict({ data: pixels, shape: [2, 6, 6] })).toEqual(await images.predict({ data: pixels, shape: [2, 6, 6, 1] }));
  });

  test("is not changed, and no view of the model's memory gets out", async () => {
    const model = regression();
    const [own, labels] = [{ data: x.data.slice(), shape: [20, 4] }, values.map(row => [...row])];
    await model.fit(own, labels, { epochs: 2, ...quiet });
    expect([own, labels]).toEqual([x, values]);
    const first = await model.predict(x);
    const copy = first.data.slice();
    await model.predict({ data: uniform(80, 5), shape: [20, 4] });
    expect(first.data).toEqual(copy);
    expect(first.data.buffer.byteLength).toBe(80);
  });
});
