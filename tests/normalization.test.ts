import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { layers, loadModel, sequential } from "../js/index.js";
import { camelKeys } from "./keras/build.js";
import { expectNear } from "./keras/close.js";
import { bits, samples } from "./nets.js";

interface Case {
  shape: number[];
  config: Record<string, unknown>;
  x: number[];
  mean: number[];
  variance: number[];
  y: number[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL("fixtures/adapt.json", import.meta.url), "utf8"));
const { x, values } = samples(24);
const quiet = { verbose: 0 } as const;
const normalized = (data: Float32Array, n: number) => {
  const columns = Array.from({ length: n }, (_, j) => data.filter((_, i) => i % n === j));
  const stats = columns.map(column => {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    return { mean, deviation: Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length) };
  });
  return Array.from(data, (v, i) => (v - stats[i % n].mean) / stats[i % n].deviation);
};

describe("normalization", () => {
  test.each(cases.map(({ shape, config, ...rest }) => [`${JSON.stringify(config)} of ${shape}`, { shape, config, ...rest }] as const))(
    "adapts as in Keras: %s",
    async (_, { shape, config, x, mean, variance, y }) => {
      const layer = layers.normalization(camelKeys(config));
      const data = { data: Float32Array.from(x), shape };
      layer.adapt(data);
      const model = sequential([layers.input({ shape: shape.slice(1) }), layer]);
      const [gotMean, gotVariance, count] = model.getWeights();
      expectNear("mean", Array.from(gotMean.data), mean, 1e-6);
      expectNear("variance", Array.from(gotVariance.data), variance, 1e-4); // Keras sums in float32, around a mean of 1000
      expect(count).toEqual({ data: Float32Array.of(0), shape: [] });
      expectNear("y", Array.from((await model.predict(data)).data), y, 1e-4);
    },
  );

  test("adapts before the model is made, after it, and after it has learned", async () => {
    const expected = normalized(x.data, 4);
    const before = layers.normalization();
    before.adapt(x);
    expect(before.weights.map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual([
      ["mean", [4], false],
      ["variance", [4], false],
      ["count", [], false],
    ]);
    const first = sequential([before]);
    first.build([4]);
    expectNear("before", Array.from((await first.predict(x)).data), expected, 1e-5);

    const after = layers.normalization({ inputShape: [4] });
    const model = sequential([after, layers.dense(1)]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    const untouched = (await model.predict(x)).data;
    after.adapt(x.data);
    await model.fit(x, values, { epochs: 2, ...quiet });
    const head = sequential([layers.dense(1, { inputShape: [4] })]);
    head.setWeights(model.getWeights().slice(3));
    const got = await model.predict(x);
    expect(bits([got])).not.toEqual(bits([{ data: untouched, shape: [24, 1] }]));
    const wanted = await head.predict({ data: Float32Array.from(expected), shape: [24, 4] });
    expectNear("after", Array.from(got.data), Array.from(wanted.data), 1e-5);
    const shifted = { data: x.data.map(v => 3 * v - 7), shape: [24, 4] };
    after.adapt(shifted);
    expectNear("again", Array.from((await model.predict(shifted)).data), Array.from(wanted.data), 1e-5);
  });

  test("keeps its statistics when layers come and go, and in files; training leaves them alone", async () => {
    const layer = layers.normalization();
    layer.adapt(x);
    const model = sequential([layer, layers.dense(3), layers.dense(1)]);
    model.build([4]);
    model.compile({ optimizer: "adam", loss: "mse" });
    const statistics = bits(model.getWeights().slice(0, 3));
    await model.fit(x, values, { epochs: 2, ...quiet });
    expect(bits(model.getWeights().slice(0, 3))).toEqual(statistics);
    const again = await loadModel(model.toSafetensors());
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
    expect(bits([await again.predict(x)])).toEqual(bits([await model.predict(x)]));
    model.pop();
    model.add(layers.dense(2));
    expect(bits(model.getWeights().slice(0, 3))).toEqual(statistics);
    layer.adapt({ data: x.data.map(v => v + 1), shape: [24, 4] });
    expect(bits(model.getWeights().slice(1, 2))[0][1].length).toBe(4);
    expect(bits(model.getWeights().slice(0, 1))).not.toEqual(statistics.slice(0, 1));
  });

  test("counts a variance of 0 as Keras does: as 1e-14", async () => {
    const layer = layers.normalization();
    layer.adapt([
      [1, 5],
      [1, 7],
    ]);
    const model = sequential([layer]);
    model.build([2]);
    const { data } = await model.predict([
      [1, 5],
      [1.5, 6],
    ]);
    expectNear("y", Array.from(data), [0, -1, 5e6, 0], 1e-6);
  });

  test("takes numbers without axes as samples of one", async () => {
    const layer = layers.normalization({ axis: null, inputShape: [1] });
    layer.adapt([1, 2, 3, 4, 5]);
    const model = sequential([layer]);
    expectNear("y", Array.from((await model.predict([[1], [2], [3]])).data), [-Math.SQRT2, -Math.SQRT1_2, 0], 1e-6);
  });

  test("names what does not fit", () => {
    const named = (options: object) => layers.normalization({ name: "it", ...options });
    const errors: [() => unknown, string][] = [
      [() => named({ mean: 1 }), "it: variance is missing. Both are given, or none and adapt() finds them."],
      [() => named({ variance: [1] }), "it: mean is missing. Both are given, or none and adapt() finds them."],
      [() => named({ mean: [1, 2], variance: [1] }), "it: mean and variance must have the same shape, got (2,) and (1,)."],
      [() => named({ mean: [[1]], variance: [[1]] }), "it: mean has 2 axes, but axis names 1."],
      [() => named({ mean: 1, variance: 1 }).adapt(x), "it: adapt: mean and variance were given. Leave them out to find them from data."],
      [
        () => named({}).adapt(x.data),
        "it: adapt: the shape of a sample is not known. Give the layer an inputShape, or tensor(data, shape).",
      ],
      [() => named({ inputShape: [5] }).adapt(x), "it: adapt: expected samples of shape (None, 5), got (24, 4)."],
      [() => named({ inputShape: [5] }).adapt(new Float32Array(7)), "it: adapt: expected samples of shape (None, 5), got an array of 7."],
      [() => named({ inputShape: [5] }).adapt(new Float32Array()), "it: adapt: expected samples of shape (None, 5), got an array of 0."],
      [() => named({}).adapt([[1], [Number.NaN]]), "it: adapt: the data holds NaN or Infinity, or numbers too large for float32."],
      [
        () => sequential([named({ axis: 0, inputShape: [4] })]),
        "it: axis 0 does not fit an input of shape (None, 4). Axis 0 is the batch.",
      ],
      [
        () => sequential([named({ axis: [1, 2], inputShape: [4] })]),
        "it: axis [1, 2] does not fit an input of shape (None, 4). Axis 0 is the batch.",
      ],
      [
        () => sequential([named({ axis: [1, -1], inputShape: [4] })]),
        "it: axis [1, -1] does not fit an input of shape (None, 4). Axis 0 is the batch.",
      ],
      [
        () => sequential([named({ mean: [1, 2], variance: [1, 2], inputShape: [4] })]),
        "it: mean and variance of shape (2,) do not fit the kept axes, which are (4,).",
      ],
      [
        () => sequential([layers.rescaling([1, 2], { name: "it", inputShape: [3] })]),
        "it: scale [1, 2] does not fit the last axis of an input of shape (None, 3). One number fits all.",
      ],
    ];
    for (const [run, message] of errors) expect(run).toThrow(new Error(message));
  });
});
