import { describe, expect, it } from "vitest";
import * as reference from "./reference.js";

// The specification itself, against numbers that others published.

describe("philox", () => {
  // The known answers that come with the authors' Random123 library.
  it.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("turns %s under %s into %s", (counter, key, answer) => {
    const words = (hex: string) => hex.split(" ").map(word => Number.parseInt(word, 16));
    expect(reference.philox(words(counter), words(key))).toEqual(words(answer));
  });
});

describe("activations", () => {
  // Values of Keras's activations at these points.
  it.each([
    ["gelu", reference.gelu, [-0.0455003, -0.1542688, 0.3457312, 2.9959503]],
    ["gelu through tanh", reference.geluTanh, [-0.0454023, -0.154286, 0.345714, 2.9963626]],
    ["selu", reference.elu(1.6732632423543772, 1, 1.0507009873554805), [-1.5201665, -0.6917582, 0.5253505, 3.152103]],
    ["softplus", reference.softplus, [0.126928, 0.474077, 0.974077, 3.0485874]],
    ["mish", reference.mish, [-0.2525015, -0.2207438, 0.3752452, 2.986535]],
    ["silu", reference.silu, [-0.2384058, -0.1887703, 0.3112297, 2.8577224]],
    ["hard sigmoid", reference.ramp(1 / 6, 0.5, 0, 1), [0.1666667, 0.4166667, 0.5833333, 1]],
  ])("%s", (_, f, expected) => {
    [-2, -0.5, 0.5, 3].forEach((x, i) => {
      expect(f(x)).toBeCloseTo(expected[i], 6);
    });
  });
  it("relu with a maximum, slope and threshold", () => {
    expect([6, 7, 0, 5, 10].map(reference.rectify(5, 8, 0, 0))).toEqual([6, 7, 0, 0, 8]);
    expect([-10, -5, 0, 5, 10].map(reference.rectify(0, 10, 0.5, 0))).toEqual([-5, -2.5, 0, 5, 10]);
  });
  it("sparsemax", () => {
    // the support is the first two: τ = (1.2 + 0.8 - 1) / 2
    expect(Array.from(reference.sparsemax([1.2, 0.8, 0.1], 3), v => Math.round(v * 1e9) / 1e9)).toEqual([0.7, 0.3, 0]);
  });
});

describe("losses and softmax", () => {
  // The expectations of Keras's own tests.
  const mean = (loss: reference.Loss, target: number[], y: number[], n: number) => {
    const losses = reference.losses(loss, y, target, n);
    return losses.reduce((a, b) => a + b, 0) / losses.length;
  };

  it("mean squared and absolute error", () => {
    const target = [1, 9, 2, -5, -2, 6];
    const y = [4, 8, 12, 8, 1, 3];
    expect(mean(reference.meanSquaredError, target, y, 3)).toBeCloseTo(49.5, 10);
    expect(mean(reference.meanAbsoluteError, target, y, 3)).toBeCloseTo(5.5, 10);
  });
  it("huber", () => {
    expect(mean(reference.huber(1), [1, 0, 1, 1, 0, 0], [0.9, 0.2, 0.2, 0.8, 0.4, 0.6], 3)).toBeCloseTo(0.1041667, 6);
  });
  it("binary crossentropy", () => {
    const eye = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    expect(mean(reference.binaryCrossentropy(0), eye, [0.9, 0.1, 0.2, 0.3, 0.8, 0.1, 0.1, 0.2, 0.7], 3)).toBeCloseTo(0.200469, 6);
    expect(mean(reference.binaryCrossentropy(0), [1, 0, 1, 0], [1, 1, 1, 0], 2)).toBeCloseTo(3.98559, 4);
    expect(mean(reference.sigmoidCrossentropy(0), [1, 0, 1, 0, 1, 1], [10, -10, 10, 10, 10, -10], 3)).toBeCloseTo(3.3333, 3);
    expect(mean(reference.sigmoidCrossentropy(0.1), [1, 0, 1], [10, -10, -10], 3)).toBeCloseTo(3.5, 3);
  });
  it("categorical crossentropy", () => {
    const eye = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const p = [0.9, 0.05, 0.05, 0.5, 0.89, 0.6, 0.05, 0.01, 0.94];
    const logits = [8, 1, 1, 0, 9, 1, 2, 3, 5];
    expect(mean(reference.categoricalCrossentropy(0), eye, p, 3)).toBeCloseTo(0.324, 3);
    expect(mean(reference.sparseCategoricalCrossentropy, [0, 1, 2], p, 3)).toBeCloseTo(0.324, 3);
    expect(mean(reference.softmaxCrossentropy(0), eye, logits, 3)).toBeCloseTo((0.001822 + 0.000459 + 0.169846) / 3, 6);
    expect(mean(reference.sparseSoftmaxCrossentropy, [0, 1, 2], logits, 3)).toBeCloseTo((0.001822 + 0.000459 + 0.169846) / 3, 6);
    expect(mean(reference.softmaxCrossentropy(0.1), [1, 0, 0], [100, -100, -100], 3)).toBeCloseTo(40 / 3, 10);
  });
  it("softmax", () => {
    const y = Array.from(reference.softmax([1, 2, 1], 3), v => v.toFixed(7));
    expect(y).toEqual(["0.2119416", "0.5761169", "0.2119416"]);
  });
});

describe("optimizers", () => {
  // One step from w = [1, 2, 3, 4] with g = [1, 6, 7, 2] and a rate of 0.5, as in Keras's own tests.
  const w = [1, 2, 3, 4];
  const g = [1, 6, 7, 2];
  it("sgd", () => {
    expect(w.map((x, i) => reference.sgd(x, g[i], 0.5))).toEqual([0.5, -1, -0.5, 3]);
  });
  it("adam", () => {
    const alpha = (0.5 * Math.sqrt(1 - 0.999)) / (1 - 0.9);
    w.forEach((x, i) => {
      expect(reference.adam(x, 0, 0, g[i], alpha, 0.9, 0.999, 1e-7).w).toBeCloseTo(x - 0.5, 4);
    });
  });
});
