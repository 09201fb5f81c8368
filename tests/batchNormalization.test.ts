import { beforeEach, describe, expect, test } from "vitest";
import { layers, optimizers, type Sequential, sequential, setSeed } from "../js/index.js";
import { bits, samples } from "./nets.js";

const quiet = { verbose: 0 } as const;
const { x, values } = samples(24);

function net(options: Parameters<typeof layers.batchNormalization>[0] = {}, learningRate = 0.05): Sequential {
  const model = sequential([layers.dense(5, { inputShape: [4] }), layers.batchNormalization({ name: "it", ...options }), layers.dense(1)]);
  model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "mse" });
  return model;
}

/** The moving mean and variance. */
const moving = (model: Sequential) => model.getWeights().slice(4, 6);

describe("batchNormalization", () => {
  beforeEach(() => setSeed(1));

  test("keeps moving averages in training alone", async () => {
    const model = net();
    const before = bits(moving(model));
    await model.predict(x);
    await model.evaluate(x, values, quiet);
    expect(bits(moving(model))).toEqual(before);
    await model.fit(x, values, quiet);
    expect(bits(moving(model))).not.toEqual(before);
  });

  test("keeps none of a step whose loss is no number, nor while it is explained", async () => {
    const model = net({}, 1e30);
    await model.ready();
    const before = bits(model.getWeights());
    await model.explain({ batchSize: 8 });
    expect(bits(model.getWeights())).toEqual(before);
    model.trainOnBatch(x, values);
    const broken = bits(model.getWeights());
    expect(() => model.trainOnBatch(x, values)).toThrow(/^The loss became (NaN|Infinity) at step 2: /);
    expect(bits(model.getWeights())).toEqual(broken);
  });

  test("that is frozen is the same in training and in inference, and stays as it is", async () => {
    const model = net();
    await model.fit(x, values, quiet);
    model.getLayer("it").trainable = false;
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: "mse" });
    const before = bits(model.getWeights());
    const { loss } = await model.evaluate(x, values, { batchSize: 24, ...quiet });
    expect(model.trainOnBatch(x, values).loss).toBeCloseTo(loss, 6);
    expect(bits(model.getWeights())).toEqual(before);
    model.getLayer("it").trainable = true;
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: "mse" });
    expect(model.trainOnBatch(x, values).loss).not.toBeCloseTo(loss, 6);
    expect(bits(moving(model))).not.toEqual(before.slice(4, 6));
  });

  test("comes in inference to what it came to in training, once the averages have settled", async () => {
    const model = net({ momentum: 0.5 }, 0);
    await model.fit(x, values, { epochs: 40, batchSize: 24, ...quiet });
    const trained = model.trainOnBatch(x, values).loss;
    expect(model.testOnBatch(x, values).loss).toBeCloseTo(trained, 5);
  });

  test("keeps the same averages when a step is made in parts", async () => {
    const [whole, parts] = [net(), net()];
    parts.setWeights(whole.getWeights());
    await Promise.all([whole.ready(), parts.ready()]);
    for (let step = 0; step < 3; step++) {
      whole.trainOnBatch(x, values);
      parts.applyGradients(parts.gradients(x, values).gradients);
    }
    expect(bits(parts.getWeights())).toEqual(bits(whole.getWeights()));
    const before = bits(moving(parts));
    parts.forward(x);
    expect(bits(moving(parts))).not.toEqual(before);
  });

  test("of numbers far from zero loses no more than they have", async () => {
    const far = { data: x.data.map(v => 1000 + v), shape: x.shape };
    const model = sequential([layers.batchNormalization({ inputShape: [4], momentum: 0 })]);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: "mse" });
    await model.ready();
    model.trainOnBatch(far, far);
    const [, , mean, variance] = model.getWeights();
    for (let feature = 0; feature < 4; feature++) {
      const column = Float64Array.from({ length: 24 }, (_, i) => far.data[i * 4 + feature]);
      const expected = column.reduce((sum, v) => sum + v, 0) / 24;
      expect(Math.abs(mean.data[feature] - expected)).toBeLessThan(2e-4);
      const spread = column.reduce((sum, v) => sum + (v - expected) ** 2, 0) / 24;
      expect(Math.abs(variance.data[feature] / spread - 1)).toBeLessThan(1e-5);
    }
  });
});
