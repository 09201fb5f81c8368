import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainTestSplit } from "../js/preprocessing/trainTestSplit.js";
import { setSeed } from "../js/random.js";
import { tensor } from "../js/tensor.js";
import { toCategorical } from "../js/utils.js";
import splits from "./fixtures/splits.json" with { type: "json" };

const range = (length: number) => Array.from({ length }, (_, i) => i);
const countOf = (labels: number[], classes: number) => range(classes).map(k => labels.filter(label => label === k).length);
const ascending = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

describe("trainTestSplit", () => {
  test.each(splits.sizes)("divides $samples samples by $options as scikit-learn", ({ samples, options, train, test }) => {
    const { xTrain, xTest } = trainTestSplit(range(samples), range(samples), options);
    expect([xTrain.length, xTest.length]).toEqual([train, test]);
  });

  test.each(splits.strata)("divides classes of $counts by $options as scikit-learn", ({ counts, options, train, test }) => {
    const labels = counts.flatMap((count, label) => Array<number>(count).fill(label));
    const { yTrain, yTest } = trainTestSplit(range(labels.length), labels, { ...options, stratify: labels });
    expect(countOf(yTrain, counts.length)).toEqual(train);
    expect(countOf(yTest, counts.length)).toEqual(test);
  });

  test("puts each sample with its label on exactly one side, whatever the sizes and strata", () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.3, max: 0.7, noNaN: true }), fc.boolean(), fc.nat(), (sizes, testSize, strata, seed) => {
        const labels = sizes.flatMap((size, label) => Array<number>(size).fill(label));
        const rows = range(labels.length);
        fc.pre(Math.floor(labels.length * (1 - testSize)) >= sizes.length && Math.ceil(labels.length * testSize) >= sizes.length);
        const split = trainTestSplit(rows, labels, { testSize, seed, stratify: strata ? labels : undefined });
        expect(ascending([...split.xTrain, ...split.xTest])).toEqual(rows);
        expect(split.yTrain).toEqual(split.xTrain.map(row => labels[row]));
        expect(split.yTest).toEqual(split.xTest.map(row => labels[row]));
      }),
    );
  });

  test("keeps tensors, typed arrays and arrays in kind", () => {
    const x = tensor(range(24), [4, 3, 2]);
    const { xTrain, xTest, yTrain } = trainTestSplit(x, Uint8Array.of(7, 8, 9, 6), { testSize: 1, shuffle: false });
    expect(xTrain).toEqual({ data: Float32Array.from(range(18)), shape: [3, 3, 2] });
    expect(xTest).toEqual({ data: Float32Array.of(18, 19, 20, 21, 22, 23), shape: [1, 3, 2] });
    expect(yTrain).toEqual(Uint8Array.of(7, 8, 9));
    const flat = trainTestSplit(Int16Array.from(range(8)), ["a", "b", "c", "d"], { testSize: 0.5, shuffle: false });
    expect(flat).toEqual({ xTrain: Int16Array.of(0, 1, 2, 3), xTest: Int16Array.of(4, 5, 6, 7), yTrain: ["a", "b"], yTest: ["c", "d"] });
  });

  test("takes one-hot rows as strata", () => {
    const labels = range(40).map(row => (row < 10 ? 0 : 1));
    for (const stratify of [toCategorical(labels), labels.map(label => [1 - label, label])]) {
      const { yTest } = trainTestSplit(labels, labels, { testSize: 0.2, stratify });
      expect(countOf(yTest, 2)).toEqual([2, 6]);
    }
  });

  test("repeats a split with its seed, or with the global one", () => {
    const rows = range(100);
    const split = (seed?: number) => trainTestSplit(rows, rows, { seed }).xTest;
    expect(split(3)).toEqual(split(3));
    expect(split(3)).not.toEqual(split(4));
    expect(split()).not.toEqual(split());
    setSeed(5);
    const first = split();
    setSeed(5);
    expect(split()).toEqual(first);
  });

  test("draws every sample equally often", () => {
    const drawn = new Float64Array(20);
    for (const seed of range(4000)) for (const row of trainTestSplit(range(20), range(20), { seed }).xTest) drawn[row]++;
    // binomial: 4000 draws of 1/4, deviation 27; five deviations
    for (const count of drawn) expect(Math.abs(count - 1000)).toBeLessThan(137);
  });

  test.each([
    [{ testsize: 0.2 }, 'trainTestSplit: unknown option "testsize". Did you mean "testSize"?'],
    [{ testSize: 1.5 }, "trainTestSplit: testSize must be a part between 0 and 1 or a number of samples below 6, got 1.5."],
    [{ trainSize: 6 }, "trainTestSplit: trainSize must be a part between 0 and 1 or a number of samples below 6, got 6."],
    [{ trainSize: 4, testSize: 3 }, "trainTestSplit: 6 samples cannot give 4 for training and 3 for testing."],
    [{ trainSize: 0.1 }, "trainTestSplit: 6 samples cannot give 0 for training and 6 for testing."],
    [{ stratify: [1, 1] }, "trainTestSplit: expected 6 samples, but stratify has 2."],
    [{ stratify: [0, 0, 0, 1, 1, 1], shuffle: false }, "trainTestSplit: stratify needs shuffle: true."],
    [{ stratify: [0, 0, 0, 0, 0, 1] }, "trainTestSplit: the class 1 has a single sample, which cannot be on both sides."],
    [{ stratify: [0, 0, 0, 1, 1, 1], testSize: 1 }, "trainTestSplit: 5 for training and 1 for testing cannot hold all 2 classes."],
  ])("refuses %j", (options, message) => {
    expect(() => trainTestSplit(range(6), range(6), options as object)).toThrow(new Error(message));
  });

  test("refuses samples and labels that do not match", () => {
    expect(() => trainTestSplit(range(6), range(5))).toThrow(new Error("trainTestSplit: expected 6 samples, but y has 5."));
    const flat = () => trainTestSplit(new Float32Array(7), Uint8Array.of(1, 2));
    expect(flat).toThrow(new Error("trainTestSplit: expected 2 samples, but x has 7 values."));
  });
});

describe("toCategorical", () => {
  test("gives one-hot rows", () => {
    const oneHot = toCategorical([0, 2, 1]);
    expect(oneHot.shape).toEqual([3, 3]);
    expect([...oneHot.data]).toEqual([1, 0, 0, 0, 0, 1, 0, 1, 0]);
    expect(toCategorical(Uint8Array.of(1), 4)).toEqual({ data: Float32Array.of(0, 1, 0, 0), shape: [1, 4] });
  });

  test("keeps the labels' axes but for a last one of length 1", () => {
    expect(toCategorical([[0], [1]]).shape).toEqual([2, 2]);
    expect(toCategorical([[0, 1, 2]]).shape).toEqual([1, 3, 3]);
    expect(toCategorical(tensor([1, 0, 1, 1], [2, 2, 1]))).toEqual({ data: Float32Array.of(0, 1, 1, 0, 0, 1, 0, 1), shape: [2, 2, 2] });
  });

  test("refuses labels that are no class", () => {
    expect(() => toCategorical([0, 3], 3)).toThrow(new Error("toCategorical: labels must be whole numbers from 0 to 2, got 3 at 1."));
    expect(() => toCategorical([-1, 1])).toThrow(new Error("toCategorical: labels must be whole numbers from 0 to 1, got -1 at 0."));
    expect(() => toCategorical([0.5, 1])).toThrow(new Error("toCategorical: labels must be whole numbers from 0 to 1, got 0.5 at 0."));
  });
});
