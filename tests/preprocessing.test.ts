import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { preprocessing } from "../js/index.js";
import { trainTestSplit } from "../js/preprocessing/trainTestSplit.js";
import { setSeed } from "../js/random.js";
import { tensor } from "../js/tensor.js";
import { toCategorical } from "../js/utils.js";
import given from "./fixtures/preprocessing.json" with { type: "json" };
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

const values = (rows: number[][]) => rows.flat();

/** Within 1e-6 of the size of the numbers. */
function expectClose(got: ArrayLike<number>, expected: number[]): void {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(got[i] - value), `${i}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
}

const again = <T>(fitted: T): T => preprocessing.fromJSON(JSON.stringify(fitted)) as T;

describe("scalers", () => {
  const make = (name: string, options: object) =>
    name === "standardScaler" ? preprocessing.standardScaler(options) : preprocessing.minMaxScaler(options);

  test.each(given.scalers)("$name $options as scikit-learn", ({ name, options, train, test: unseen, back }) => {
    const scaler = make(name, options);
    expectClose(scaler.fitTransform(given.train).data, values(train));
    for (const one of [scaler, again(scaler)]) {
      expectClose(one.transform(given.test).data, values(unseen));
      expectClose(one.inverseTransform(one.transform(given.test)).data, values(back));
    }
  });

  test("takes tensors with steps between samples and features", () => {
    const scaler = preprocessing.minMaxScaler().fit(tensor([0, 10, 4, 20, 2, 30, 1, 10], [2, 2, 2]));
    expect(scaler.transform(tensor([2, 20], [1, 1, 2]))).toEqual({ data: Float32Array.of(0.5, 0.5), shape: [1, 1, 2] });
  });

  test("tells what is wrong", () => {
    const scaler = preprocessing.standardScaler();
    expect(() => scaler.transform([[1]])).toThrow("standardScaler: transform: fit() it to training data first.");
    expect(() => scaler.fit([1, 2])).toThrow(
      "standardScaler: fit: expected rows of features, such as [[1, 2], [3, 4]], got the shape (2,).",
    );
    expect(() => scaler.fit([[1, Number.NaN]])).toThrow("standardScaler: fit: row 0 holds NaN in feature 1.");
    scaler.fit([[1, 2]]);
    expect(() => scaler.transform([[1]])).toThrow("standardScaler: transform: it was fitted to 2 features, got 1.");
    expect(() => preprocessing.minMaxScaler({ featureRange: [1, 1] })).toThrow(
      "minMaxScaler: featureRange must be [low, high], got [1,1].",
    );
    expect(() => preprocessing.fromJSON("{}")).toThrow("preprocessing.fromJSON: expected what JSON.stringify() made");
  });
});

describe("encoders", () => {
  test.each(given.labels)("numbers $labels as scikit-learn", ({ labels, classes, numbers }) => {
    const encoder = preprocessing.labelEncoder();
    expect([...encoder.fitTransform(labels as string[])]).toEqual(numbers);
    for (const one of [encoder, again(encoder)]) {
      expect(one.classes).toEqual(classes);
      expect(one.inverseTransform(numbers)).toEqual(labels);
    }
  });

  test.each(given.onehot)("makes columns with $options as scikit-learn", ({ options, rows, encoded }) => {
    const encoder = preprocessing.oneHotEncoder(options as object).fit(given.onehotRows);
    for (const one of [encoder, again(encoder)]) {
      const { data, shape } = one.transform(rows);
      expect(shape).toEqual([rows.length, encoded[0].length]);
      expect([...data]).toEqual(values(encoded));
    }
  });

  test("tell what is wrong", () => {
    expect(() => preprocessing.labelEncoder().transform(["a"])).toThrow("labelEncoder: transform: fit() it to training data first.");
    expect(() => preprocessing.labelEncoder().fit(["a"]).transform(["b"])).toThrow(
      'labelEncoder: transform: unknown label "b". fit() saw "a".',
    );
    expect(() => preprocessing.labelEncoder().fit(["a"]).inverseTransform([1])).toThrow("whole numbers from 0 to 0, got 1");
    const encoder = preprocessing.oneHotEncoder().fit([["a"]]);
    expect(() => encoder.transform([["b"]])).toThrow('oneHotEncoder: transform: column 0: unknown label "b". fit() saw "a".');
    expect(() => encoder.transform([["a", "b"]])).toThrow("oneHotEncoder: transform: expected rows of 1 categories");
  });
});

describe("kFold", () => {
  test.each(given.folds)("$samples samples in $nSplits folds as scikit-learn", ({ samples, nSplits, tests }) => {
    expect(preprocessing.kFold(samples, { nSplits }).map(fold => fold.test)).toEqual(tests);
  });

  test.each(given.strata)("strata in $nSplits folds as scikit-learn", ({ classes, nSplits, tests }) => {
    expect(preprocessing.kFold(classes.length, { nSplits, stratify: classes }).map(fold => fold.test)).toEqual(tests);
  });

  test("shuffled, tests each sample once and trains on all others", () => {
    const folds = preprocessing.kFold(23, { nSplits: 4, shuffle: true, seed: 3 });
    expect(ascending(folds.flatMap(fold => fold.test))).toEqual(range(23));
    for (const { train, test } of folds) expect(ascending([...train, ...test])).toEqual(range(23));
    expect(folds).toEqual(preprocessing.kFold(23, { nSplits: 4, shuffle: true, seed: 3 }));
    expect(folds).not.toEqual(preprocessing.kFold(23, { nSplits: 4 }));
  });

  test("tells what is wrong", () => {
    expect(() => preprocessing.kFold(3, { nSplits: 4 })).toThrow("kFold: 4 folds need as many samples at least, got 3.");
    expect(() => preprocessing.kFold(3, { nSplits: 2, stratify: [0, 0, 1] })).toThrow(
      "kFold: the class 1 has 1 samples, too few for 2 folds.",
    );
    expect(() => preprocessing.kFold(3, { nSplits: 2, stratify: [0, 0] })).toThrow(
      "kFold: stratify must hold 3 labels, one a sample, got 2.",
    );
  });
});

describe("padSequences", () => {
  test.each(given.pads)("$options as Keras", ({ options, sequences, padded }) => {
    const { data, shape } = preprocessing.padSequences(sequences, options as object);
    expect(shape).toEqual([padded.length, padded[0].length]);
    expect([...data]).toEqual(values(padded));
  });

  test("tells what is wrong", () => {
    expect(() => preprocessing.padSequences([1, 2] as never)).toThrow(
      "padSequences: expected an array of sequences of numbers, got [1, 2].",
    );
    expect(() => preprocessing.padSequences([[1]], { padding: "left" as never })).toThrow('padSequences: padding must be "pre" or "post"');
  });
});

describe("textVectorization", () => {
  test.each(given.vectorizers)("$options as Keras", ({ options, vocabulary, encoded }) => {
    const layer = preprocessing.textVectorization(options as object).adapt(given.texts);
    for (const one of [layer, again(layer)]) {
      expect(one.getVocabulary()).toEqual(vocabulary);
      const { data, shape } = one.transform(given.newTexts);
      expect(shape).toEqual([encoded.length, encoded[0].length]);
      expectClose(data, values(encoded));
    }
  });

  test("takes a vocabulary, and tells what is wrong", () => {
    const layer = preprocessing.textVectorization({ vocabulary: ["a", "b"] });
    expect([...layer.transform(["b a c"]).data]).toEqual([3, 2, 1]);
    expect(() => preprocessing.textVectorization().transform(["a"])).toThrow(
      "textVectorization: transform: adapt() it to training texts first",
    );
    expect(() => preprocessing.textVectorization({ vocabulary: ["a", "a"] })).toThrow('textVectorization: the vocabulary holds "a" twice.');
    expect(() => layer.transform("a" as never)).toThrow('textVectorization: transform: expected an array of texts, got "a".');
  });
});

describe("tokenizer", () => {
  const texts = ["The cat sat.", "the dog, the cat", "__proto__ sat"];

  test("numbers words by frequency, then by first appearance", () => {
    const words = preprocessing.tokenizer().fitOnTexts(texts);
    for (const one of [words, again(words)]) {
      expect(one.wordIndex).toEqual({ the: 1, cat: 2, sat: 3, dog: 4, proto: 5 });
      expect(one.textsToSequences(["a cat sat on the dog"])).toEqual([[2, 3, 1, 4]]);
      expect(one.sequencesToTexts([[1, 2, 9]])).toEqual(["the cat"]);
    }
  });

  test("keeps the most frequent, and marks the unknown", () => {
    const words = preprocessing.tokenizer({ numWords: 3, oovToken: "<oov>" }).fitOnTexts(texts);
    expect(words.textsToSequences(["the cat barks"])).toEqual([[2, 1, 1]]);
    expect(preprocessing.tokenizer({ charLevel: true }).fitOnTexts(["ab a"]).wordIndex).toEqual({ a: 1, b: 2, " ": 3 });
  });

  test("counts words in rows as Keras did", () => {
    const words = preprocessing.tokenizer().fitOnTexts(["a b", "a c c"]);
    const rows = (mode: "binary" | "count" | "freq" | "tfidf") => [...words.textsToMatrix(["c c a"], mode).data];
    expect(rows("binary")).toEqual([0, 1, 1, 0]);
    expect(rows("count")).toEqual([0, 1, 2, 0]);
    expectClose(rows("freq"), [0, 1 / 3, 2 / 3, 0]);
    expectClose(rows("tfidf"), [0, Math.log(1 + 2 / 3), (1 + Math.log(2)) * Math.log(2), 0]);
  });
});
