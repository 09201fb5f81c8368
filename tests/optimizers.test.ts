import { describe, expect, it, test } from "vitest";
import { layers, loadModel, optimizers, type Sequential, schedules, sequential, tensor } from "../js/index.js";
import type { OptimizerLike } from "../js/optimizers/index.js";

/** A model whose one weight, a column of numbers, gets as its gradient what goes in. */
async function column(weights: number[], optimizer: OptimizerLike): Promise<Sequential> {
  const model = sequential([layers.dense(1, { useBias: false, inputShape: [weights.length] })]);
  model.compile({ optimizer, loss: "mae" });
  model.setWeights([tensor(weights, [weights.length, 1])]);
  return model.ready();
}

const FAR_BELOW = [[-1e6]]; // the mean absolute error's slope is 1 there

/** The weights after each of these gradients. */
async function follow(weights: number[], gradients: number[][], optimizer: OptimizerLike): Promise<number[][]> {
  const model = await column(weights, optimizer);
  return gradients.map(gradient => {
    model.trainOnBatch([gradient], FAR_BELOW);
    return Array.from(model.getWeights()[0].data);
  });
}

function expectClose(got: number[], expected: number[], digits: number): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(got[i], `number ${i}`).toBeCloseTo(value, digits);
}

// The expectations of Keras's own tests.
describe("updates", () => {
  const learningRate = 0.5;
  test.each<[string, OptimizerLike, number[]]>([
    ["sgd", optimizers.sgd({ learningRate }), [0.5, -1, -0.5, 3]],
    ["adam", optimizers.adam({ learningRate }), [0.5, 1.5, 2.5, 3.5]],
    ["adamW", optimizers.adamW({ learningRate, weightDecay: 0.004 }), [0.498, 1.496, 2.494, 3.492]],
    ["rmsprop", optimizers.rmsprop({ learningRate }), [-0.5811, 0.4189, 1.4189, 2.4189]],
    ["adagrad", optimizers.adagrad({ learningRate }), [0.5233, 1.5007, 2.5005, 3.5061]],
    ["adadelta", optimizers.adadelta({ learningRate }), [0.9993, 1.9993, 2.9993, 3.9993]],
    ["adamax", optimizers.adamax({ learningRate }), [0.5, 1.5, 2.5, 3.5]],
    ["nadam", optimizers.nadam({ learningRate }), [0.4686, 1.4686, 2.4686, 3.4686]],
  ])("%s makes one step", async (_, optimizer, expected) => {
    const [after] = await follow([1, 2, 3, 4], [[1, 6, 7, 2]], optimizer);
    expectClose(after, expected, 4);
  });

  const ones = Array(10).fill(1);
  const gradients = [Array(10).fill(0.01), ...Array(4).fill(Array.from({ length: 10 }, (_, i) => (i + 1) / 10))];
  test.each<[string, OptimizerLike, number[]]>([
    ["sgd with nesterov", optimizers.sgd({ nesterov: true }), [0.9999, 0.9989, 0.9979, 0.9969, 0.9959]],
    ["adam with amsgrad", optimizers.adam({ amsgrad: true }), [0.999, 0.9982, 0.9974, 0.9965, 0.9955]],
    ["rmsprop, centered", optimizers.rmsprop({ centered: true }), [0.9967, 0.9933, 0.9908, 0.9885, 0.9864]],
    ["adadelta", optimizers.adadelta({ learningRate: 1, rho: 0.8, epsilon: 1e-6 }), [0.9978, 0.9947, 0.9915, 0.9882, 0.9849]],
    [
      "nadam",
      optimizers.nadam({ learningRate: 0.5, beta1: 0.5, beta2: 0.67, epsilon: 1e-5 }),
      [0.4281, -0.1738, -0.7115, -1.2335, -1.7492],
    ],
    ["adamW", optimizers.adamW({ learningRate: 1, weightDecay: 0.5, epsilon: 2 }), [0.4998, 0.2486, 0.1223, 0.0586, 0.0263]],
  ])("%s makes five steps", async (_, optimizer, expected) => {
    const after = await follow(ones, gradients, optimizer);
    expectClose(
      after.map(weights => weights[0]),
      expected,
      3, // Keras's tests allow 5e-4
    );
  });

  it("decay weights by share of the rate", async () => {
    const after = await follow([2, 2], Array(3).fill([0, 0]), optimizers.adam({ learningRate: 1, weightDecay: 0.004 }));
    expectClose(after[2], [1.9760959, 1.9760959], 6);
  });

  it("clip", async () => {
    const step = async (options: object) => (await follow([0, 0], [[100, 100]], optimizers.sgd({ learningRate: 1, ...options })))[0];
    expectClose(await step({ clipnorm: 1 }), [-Math.SQRT1_2, -Math.SQRT1_2], 6);
    expectClose(await step({ globalClipnorm: 1 }), [-Math.SQRT1_2, -Math.SQRT1_2], 6);
    expect(await step({ clipvalue: 1 })).toEqual([-1, -1]);
    expect(await step({ clipnorm: 0 })).toEqual([-100, -100]);
  });

  it("follow a schedule through fit", async () => {
    const model = sequential([layers.dense(2, { kernelInitializer: "ones", biasInitializer: "ones", inputShape: [2] })]);
    const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.05, decaySteps: 1, decayRate: 0.9 });
    model.compile({ optimizer: optimizers.adam({ learningRate }), loss: "mse" });
    const x = tensor(
      Array.from({ length: 32 }, (_, i) => i),
      [16, 2],
    );
    const { history } = await model.fit(x, x, { batchSize: 4, epochs: 3, shuffle: false, verbose: 0 });
    expectClose(history.loss, [230.79457, 128.30319, 79.33649], 4);
  });
});

describe("gathered gradients", () => {
  it("move weights as one batch of them all", async () => {
    const batches = [
      [1, -2],
      [0.5, 3],
      [4, 1],
      [2, 2],
      [-1, 0.25],
      [3, -3],
    ];
    const options = { learningRate: 0.1, momentum: 0.5 };
    const gathered = await follow([1, 2], batches, optimizers.sgd({ ...options, gradientAccumulationSteps: 3 }));
    const model = await column([1, 2], optimizers.sgd(options));
    const whole = [batches.slice(0, 3), batches.slice(3)].map(batch => {
      model.trainOnBatch(
        batch,
        batch.map(() => -1e6),
      );
      return Array.from(model.getWeights()[0].data);
    });
    expect(gathered[0]).toEqual([1, 2]);
    expect(gathered[1]).toEqual([1, 2]);
    for (const [i, weights] of whole.entries()) expectClose(gathered[3 * i + 2], weights, 6);
    expect(gathered[4]).toEqual(gathered[2]);
  });
});

describe("the weights' average", () => {
  const gradients = [
    [1, -2],
    [0.5, 3],
    [4, 1],
    [2, 2],
  ];
  const optimizer = (options = {}) => optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.75, ...options });

  it("takes their place when fit ends, and not before", async () => {
    const steps = await follow([1, 2], gradients, optimizers.sgd({ learningRate: 0.1 }));
    expect(await follow([1, 2], gradients, optimizer())).toEqual(steps);
    const model = await column([1, 2], optimizer());
    await model.fit(gradients, Array(4).fill(FAR_BELOW[0]), { batchSize: 1, shuffle: false, verbose: 0 });
    const average = steps.reduce((mean, weights) => mean.map((m, i) => 0.75 * m + 0.25 * weights[i]));
    expectClose(Array.from(model.getWeights()[0].data), average, 6);
  });

  it("takes it as often as told", async () => {
    const steps = await follow([1, 2], gradients, optimizer({ emaOverwriteFrequency: 2 }));
    const first = [0.9, 2.2];
    const second = [0.9 - 0.05, 2.2 - 0.3].map((w, i) => 0.75 * first[i] + 0.25 * w);
    expectClose(steps[0], first, 6);
    expectClose(steps[1], second, 6);
    expectClose(
      steps[2],
      second.map((w, i) => w - 0.1 * gradients[2][i]),
      6,
    );
  });
});

describe("files", () => {
  test.each<[string, optimizers.Optimizer]>([
    [
      "average and gathered gradients",
      optimizers.adam({ useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 3, clipnorm: 0.5, amsgrad: true }),
    ],
    ["a schedule", optimizers.nadam({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 9, alpha: 0.5 }) })],
    ["all of rmsprop", optimizers.rmsprop({ momentum: 0.5, centered: true, weightDecay: 0.1, excludeFromWeightDecay: ["bias"] })],
    ["adagrad", optimizers.adagrad({ globalClipnorm: 1 })],
    ["ftrl", optimizers.ftrl({ l1RegularizationStrength: 0.01, clipvalue: 0.5 })],
  ])("keep what training with %s needs to go on", async (_, optimizer) => {
    const model = sequential([layers.dense(4, { activation: "tanh", inputShape: [2] }), layers.dense(1)]);
    model.compile({ optimizer, loss: "mse" });
    const [x, y] = [
      [
        [0.5, -1],
        [2, 0.25],
      ],
      [[1], [-1]],
    ];
    await model.ready();
    for (let step = 0; step < 5; step++) model.trainOnBatch(x, y);
    const again = await (await loadModel(model.toSafetensors())).ready();
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(again.getOptimizerState()).toEqual(model.getOptimizerState());
    for (let step = 0; step < 5; step++) {
      model.trainOnBatch(x, y);
      again.trainOnBatch(x, y);
    }
    expect(again.getWeights()).toEqual(model.getWeights());
  });
});

describe("summaries", () => {
  // 2 weights; beside as many numbers for each slot Keras counts the step, the rate unless it is a schedule, and nadam's product
  test.each<[optimizers.Optimizer, number]>([
    [optimizers.sgd(), 2],
    [optimizers.adam(), 6],
    [optimizers.nadam(), 7],
    [optimizers.sgd({ learningRate: schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }) }), 1],
    [optimizers.adam({ useEma: true, gradientAccumulationSteps: 2, amsgrad: true }), 12],
  ])("count $0.name's variables as Keras does", async (optimizer, expected) => {
    const model = await column([1, 2], optimizer);
    model.trainOnBatch([[1, 1]], FAR_BELOW);
    let text = "";
    model.summary({ print: line => (text += line) });
    expect(text).toContain(`Optimizer params: ${expected} (`);
  });
});

describe("options", () => {
  it("are checked together", () => {
    expect(() => optimizers.adam({ clipnorm: 1, clipvalue: 1 })).toThrow("adam: clipnorm and clipvalue do not go together. Choose one.");
    const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 });
    const scheduled = optimizers.sgd({ learningRate });
    expect(() => {
      scheduled.learningRate = 0.1;
    }).toThrow("sgd: its learningRate follows ExponentialDecay and cannot be set.");
    expect(scheduled.learningRate).toBe(learningRate);
  });
});
