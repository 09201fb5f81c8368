import { describe, expect, test } from "vitest";
import { layers, loadModel, type Sequential, sequential, setSeed, type Tensor } from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";
import { runAlone } from "./alone.js";
import { uniform } from "./kernels/data.js";
import { bits } from "./nets.js";

/** Mean, variance, and the third and fourth moments of what is brought to mean 0 and variance 1. */
function moments(numbers: ArrayLike<number>) {
  const all = Array.from(numbers);
  const average = (f: (x: number) => number) => all.reduce((sum, x) => sum + f(x), 0) / all.length;
  const mean = average(x => x);
  const variance = average(x => (x - mean) ** 2);
  const scaled = (power: number) => average(x => ((x - mean) / Math.sqrt(variance)) ** power);
  return { mean, variance, skewness: scaled(3), kurtosis: scaled(4) };
}

const filled = (shape: number[], value: number): Tensor => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)).fill(value),
  shape,
});
const N = 60_000;
const wide = [100, N / 100];

describe("gaussian noise", () => {
  test.each([0.25, 1])("of deviation %f is normal around what it is added to", async stddev => {
    const { y, dx } = await runAlone(layers.gaussianNoise(stddev), filled(wide, 3), { dy: filled(wide, 0.5) });
    const { mean, variance, skewness, kurtosis } = moments(y.data);
    expect(Math.abs(mean - 3)).toBeLessThan((4 * stddev) / Math.sqrt(N));
    expect(Math.abs(variance / stddev ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / N));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / N));
    expect(new Set(dx!.data)).toEqual(new Set([0.5]));
  });

  test("has neighbours that know nothing of each other", async () => {
    const { y } = await runAlone(layers.gaussianNoise(1), filled(wide, 0));
    for (const lag of [1, 4, 8, 12, 16, N / 100]) {
      const products = y.data.subarray(lag).map((v, i) => v * y.data[i]);
      expect(Math.abs(moments(products).mean), `lag ${lag}`).toBeLessThan(4 / Math.sqrt(N));
    }
  });

  test.each([0.2, 0.5])("that multiplies, of rate %f, has a dropout's deviation, and its gradient has the same draws", async rate => {
    const dy = filled(wide, 2);
    const { y, dx } = await runAlone(layers.gaussianDropout(rate), filled(wide, 1), { dy });
    const { mean, variance, kurtosis } = moments(y.data);
    const expected = rate / (1 - rate);
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(expected / N));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / N));
    expect(dx!.data).toEqual(y.data.map(v => 2 * v));
  });
});

describe("alpha dropout", () => {
  test.each([0.1, 0.5])("of rate %f keeps mean 0 and variance 1, and its gradient is of what was kept", async rate => {
    const x = (await runAlone(layers.gaussianNoise(1), filled(wide, 0))).y;
    const { y, dx } = await runAlone(layers.alphaDropout(rate), x, { dy: filled(wide, 1), seed: 2 });
    const { mean, variance } = moments(y.data);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    const alpha = -1.6732632423543772 * 1.0507009873554805;
    const a = ((1 - rate) * (1 + rate * alpha ** 2)) ** -0.5;
    const kept = dx!.data.filter(d => d !== 0);
    expect(Math.abs(kept.length / N - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / N));
    for (const [i, d] of dx!.data.entries()) {
      const expected = d === 0 ? a * alpha * (1 - rate) : a * (x.data[i] - alpha * rate);
      expect(Math.abs(y.data[i] - expected)).toBeLessThan(1e-5);
      if (d !== 0) expect(Math.abs(d - a)).toBeLessThan(1e-6);
    }
  });
});

describe("noise shapes", () => {
  const shape = [6, 5, 4, 10];
  const at = (data: ArrayLike<number>, place: number[]) => data[place.reduce((sum, i, axis) => sum * shape[axis] + i, 0)];
  const places = shape.reduce<number[][]>((all, n) => all.flatMap(place => Array.from({ length: n }, (_, i) => [...place, i])), [[]]);

  /** Which parts were kept, after a check that all of a part shares its fate. */
  function partsOf(data: ArrayLike<number>, noise: (number | null)[]) {
    const parts = new Map<string, number>();
    for (const place of places) {
      const part = place.map((i, axis) => (noise[axis] === 1 ? 0 : i)).join();
      const value = at(data, place);
      expect(parts.get(part) ?? value).toBe(value);
      parts.set(part, value);
    }
    return [...parts.values()];
  }

  test.each<[(number | null)[], number]>([
    [[null, 1, 1, null], 60],
    [[null, 5, 1, 1], 30],
    [[1, null, null, null], 200],
    [[1, 1, 4, 1], 4],
    [[6, 5, 1, 10], 300],
    [[null, 1, null, 1], 24],
    [[null, null, null, null], 1200],
    [[1, 1, 1, 1], 1],
  ])("of %j draw once for each of %i parts, for the gradient too", async (noiseShape, count) => {
    for (const [kind, dropped, kept] of [
      ["dropout", 0, 2],
      ["alphaDropout", null, null],
    ] as const) {
      const layer = layers[kind](0.5, { noiseShape, seed: 5 });
      const { y, dx } = await runAlone(layer, filled(shape, 1), { dy: filled(shape, 1) });
      const parts = partsOf(y.data, noiseShape);
      expect(parts).toHaveLength(count);
      if (count >= 24) expect(new Set(parts).size).toBe(2);
      if (kind === "dropout") {
        expect(parts.every(part => part === dropped || part === kept)).toBe(true);
        expect(dx!.data).toEqual(y.data);
      } else {
        for (const [i, d] of dx!.data.entries()) expect(d === 0).toBe(y.data[i] < 0);
      }
      if (count >= 200) expect(Math.abs(parts.filter(part => part > 0).length / count - 0.5)).toBeLessThan(2 / Math.sqrt(count));
    }
  });

  test.each<[string, (rate: number) => Layer, number[]]>([
    ["spatialDropout1d", rate => layers.spatialDropout1d(rate, { seed: 3 }), [40, 5, 30]],
    ["spatialDropout2d", rate => layers.spatialDropout2d(rate, { seed: 3 }), [40, 2, 3, 30]],
  ])("%s drops whole channels of a sample", async (_, make, shape) => {
    for (const rate of [0.2, 0.7]) {
      const { y, dx } = await runAlone(make(rate), filled(shape, 1), { dy: filled(shape, 1) });
      expect(dx!.data).toEqual(y.data);
      const size = shape.slice(1).reduce((a, b) => a * b);
      let kept = 0;
      for (let sample = 0; sample < 40; sample++) {
        for (let channel = 0; channel < 30; channel++) {
          const own = y.data.subarray(sample * size, (sample + 1) * size).filter((_, i) => i % 30 === channel);
          expect(new Set(own).size).toBe(1);
          if (own[0] !== 0) {
            kept++;
            expect(own[0]).toBeCloseTo(1 / (1 - rate), 6);
          }
        }
      }
      expect(Math.abs(kept / 1200 - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 1200));
    }
  });

  test("that do not fit are refused", async () => {
    const build = (noiseShape: (number | null)[]) => sequential([layers.dropout(0.5, { name: "it", noiseShape, inputShape: [3, 4] })]);
    const help = "Each length must be the input's, 1 or null.";
    expect(() => build([null, 1])).toThrow(new Error(`it: noiseShape (None, 1) does not fit an input of shape (None, 3, 4). ${help}`));
    expect(() => build([null, 2, 1])).toThrow(
      new Error(`it: noiseShape (None, 2, 1) does not fit an input of shape (None, 3, 4). ${help}`),
    );
    const model = build([8, 1, null]);
    model.add(layers.flatten());
    model.add(layers.dense(1));
    model.compile({ optimizer: "sgd", loss: "mse" });
    const x = filled([20, 3, 4], 1);
    await expect(model.fit(x, new Float32Array(20), { batchSize: 8, verbose: 0 })).rejects.toThrow(
      new Error("it: noiseShape is for batches of 8, got one of 4. null in its place takes every batch."),
    );
    await expect(model.fit(x, new Float32Array(20), { batchSize: 20, verbose: 0 })).rejects.toThrow(/^it: .* of 8, got one of 20\./);
    expect((await model.predict(x)).shape).toEqual([20, 1]);
  });
});

describe("layers of noise", () => {
  const noisy: [string, () => Layer][] = [
    ["dropout", () => layers.dropout(0.5, { noiseShape: [null, 1, null] })],
    ["spatialDropout1d", () => layers.spatialDropout1d(0.5)],
    ["gaussianNoise", () => layers.gaussianNoise(0.5)],
    ["gaussianDropout", () => layers.gaussianDropout(0.5)],
    ["alphaDropout", () => layers.alphaDropout(0.5)],
    ["alphaDropout of a shape", () => layers.alphaDropout(0.5, { noiseShape: [null, null, 1] })],
  ];
  const x = { data: uniform(12 * 15), shape: [12, 5, 3] };
  const y = uniform(12, 2);

  test.each(noisy)("%s: nothing in inference, the same for one seed, anew at each step, and the same when saved", async (_, make) => {
    const trained = async (seed: number): Promise<Sequential> => {
      setSeed(seed);
      const model = sequential([layers.dense(4, { activation: "tanh", inputShape: [5, 3] }), make(), layers.flatten(), layers.dense(1)]);
      model.compile({ optimizer: "adam", loss: "mse" });
      await model.fit(x, y, { epochs: 2, batchSize: 5, verbose: 0 });
      return model;
    };
    const [first, second, other] = [await trained(1), await trained(1), await trained(2)];
    expect(bits(second.getWeights())).toEqual(bits(first.getWeights()));
    expect(bits(other.getWeights())).not.toEqual(bits(first.getWeights()));
    const plain = sequential([layers.dense(4, { activation: "tanh", inputShape: [5, 3] }), layers.flatten(), layers.dense(1)]);
    plain.setWeights(first.getWeights());
    expect(bits([await first.predict(x)])).toEqual(bits([await plain.predict(x)]));
    const again = await loadModel(first.toSafetensors());
    expect(again.getConfig()).toEqual(first.getConfig());
    await again.fit(x, y, { batchSize: 5, verbose: 0 });
    await first.fit(x, y, { batchSize: 5, verbose: 0 });
    expect(bits(again.getWeights())).toEqual(bits(first.getWeights()));
    const draws = [0, 1].map(step => runAlone(make(), x, { step }));
    expect(bits([(await draws[0]).y])).not.toEqual(bits([(await draws[1]).y]));
  });

  test.each(noisy)("%s hands masks on", async (_, make) => {
    for (const training of [true, false]) {
      const model = sequential([layers.masking({ inputShape: [5, 3] }), make()]);
      expect(model.layers[1].supportsMasking).toBe(true);
      model.compile({ optimizer: "sgd", loss: "mse" });
      await model.ready();
      // All steps but the first are masked: only those of the first, at which x and y are alike, count for the loss.
      const masked = { data: x.data.map((v, i) => (i % 15 < 3 ? v : 0)), shape: x.shape };
      const labels = { data: masked.data.map((v, i) => (i % 15 < 3 ? v : 9)), shape: x.shape };
      if (training) expect(model.trainOnBatch(masked, labels).loss).toBeLessThan(9);
      else expect(model.testOnBatch(masked, labels).loss).toBe(0);
    }
  });
});
