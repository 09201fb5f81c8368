import { describe, expect, test } from "vitest";
import { layers, loadModel, type Sequential, sequential, setSeed, type Tensor } from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";
import { runAlone } from "./alone.js";
import { uniform } from "./kernels/data.js";
import { bits } from "./nets.js";
import * as reference from "./references/augmentation.js";

const BATCH = 400;
const images = (height: number, width: number, channels: number, batch = BATCH): Tensor => ({
  data: uniform(batch * height * width * channels, 3, 0, 1),
  shape: [batch, height, width, channels],
});
const sampleOf = ({ data, shape }: Tensor, b: number) => data.slice((data.length / shape[0]) * b, (data.length / shape[0]) * (b + 1));

describe("random flips", () => {
  test.each([
    ["horizontal", 1, 0],
    ["vertical", 0, 1],
    ["horizontal_and_vertical", 1, 1],
  ] as const)("that are %s leave half of the images, and mirror the rest that way", async (mode, isHorizontal, isVertical) => {
    for (const [height, width, channels] of [
      [4, 5, 3],
      [3, 2, 1],
    ]) {
      const x = images(height, width, channels);
      const dy = { ...x, data: uniform(x.data.length, 4) };
      const { y, dx } = await runAlone(layers.randomFlip(mode), x, { dy });
      const shape = { batch: 1, height, width, channels };
      let flipped = 0;
      for (let b = 0; b < BATCH; b++) {
        const mirrored = (t: Tensor) => Float32Array.from(reference.flip(sampleOf(t, b), [0], isHorizontal, isVertical, shape));
        const isFlipped = sampleOf(y, b).join() !== sampleOf(x, b).join();
        if (isFlipped) flipped++;
        expect(sampleOf(y, b)).toEqual(isFlipped ? mirrored(x) : sampleOf(x, b));
        expect(sampleOf(dx!, b)).toEqual(isFlipped ? mirrored(dy) : sampleOf(dy, b));
      }
      expect(Math.abs(flipped - BATCH / 2)).toBeLessThan(2 * Math.sqrt(BATCH)); // four deviations
    }
  });
});

/** Whether numbers are spread evenly over [low, high]: their ends, mean and variance. */
function expectEven(numbers: number[], low: number, high: number): void {
  const span = high - low;
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const variance = numbers.reduce((sum, v) => sum + (v - mean) ** 2, 0) / numbers.length;
  expect(Math.min(...numbers)).toBeGreaterThan(low - 1e-4 * span);
  expect(Math.min(...numbers)).toBeLessThan(low + 0.03 * span);
  expect(Math.max(...numbers)).toBeLessThan(high + 1e-4 * span);
  expect(Math.max(...numbers)).toBeGreaterThan(high - 0.03 * span);
  expect(Math.abs(mean - (low + high) / 2)).toBeLessThan((4 * span) / Math.sqrt(12 * numbers.length));
  expect(Math.abs(variance / (span ** 2 / 12) - 1)).toBeLessThan(0.15);
  expect(new Set(numbers).size).toBeGreaterThan(0.9 * numbers.length);
}

describe("what is drawn for each image", () => {
  // Pixels that hold their own column and row tell where they came from. Between pixels both are exact, too.
  const [height, width] = [9, 11];
  const places: Tensor = {
    data: Float32Array.from({ length: BATCH * height * width * 2 }, (_, i) => {
      const pixel = Math.floor(i / 2) % (height * width);
      return i % 2 === 0 ? pixel % width : Math.floor(pixel / width);
    }),
    shape: [BATCH, height, width, 2],
  };
  const [middleColumn, middleRow] = [(width - 1) / 2, (height - 1) / 2];
  /** Where the pixel beside the middle one, by so many, came from, relative to the middle. */
  const sourcesOf = async (layer: Layer, right: number, down: number) => {
    const { y } = await runAlone(layer, places);
    return Array.from({ length: BATCH }, (_, b) => {
      const at = ((b * height + middleRow + down) * width + middleColumn + right) * 2;
      return { column: y.data[at] - middleColumn, row: y.data[at + 1] - middleRow };
    });
  };

  test("is an angle, between a factor's bounds", async () => {
    for (const [factor, low, high] of [
      [0.2, -0.2, 0.2],
      [[0.1, 0.3], 0.1, 0.3],
      [[0.05, -0.25], -0.25, 0.05],
    ] as const) {
      const sources = await sourcesOf(layers.randomRotation(factor), 2, 0);
      for (const { column, row } of sources) expect(Math.hypot(column, row)).toBeCloseTo(2, 4);
      expectEven(
        sources.map(({ column, row }) => Math.atan2(row, column) / (2 * Math.PI)),
        low,
        high,
      );
    }
  });

  test("is a way down and a way to the right, apart from each other", async () => {
    const sources = await sourcesOf(layers.randomTranslation(0.3, [-0.1, 0.4]), 0, 0);
    const [down, right] = [sources.map(({ row }) => -row / height), sources.map(({ column }) => -column / width)];
    expectEven(down, -0.3, 0.3);
    expectEven(right, -0.1, 0.4);
    const product = down.reduce((sum, v, i) => sum + v * (right[i] - 0.15), 0) / BATCH;
    expect(Math.abs(product)).toBeLessThan((4 * 0.6 * 0.5) / 12 / Math.sqrt(BATCH));
  });

  test("is a zoom, the same for both axes or one for each", async () => {
    const both = await sourcesOf(layers.randomZoom([-0.5, 0.2]), 2, 2);
    for (const { column, row } of both) expect(column).toBeCloseTo(row, 4);
    expectEven(
      both.map(({ row }) => row / 2),
      0.5,
      1.2,
    );
    const each = await sourcesOf(layers.randomZoom(0.3, { widthFactor: [0.1, 0.5] }), 2, 2);
    expectEven(
      each.map(({ row }) => row / 2),
      0.7,
      1.3,
    );
    expectEven(
      each.map(({ column }) => column / 2),
      1.1,
      1.5,
    );
  });

  test("is a contrast, which one number only raises", async () => {
    const x = { data: new Float32Array(BATCH * 4).map((_, i) => [90, 100, 110, 120][i % 4]), shape: [BATCH, 2, 2, 1] };
    for (const [factor, low, high] of [
      [0.5, 1, 1.5],
      [[0.3, 0.6], 0.7, 1.6],
    ] as const) {
      const { y } = await runAlone(layers.randomContrast(factor), x);
      expectEven(
        Array.from({ length: BATCH }, (_, b) => (y.data[4 * b + 3] - y.data[4 * b]) / 30),
        low,
        high,
      );
    }
  });

  test("changes from step to step, from layer to layer and from seed to seed, and else not at all", async () => {
    const x = images(5, 5, 1, 8);
    const drawn = async (layer: Layer, options: object) => bits([(await runAlone(layer, x, options)).y]);
    const first = await drawn(layers.randomRotation(0.3), { seed: 1, step: 4 });
    expect(await drawn(layers.randomRotation(0.3), { seed: 1, step: 4 })).toEqual(first);
    expect(await drawn(layers.randomRotation(0.3), { seed: 1, step: 5 })).not.toEqual(first);
    expect(await drawn(layers.randomRotation(0.3), { seed: 2, step: 4 })).not.toEqual(first);
    expect(await drawn(layers.randomRotation(0.3, { seed: 7 }), { seed: 2 })).toEqual(
      await drawn(layers.randomRotation(0.3, { seed: 7 }), { seed: 3 }),
    );
    const { y } = await runAlone(layers.randomRotation(0.3), { data: x.data.map((_, i) => x.data[i % 25]), shape: x.shape });
    expect(new Set(Array.from({ length: 8 }, (_, b) => sampleOf(y, b).join())).size).toBe(8);
  });
});

describe("Keras's own examples", () => {
  const square: Tensor = { data: Float32Array.from({ length: 25 }, (_, i) => i), shape: [1, 5, 5, 1] };
  const rows = (...starts: number[]) => Float32Array.from(starts.flatMap(start => [0, 1, 2, 3, 4].map(i => (start < 0 ? 0 : start + i))));

  test.each([
    ["up, reflected", -0.2, {}, rows(5, 10, 15, 20, 20)],
    ["up, with zeros", -0.2, { fillMode: "constant" }, rows(5, 10, 15, 20, -1)],
    ["down, reflected", 0.2, {}, rows(0, 0, 5, 10, 15)],
  ] as const)("of an image that moves %s", async (_, factor, options, expected) => {
    const { y } = await runAlone(layers.randomTranslation([factor, factor], 0, options), square);
    for (const [i, value] of expected.entries()) expect(y.data[i]).toBeCloseTo(value, 5);
  });

  test("of half a turn, which reverses the image", async () => {
    const { y } = await runAlone(layers.randomRotation([0.5, 0.5]), square);
    for (const [i, value] of y.data.entries()) expect(value).toBeCloseTo(24 - i, 4);
  });
});

test("the gradient of contrast is that of the pixels that were not cut, and of the mean", async () => {
  const x = images(3, 4, 2, 2);
  const dy = { ...x, data: uniform(48, 5) };
  const layer = layers.randomContrast([-0.75, 0.75], { valueRange: [0.1, 0.8] });
  const { y, dx } = await runAlone(layer, x, { dy });
  expect(y.data.some(v => v === Math.fround(0.1)) && y.data.some(v => v === Math.fround(0.8))).toBe(true);
  const shape = { batch: 2, height: 3, width: 4, channels: 2 };
  const loss = (data: Float64Array) =>
    reference.contrast(data, [1.75, 1.75], 0.1, 0.8, shape).reduce((sum, v, i) => sum + v * dy.data[i], 0);
  for (let i = 0; i < 48; i++) {
    const moved = (h: number) => Float64Array.from(x.data, (v, j) => (j === i ? v + h : v));
    expect(dx!.data[i]).toBeCloseTo((loss(moved(1e-6)) - loss(moved(-1e-6))) / 2e-6, 4);
  }
});

test("layers for images name what is not one", () => {
  const of = (layer: Layer) => () => sequential([layers.input({ shape: [28] }), layer]);
  for (const layer of [
    layers.randomFlip("vertical", { name: "it" }),
    layers.randomRotation(0, { name: "it" }),
    layers.randomTranslation(0, 0, { name: "it" }),
    layers.randomZoom(0, { name: "it" }),
    layers.randomContrast(0, { name: "it" }),
  ]) {
    expect(of(layer)).toThrow(
      new Error("it: expected input of shape (None, height, width, channels), got (None, 28). Images are changed before flatten()."),
    );
  }
});

describe("a net with augmentation", () => {
  const augmentation = (inputShape?: number[]) => [
    layers.randomFlip("horizontal", { inputShape }),
    layers.randomRotation(0.05),
    layers.randomTranslation(0.1, 0.1, { fillMode: "nearest" }),
    layers.randomZoom(0.1, { widthFactor: 0.1, interpolation: "nearest" }),
    layers.randomContrast(0.2, { valueRange: [0, 1] }),
  ];
  const cnn = () => [
    layers.conv2d(4, 3, { activation: "relu" }),
    layers.maxPooling2d(2),
    layers.flatten(),
    layers.dense(2, { activation: "softmax" }),
  ];
  // Bright bars, lying or standing.
  const bars: Tensor = {
    data: Float32Array.from({ length: 60 * 64 }, (_, i) => {
      const [sample, row, column] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8];
      const place = 1 + (Math.floor(sample / 2) % 6);
      return (sample % 2 === 0 ? row : column) === place ? 1 : 0;
    }),
    shape: [60, 8, 8, 1],
  };
  const classes = Uint8Array.from({ length: 60 }, (_, sample) => sample % 2);

  async function trained(seed: number, epochs: number, batchSize = 16): Promise<Sequential> {
    setSeed(seed);
    const model = sequential([...augmentation([8, 8, 1]), ...cnn()]);
    model.compile({
      optimizer: { className: "Adam", config: { learningRate: 0.01 } },
      loss: "sparse_categorical_crossentropy",
      metrics: ["accuracy"],
    });
    await model.fit(bars, classes, { epochs, batchSize, verbose: 0 });
    return model;
  }

  test("learns, and is the same for the same seed", async () => {
    const [first, second, other] = [await trained(1, 15), await trained(1, 15), await trained(2, 15)];
    expect(bits(second.getWeights())).toEqual(bits(first.getWeights()));
    expect(second.history!.history).toEqual(first.history!.history);
    expect(bits(other.getWeights())).not.toEqual(bits(first.getWeights()));
    const { accuracy } = await first.evaluate(bars, classes, { verbose: 0 });
    expect(accuracy).toBeGreaterThan(0.9);
  });

  test("predicts from images as they are", async () => {
    const model = await trained(3, 1);
    const plain = sequential([layers.input({ shape: [8, 8, 1] }), ...cnn()]);
    plain.setWeights(model.getWeights());
    expect(bits([await model.predict(bars)])).toEqual(bits([await plain.predict(bars)]));
    const alone = sequential(augmentation([8, 8, 1]));
    expect(bits([await alone.predict(bars)])).toEqual(bits([bars]));
  });

  test("is saved with its options, and goes on with the same images", async () => {
    const model = await trained(4, 2);
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    for (const each of [model, again]) await each.fit(bars, classes, { epochs: 2, batchSize: 16, verbose: 0 });
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
  });

  test("takes one image at a time, and the gradient through itself", async () => {
    const model = sequential([
      layers.conv2d(2, 3, { padding: "same", inputShape: [8, 8, 1], activation: "relu" }),
      ...augmentation(),
      ...cnn(),
    ]);
    model.compile({ optimizer: "sgd", loss: "sparse_categorical_crossentropy" });
    const before = model.getWeights();
    await model.fit(bars, classes, { epochs: 1, batchSize: 1, verbose: 0 });
    expect(bits(model.getWeights().slice(0, 1))).not.toEqual(bits(before.slice(0, 1)));
  });
});

describe("rescaling", () => {
  test("is saved with its options, and is the same in training and in inference", async () => {
    const layer = layers.rescaling([2, -1], { offset: [0.5, 4] });
    const x = images(2, 3, 2, 5);
    const expected = x.data.map((v, i) => (i % 2 === 0 ? 2 * v + 0.5 : 4 - v));
    for (const training of [true, false]) expect((await runAlone(layer, x, { training })).y.data).toEqual(expected);
    const model = sequential([layers.rescaling(1 / 255, { offset: -0.5, inputShape: [2, 3, 2] })]);
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    expect((await again.predict(x)).data).toEqual(x.data.map(v => Math.fround(v * Math.fround(1 / 255)) - 0.5));
    expect(model.countParams()).toBe(0);
  });

  test("keeps its numbers while another plan uses their memory", async () => {
    const model = sequential([
      layers.rescaling([1, 2, 3], { inputShape: [3] }),
      layers.dense(1, { useBias: false, kernelInitializer: "ones" }),
    ]);
    model.compile({ optimizer: { className: "SGD", config: { learningRate: 0 } }, loss: "mse" });
    const x = [[1, 1, 1]];
    for (let i = 0; i < 3; i++) {
      expect((await model.predict(x)).data).toEqual(Float32Array.of(6));
      await model.fit([...x, ...x], [6, 6], { verbose: 0 });
      expect(model.history!.history.loss).toEqual([0]);
    }
  });
});
