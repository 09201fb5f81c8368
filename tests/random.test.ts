import { describe, expect, test } from "vitest";
import { initializers, layers, type Sequential, sequential, setSeed } from "../js/index.js";
import { nextSeed, Random } from "../js/random.js";
import { uniform } from "./kernels/data.js";
import { bits, classifier, convnet, forward, samples } from "./nets.js";

const { x, oneHot } = samples(40);
const quiet = { verbose: 0 } as const;
const images = { data: uniform(40 * 36), shape: [40, 6, 6, 1] };
const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 3);

const mean = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: ArrayLike<number>) => Math.sqrt(mean(Array.from(numbers, v => v * v)) - mean(numbers) ** 2);

describe("Random", () => {
  test("is sfc32, whose first numbers are known", () => {
    // From the reference algorithm in 64-bit integers, with the same three words and 15 rounds of warm-up.
    const reference = (seed: bigint) => {
      const mask = 0xffffffffn;
      let [a, b, c, counter] = [seed & mask, seed >> 32n, 0x9e3779b9n, 1n];
      const next = () => {
        const sum = (a + b + counter) & mask;
        counter = (counter + 1n) & mask;
        a = b ^ (b >> 9n);
        b = (c + (c << 3n)) & mask;
        c = ((((c << 21n) | (c >> 11n)) & mask) + sum) & mask;
        return Number(sum);
      };
      for (let i = 0; i < 15; i++) next();
      return next;
    };
    for (const seed of [0, 1, 42, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      const [random, expected] = [new Random(seed), reference(BigInt(seed))];
      for (let i = 0; i < 1000; i++) expect(random.uint32()).toBe(expected());
    }
  });

  test("is even in [0, 1), and normal", () => {
    const random = new Random(1);
    const even = Float64Array.from({ length: 100_000 }, () => random.uniform());
    expect(Math.min(...even.slice(0, 9e4))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...even.slice(0, 9e4))).toBeLessThan(1);
    const bins = new Float64Array(100);
    for (const value of even) bins[Math.floor(100 * value)]++;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(148); // of 99 degrees of freedom: 1 in 1000
    const normal = Float64Array.from({ length: 100_000 }, () => random.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.01);
    expect(Math.abs(deviation(normal) - 1)).toBeLessThan(0.01);
    const within = (limit: number) => normal.filter(v => Math.abs(v) < limit).length / normal.length;
    expect(within(1)).toBeCloseTo(0.6827, 2);
    expect(within(2)).toBeCloseTo(0.9545, 2);
  });

  test("shuffles every order equally often", () => {
    const random = new Random(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([0, 1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(49.7); // of 23 degrees of freedom: 1 in 1000
  });

  test("of neighbouring seeds are unrelated", () => {
    const draws = Array.from({ length: 1000 }, (_, seed) => new Random(seed).uniform());
    expect(new Set(draws).size).toBe(1000);
    expect(mean(draws)).toBeCloseTo(0.5, 1);
    const pairs = draws.slice(1).map((value, i) => (value - 0.5) * (draws[i] - 0.5));
    expect(Math.abs(mean(pairs))).toBeLessThan(0.01);
  });

  test("setSeed fixes the seeds that follow", () => {
    setSeed(5);
    const first = [nextSeed(), nextSeed()];
    setSeed(5);
    expect([nextSeed(), nextSeed()]).toEqual(first);
    setSeed(6);
    expect([nextSeed(), nextSeed()]).not.toEqual(first);
    expect(first[0]).not.toBe(first[1]);
  });
});

describe("initial weights", () => {
  const fill = (initializer: ReturnType<typeof initializers.zeros>, shape: number[]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    initializer.fill(data, shape);
    return data;
  };
  const dense = [300, 200];
  const conv = [3, 3, 40, 50];
  const truncated = 0.87962566103423978;

  test.each<
    [
      string,
      (options: { seed: number }) => ReturnType<typeof initializers.zeros>,
      (fanIn: number, fanOut: number) => number,
      "even" | "normal",
    ]
  >([
    ["glorotUniform", initializers.glorotUniform, (i, o) => Math.sqrt(6 / (i + o)), "even"],
    ["heUniform", initializers.heUniform, i => Math.sqrt(6 / i), "even"],
    ["lecunUniform", initializers.lecunUniform, i => Math.sqrt(3 / i), "even"],
    ["glorotNormal", initializers.glorotNormal, (i, o) => Math.sqrt(2 / (i + o)), "normal"],
    ["heNormal", initializers.heNormal, i => Math.sqrt(2 / i), "normal"],
    ["lecunNormal", initializers.lecunNormal, i => Math.sqrt(1 / i), "normal"],
  ])("of %s have Keras's limits and deviation", (_, make, expected, kind) => {
    for (const [shape, fanIn, fanOut] of [
      [dense, 300, 200],
      [conv, 360, 450],
    ] as const) {
      const data = fill(make({ seed: 3 }), [...shape]);
      const size = expected(fanIn, fanOut);
      const limit = kind === "even" ? size : (2 * size) / truncated;
      const stddev = kind === "even" ? size / Math.sqrt(3) : size;
      expect(data.every(w => Math.abs(w) <= limit * (1 + 1e-6))).toBe(true);
      expect(data.some(w => w > 0.98 * limit) && data.some(w => w < -0.98 * limit)).toBe(true);
      expect(Math.abs(mean(data))).toBeLessThan(0.05 * stddev);
      expect(Math.abs(deviation(data) / stddev - 1)).toBeLessThan(0.02);
    }
  });

  const fans: [shape: number[], fanIn: number, fanOut: number][] = [
    [[300, 200], 300, 200],
    [[3, 3, 40, 50], 360, 450],
    [[9, 30, 70], 270, 630],
    [[3, 3, 500, 2], 4500, 18],
    [[12000], 12000, 12000],
  ];
  const modes = { fan_in: (i: number) => i, fan_out: (_: number, o: number) => o, fan_avg: (i: number, o: number) => (i + o) / 2 };

  test.each(Object.keys(modes) as (keyof typeof modes)[])("of varianceScaling by %s have mean 0, Keras's variance and limits", mode => {
    for (const [shape, fanIn, fanOut] of fans) {
      const stddev = Math.sqrt(0.5 / modes[mode](fanIn, fanOut));
      const limits = { uniform: Math.sqrt(3), truncated_normal: 2 / truncated, normal: 2 / truncated, untruncated_normal: 5.5 };
      for (const [distribution, limit] of Object.entries(limits)) {
        const data = fill(initializers.varianceScaling({ scale: 0.5, mode, distribution: distribution as "uniform", seed: 4 }), shape);
        // means and deviations of n numbers are off by about 1 / √n and 1 / √2n: four and a half times that
        const off = 4.5 / Math.sqrt(data.length);
        expect(Math.abs(mean(data)) / stddev).toBeLessThan(off);
        expect(Math.abs(deviation(data) / stddev - 1)).toBeLessThan(off);
        const largest =
          Math.max(
            ...Array.from(data, Math.abs)
              .sort((a, b) => b - a)
              .slice(0, 1),
          ) / stddev;
        expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
        expect(largest).toBeGreaterThan(distribution === "untruncated_normal" ? 2.5 : 0.98 * limit);
      }
    }
  });

  test("of varianceScaling are those of the names that stand for it, and its options are checked", () => {
    const same = (a: ReturnType<typeof initializers.zeros>, b: ReturnType<typeof initializers.zeros>) =>
      expect(fill(a, [30, 20])).toEqual(fill(b, [30, 20]));
    same(initializers.varianceScaling({ seed: 1 }), initializers.lecunNormal({ seed: 1 }));
    same(initializers.varianceScaling({ scale: 2, seed: 1 }), initializers.heNormal({ seed: 1 }));
    same(initializers.varianceScaling({ mode: "fan_avg", distribution: "uniform", seed: 1 }), initializers.glorotUniform({ seed: 1 }));
    const wrong = (options: object, message: string) => expect(() => initializers.varianceScaling(options)).toThrow(new Error(message));
    wrong({ scale: 0 }, "varianceScaling: scale must be over 0, got 0.");
    wrong({ scale: "1" }, 'varianceScaling: scale must be a number of at least 0, got "1".');
    wrong({ mode: "in" }, 'varianceScaling: mode must be "fan_in" or "fan_out" or "fan_avg", got "in".');
    const choices = '"truncated_normal" or "untruncated_normal" or "uniform" or "normal"';
    wrong({ distribution: "even" }, `varianceScaling: distribution must be ${choices}, got "even".`);
  });

  test.each([
    ["IdentityInitializer", [3, 3]],
    ["OrthogonalInitializer", [3, 3]],
    ["VarianceScaling", [3]],
    ["variance_scaling", [3]],
    ["one", [2]],
    ["zero", [2]],
    ["normal", [2]],
    ["uniform", [2]],
  ])("are found under Keras's name %s", name => {
    const model = sequential([layers.dense(3, { kernelInitializer: name, inputShape: [3] })]);
    expect(model.getWeights()[0].data.every(Number.isFinite)).toBe(true);
  });

  test("of the plain ones are what their options say", () => {
    const shape = [200, 100];
    expect(new Set(fill(initializers.zeros(), shape))).toEqual(new Set([0]));
    expect(new Set(fill(initializers.ones(), shape))).toEqual(new Set([1]));
    expect(new Set(fill(initializers.constant({ value: 0.5 }), shape))).toEqual(new Set([0.5]));
    const normal = fill(initializers.randomNormal({ mean: 1, stddev: 0.5, seed: 1 }), shape);
    expect(Math.abs(mean(normal) - 1)).toBeLessThan(0.02);
    expect(Math.abs(deviation(normal) - 0.5)).toBeLessThan(0.02);
    expect(normal.some(w => Math.abs(w - 1) > 1.25)).toBe(true);
    const cut = fill(initializers.truncatedNormal({ mean: 1, stddev: 0.5, seed: 1 }), shape);
    expect(cut.every(w => Math.abs(w - 1) <= 1)).toBe(true);
    expect(Math.abs(deviation(cut) - 0.5 * truncated)).toBeLessThan(0.01);
    const even = fill(initializers.randomUniform({ minval: 2, maxval: 4, seed: 1 }), shape);
    expect(even.every(w => w >= 2 && w <= 4)).toBe(true);
    expect(Math.abs(mean(even) - 3)).toBeLessThan(0.02);
  });

  test.each([[[6, 6]], [[4, 12]], [[12, 4]], [[3, 2, 5]], [[1, 7]], [[7, 1]]])("of orthogonal, of shape %j", shape => {
    const columns = shape.at(-1)!;
    const rows = shape.reduce((a, b) => a * b, 1) / columns;
    const data = fill(initializers.orthogonal({ gain: 3, seed: 2 }), shape);
    const along = (i: number) =>
      Array.from({ length: Math.max(rows, columns) }, (_, j) => data[rows < columns ? i * columns + j : j * columns + i]);
    for (let a = 0; a < Math.min(rows, columns); a++) {
      for (let b = 0; b <= a; b++) {
        const [u, v] = [along(a), along(b)];
        expect(u.reduce((sum, x, i) => sum + x * v[i], 0)).toBeCloseTo(a === b ? 9 : 0, 5);
      }
    }
  });

  test("of orthogonal favour no direction", () => {
    const traces = Array.from({ length: 400 }, (_, seed) => {
      const q = fill(initializers.orthogonal({ seed }), [3, 3]);
      return q[0] + q[4] + q[8];
    });
    expect(Math.abs(mean(traces))).toBeLessThan(0.2); // of a random orthogonal matrix: mean 0, variance 1
    expect(Math.abs(mean(traces.map(t => t * t)) - 1)).toBeLessThan(0.25);
    expect(() => fill(initializers.orthogonal(), [5])).toThrow("orthogonal: expected a weight of two axes or more, got shape [5].");
  });

  test("of identity", () => {
    expect([...fill(initializers.identity({ gain: 2 }), [2, 3])]).toEqual([2, 0, 0, 0, 2, 0]);
    expect(() => fill(initializers.identity(), [2, 2, 2])).toThrow("identity: expected a weight of two axes, got shape [2, 2, 2].");
  });

  test("differ from layer to layer, and are the same for one seed", () => {
    const weightsOf = (options: object) =>
      sequential([layers.dense(3, { inputShape: [3], ...options }), layers.dense(3, options)])
        .getWeights()
        .filter(({ shape }) => shape.length === 2);
    setSeed(1);
    const [a, b] = weightsOf({});
    expect(bits([a])).not.toEqual(bits([b]));
    const [c, d] = weightsOf({});
    expect(bits([a])).not.toEqual(bits([c]));
    setSeed(1);
    expect(bits(weightsOf({}))).toEqual(bits([a, b]));
    expect(bits([d])).not.toEqual(bits([b]));
    const seeded = initializers.glorotUniform({ seed: 9 });
    const [e, f] = weightsOf({ kernelInitializer: seeded });
    expect(bits([e])).toEqual(bits([f]));
  });
});

describe("the same seed gives the same bits", () => {
  const run = async (make: () => Sequential, train: (model: Sequential) => Promise<unknown>, seed: number) => {
    setSeed(seed);
    const model = make();
    await train(model);
    return { weights: bits(model.getWeights()), history: model.history?.history };
  };

  test.each<[string, () => Sequential, (model: Sequential) => Promise<unknown>]>([
    ["dense", () => classifier({ dropout: 0.4 }), model => model.fit(x, oneHot, { epochs: 4, batchSize: 7, ...quiet })],
    ["convolution", () => convnet(0.4), model => model.fit(images, labels, { epochs: 3, batchSize: 16, validationSplit: 0.2, ...quiet })],
  ])("on two runs of a %s net, and another seed others", async (_, make, fit) => {
    const [first, second, other] = [await run(make, fit, 11), await run(make, fit, 11), await run(make, fit, 12)];
    expect(second).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });

  test("whatever else the model did in between", async () => {
    const plain = await run(
      () => classifier({ dropout: 0.4 }),
      async model => {
        await model.fit(x, oneHot, { epochs: 4, batchSize: 8, ...quiet });
      },
      11,
    );
    const busy = await run(
      () => classifier({ dropout: 0.4 }),
      async model => {
        for (let epoch = 0; epoch < 4; epoch++) {
          await model.predict(x, { batchSize: 3 });
          await model.fit(x, oneHot, { initialEpoch: epoch, epochs: epoch + 1, batchSize: 8, ...quiet });
          await model.evaluate(x, oneHot, quiet);
          await model.explain({ batchSize: 5 });
          model.toSafetensors();
        }
      },
      11,
    );
    expect(busy.weights).toEqual(plain.weights);
  });
});

describe("shuffling", () => {
  /** The samples in the order in which they were trained on, epoch by epoch: one number each, its own prediction's slope. */
  async function orders(epochs: number, options: object, seed = 1) {
    setSeed(seed);
    const model = sequential([layers.dense(1, { inputShape: [40], useBias: false, kernelInitializer: "zeros" })]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    const own = { data: Float32Array.from({ length: 1600 }, (_, i) => Number(i % 41 === 0)), shape: [40, 40] };
    const seen: number[] = [];
    let before = model.getWeights()[0].data;
    const watch = {
      onTrainBatchEnd() {
        const after = model.getWeights()[0].data;
        seen.push(after.findIndex((w, i) => w !== before[i]));
        before = after;
      },
    };
    await model.fit(own, Array(40).fill([1]), { epochs, batchSize: 1, callbacks: [watch], ...quiet, ...options });
    return Array.from({ length: epochs }, (_, e) => seen.slice(40 * e, 40 * e + 40));
  }
  const inOrder = Array.from({ length: 40 }, (_, i) => i);

  test("gives every epoch an order of its own, in which every sample comes once", async () => {
    const epochs = await orders(3, {});
    for (const order of epochs) expect([...order].sort((a, b) => a - b)).toEqual(inOrder);
    expect(new Set([inOrder, ...epochs].map(order => order.join())).size).toBe(4);
    expect(await orders(3, {})).toEqual(epochs);
    expect(await orders(3, {}, 2)).not.toEqual(epochs);
  });

  test("can be switched off", async () => {
    expect(await orders(2, { shuffle: false })).toEqual([inOrder, inOrder]);
  });
});

describe("dropout", () => {
  const ones = { data: new Float32Array(64 * 100).fill(1), shape: [64, 100] };

  /** One dense unit for each feature, with the weights of a copy, behind dropout: which features its gradient saw. */
  function masks(rate: number, options: object = {}, steps = 1) {
    const model = sequential([
      layers.dropout(rate, { inputShape: [100], ...options }),
      layers.dense(1, { kernelInitializer: "zeros", useBias: false }),
    ]);
    model.compile({ optimizer: { className: "SGD", config: { learningRate: 0.5 } }, loss: "mse" });
    return model.ready().then(() =>
      Array.from({ length: steps }, () => {
        model.setWeights([{ data: new Float32Array(100), shape: [100, 1] }]);
        model.trainOnBatch(ones, new Float32Array(64).fill(1));
        // With w = 0 and y = 1 the gradient is -2 · mean over the batch of the kept, scaled ones.
        return model.getWeights()[0].data;
      }),
    );
  }

  test("keeps a share of elements, scaled so that their mean stays", async () => {
    setSeed(1);
    for (const rate of [0.1, 0.5, 0.9]) {
      const [update] = await masks(rate);
      expect(Math.abs(mean(update) - 1)).toBeLessThan(4 * Math.sqrt(rate / (1 - rate) / 6400));
      const kept = Array.from(update, value => value * 64 * (1 - rate));
      for (const count of kept) expect(Math.abs(count - Math.round(count))).toBeLessThan(1e-3);
      expect(new Set(kept.map(Math.round)).size).toBeGreaterThan(5);
    }
  });

  test("of rate 0 keeps all, of rate 1 nothing", async () => {
    expect(new Set((await masks(0))[0])).toEqual(new Set([1]));
    expect(new Set((await masks(1))[0])).toEqual(new Set([0]));
  });

  test("draws anew at each step, and the same for the same seed", async () => {
    setSeed(1);
    const [first, second] = await masks(0.5, {}, 2);
    expect(first).not.toEqual(second);
    setSeed(1);
    expect(await masks(0.5, {}, 2)).toEqual([first, second]);
    expect(await masks(0.5, {}, 2)).not.toEqual([first, second]);
    const own = await masks(0.5, { seed: 3 }, 2);
    expect(await masks(0.5, { seed: 3 }, 2)).toEqual(own);
    expect(await masks(0.5, { seed: 4 }, 2)).not.toEqual(own);
  });

  test("differs from layer to layer", async () => {
    const model = sequential([
      layers.dropout(0.5, { inputShape: [100] }),
      layers.dropout(0.5),
      layers.dense(1, { kernelInitializer: "zeros", useBias: false }),
    ]);
    model.compile({ optimizer: { className: "SGD", config: { learningRate: 0.5 } }, loss: "mse" });
    await model.ready();
    model.trainOnBatch(ones, new Float32Array(64).fill(1));
    const kept = mean(model.getWeights()[0].data) / 4;
    expect(kept).toBeCloseTo(0.25, 1); // of one mask alone it would be 0.5
  });

  test("is active in training only", async () => {
    const model = sequential([layers.dense(50, { inputShape: [4] }), layers.dropout(0.5), layers.dense(3, { activation: "softmax" })]);
    model.compile({ optimizer: { className: "SGD", config: { learningRate: 0 } }, loss: "categorical_crossentropy" });
    await model.ready();
    const expected = forward(model, x).data;
    const predicted = model.predictSync(x).data;
    for (const [i, value] of predicted.entries()) expect(value).toBeCloseTo(expected[i], 5);
    const tested = model.testOnBatch(x, oneHot).loss;
    expect(model.testOnBatch(x, oneHot).loss).toBe(tested);
    const trained = [model.trainOnBatch(x, oneHot).loss, model.trainOnBatch(x, oneHot).loss];
    expect(new Set([tested, ...trained]).size).toBe(3);
    expect(bits([model.predictSync(x)])).toEqual(bits([{ data: predicted, shape: [40, 3] }]));
  });
});
