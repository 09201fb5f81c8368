import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseCsv, readCsv } from "../js/csv.js";
import { layers, optimizers, preprocessing, sequential, setSeed, tensor, utils } from "../js/index.js";
import given from "./fixtures/tables.json" with { type: "json" };

const { columnTransformer, crossValidate, fromCanvas, fromImageBitmap, fromImageData, kFold, standardScaler } = preprocessing;
type Rows = preprocessing.TableRow[];
const [train, test_] = [given.train as Rows, given.test as Rows];

/** Within 1e-6 of the size of the numbers. */
function expectClose(got: ArrayLike<number>, expected: number[]): void {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(got[i] - value), `${i}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
}

describe("columnTransformer", () => {
  test.each(given.transformers)("is scikit-learn's with $options", ({ options, train: fitted, test: expected }) => {
    const columns = columnTransformer(options as object);
    const x = columns.fitTransform(train);
    expect(x.shape).toEqual([6, 7]);
    expectClose(x.data, fitted.flat());
    expectClose(columns.transform(test_.slice(0, expected.length)).data, expected.flat());
    expect(columns.featureNames).toEqual(["mass", "length", "island=Biscoe", "island=Dream", "island=Torgersen", "sex=female", "sex=male"]);
    const again = preprocessing.fromJSON(JSON.stringify(columns)) as typeof columns;
    expect(again.transform(train)).toEqual(x);
  });

  test("takes columns, drops columns, and tells truth values from text", () => {
    const rows = [
      { a: 1, b: true, label: "x" },
      { a: 3, b: false, label: "y" },
    ];
    expect(columnTransformer({ drop: ["label"], scale: "none" }).fitTransform(rows)).toEqual({
      data: Float32Array.of(1, 0, 1, 3, 1, 0),
      shape: [2, 3],
    });
    expect(columnTransformer({ columns: ["b"] }).fit(rows).featureNames).toEqual(["b=false", "b=true"]);
    const constant = columnTransformer({ columns: ["a"] }).fitTransform([{ a: 5 }, { a: null }, { a: Number.NaN }]);
    expect([...constant.data]).toEqual([0, 0, 0]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "to transform before fit",
      () => columnTransformer().transform(train),
      "columnTransformer: transform: fit() it to training data first.",
    ],
    [
      "an unknown category",
      () => columnTransformer().fit(train).transform(test_),
      'island of row 3: unknown category "Mars". fit() saw "Biscoe", "Dream", "Torgersen".',
    ],
    [
      "a column that is missing",
      () =>
        columnTransformer()
          .fit(train)
          .transform([{ mass: 1 }]),
      'row 0 has no column "length". Its columns: mass.',
    ],
    [
      "text for a number",
      () =>
        columnTransformer()
          .fit(train)
          .transform([{ ...train[0], mass: "heavy" }]),
      'mass of row 0: expected a number, got "heavy".',
    ],
    [
      "an empty column",
      () => columnTransformer().fit([{ a: null }, { a: null }]),
      "columnTransformer: fit: a: every cell is empty. Name it in drop.",
    ],
    [
      "numbers and text in one",
      () => columnTransformer().fit([{ a: 1 }, { a: "b" }]),
      'a: expected numbers alone, or text alone, got 1 and "b".',
    ],
    ["no rows", () => columnTransformer().fit([]), 'expected rows such as [{ age: 31, sex: "female" }, ...], got [].'],
    ["another scale", () => columnTransformer({ scale: "log" as never }), 'scale must be "standard" or "minmax" or "none", got "log".'],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("CSV", () => {
  const text = '\uFEFFname,age,code,note\nAnn,31,07,"says ""hi"", twice"\nBob,,08,NA\n\n"C, D",2.5e1,?,x\r\n';

  test("becomes rows of typed cells", () => {
    expect(parseCsv(text, { text: ["code"] })).toEqual([
      { name: "Ann", age: 31, code: "07", note: 'says "hi", twice' },
      { name: "Bob", age: null, code: "08", note: null },
      { name: "C, D", age: 25, code: null, note: "x" },
    ]);
    expect(parseCsv(text)[0].code).toBe(7);
    expect(parseCsv("1;2\n3;-", { delimiter: ";", header: ["a", "b"], missing: ["-"] })).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: null },
    ]);
    expect(parseCsv("")).toEqual([]);
  });

  test("comes from paths, bytes, blobs and responses", async () => {
    const path = join(tmpdir(), `table-${process.pid}.csv`);
    writeFileSync(path, text);
    const rows = parseCsv(text);
    const bytes = readFileSync(path);
    for (const source of [path, new Uint8Array(bytes), new Blob([bytes]), new Response(bytes)]) expect(await readCsv(source)).toEqual(rows);
  });

  test.each<[string, () => unknown, string]>([
    ["a row that is too short", () => parseCsv("a,b\n1,2\n3"), "parseCsv: row 1 has 1 cells, but there are 2 columns."],
    ["two columns of one name", () => parseCsv("a,a\n1,2"), "parseCsv: two columns have the same name: a, a."],
    ["what is no text", () => parseCsv(5 as never), "parseCsv: expected text, got 5."],
    [
      "a misspelt option",
      () => parseCsv("a", { delimeter: ";" } as object),
      'parseCsv: unknown option "delimeter". Did you mean "delimiter"?',
    ],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("crossValidate", () => {
  const x = tensor(
    Float32Array.from({ length: 20 }, (_, i) => i),
    [10, 2],
  );
  const y = Uint8Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 1);

  test("gives each fold its samples, and the mean and deviation of what they measure", async () => {
    const seen: number[][] = [];
    const result = await crossValidate(
      x,
      y,
      ({ xTrain, yTrain, xTest, yTest, fold }) => {
        expect([xTrain.shape, yTrain.length, xTest.shape, yTest.length]).toEqual([[8, 2], 8, [2, 2], 2]);
        seen.push([...xTest.data]);
        return { fold, first: yTest[0] };
      },
      { nSplits: 5 },
    );
    expect(seen).toEqual(kFold(10).map(({ test }) => test.flatMap(row => [2 * row, 2 * row + 1])));
    expect(result.folds.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4]);
    expect(result.mean).toEqual({ fold: 2, first: 0 });
    expect(result.std).toEqual({ fold: Math.SQRT2, first: 0 });
  });

  test("measures a model, stratified, with a scaler of each fold's own", async () => {
    setSeed(1);
    const points = tensor(
      Float32Array.from({ length: 120 }, (_, i) => Math.sin(i) * 50 + (i % 4 < 2 ? 40 : -40)),
      [60, 2],
    );
    const labels = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const { folds, mean } = await crossValidate(
      points,
      labels,
      async ({ xTrain, yTrain, xTest, yTest }) => {
        expect(yTest.filter(label => label === 1)).toHaveLength(10);
        const scaler = standardScaler();
        const model = sequential([layers.dense(1, { activation: "sigmoid", inputShape: [2] })]);
        model.compile({ optimizer: optimizers.adam({ learningRate: 0.1 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
        await model.fit(scaler.fitTransform(xTrain), yTrain, { epochs: 30, verbose: 0 });
        return model.evaluate(scaler.transform(xTest), yTest, { verbose: 0 });
      },
      { nSplits: 3, stratify: labels, shuffle: true, seed: 1 },
    );
    expect(folds).toHaveLength(3);
    expect(mean.accuracy).toBeGreaterThan(0.75);
  });

  test("refuses what does not fit", async () => {
    await expect(crossValidate(x, y, "learn" as never)).rejects.toThrow(
      'crossValidate: expected a function that learns a fold, got "learn".',
    );
    await expect(crossValidate(x, y.slice(1), () => ({}))).rejects.toThrow("crossValidate: expected 10 samples, but y has 9 values.");
  });
});

describe("images", () => {
  const image = { data: Uint8ClampedArray.from(given.pixels), width: 4, height: 3 };

  test("become tensors of one, three or four channels", () => {
    const grey = fromImageData(image, { channels: 1 });
    expect(grey.shape).toEqual([1, 3, 4, 1]);
    // Pillow rounds to whole numbers
    expect([...grey.data].map(Math.round)).toEqual(given.grey.flat());
    const colours = fromImageData([image, { ...image, data: image.data.map(value => 255 - value) }]);
    expect(colours.shape).toEqual([2, 3, 4, 3]);
    expect([...colours.data.slice(0, 6)]).toEqual([0, 1, 2, 4, 5, 6].map(i => given.pixels[i]));
    expect(colours.data[36]).toBe(255 - given.pixels[0]);
    expect([...fromImageData(image, { channels: 4 }).data]).toEqual(given.pixels);
  });

  afterEach(() => vi.unstubAllGlobals());

  test("come from canvases and bitmaps", () => {
    const drawn: unknown[][] = [];
    class Canvas {
      readonly width: number;
      readonly height: number;
      constructor(width: number, height: number) {
        this.width = width;
        this.height = height;
      }
      getContext(kind: string) {
        expect(kind).toBe("2d");
        return {
          clearRect: () => {},
          drawImage: (...args: unknown[]) => drawn.push(args),
          getImageData: (x: number, y: number, width: number, height: number) => {
            expect([x, y]).toEqual([0, 0]);
            return { width, height, data: image.data.slice(0, 4 * width * height) };
          },
        };
      }
    }
    const canvas = new Canvas(4, 3) as unknown as OffscreenCanvas;
    expect(fromCanvas(canvas)).toEqual(fromImageData(image));
    expect(fromCanvas([canvas, canvas], { channels: 1 }).shape).toEqual([2, 3, 4, 1]);
    const bitmap = { width: 4, height: 3 } as ImageBitmap;
    expect(() => fromImageBitmap(bitmap)).toThrow("fromImageBitmap: there is no OffscreenCanvas here. fromImageData() takes pixels.");
    vi.stubGlobal("OffscreenCanvas", Canvas);
    expect(fromImageBitmap(bitmap)).toEqual(fromImageData(image));
    expect(fromImageBitmap([bitmap, bitmap], { width: 2, height: 2, channels: 1 }).shape).toEqual([2, 2, 2, 1]);
    expect(drawn).toEqual([
      [bitmap, 0, 0, 4, 3],
      [bitmap, 0, 0, 2, 2],
      [bitmap, 0, 0, 2, 2],
    ]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "images of two sizes",
      () => fromImageData([image, { ...image, width: 3 }]),
      "fromImageData: image 1 is 3 x 3, but the first one 4 x 3.",
    ],
    [
      "pixels that are missing",
      () => fromImageData({ ...image, data: image.data.slice(4) }),
      "image 0 must hold 48 numbers, four a pixel, got 44.",
    ],
    ["two channels", () => fromImageData(image, { channels: 2 as never }), 'channels must be "1" or "3" or "4"'],
    ["no image", () => fromImageData([]), "fromImageData: there are no images."],
    ["what is no canvas", () => fromCanvas({} as never), "fromCanvas: expected a canvas that can be drawn on in 2d, got an object."],
    ["what is no bitmap", () => fromImageBitmap(null as never), "fromImageBitmap: expected an ImageBitmap, got null."],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("normalize", () => {
  test.each(given.norms)("is Keras's along axis $axis with order $order", ({ axis, order, values }) => {
    const x = tensor(given.x);
    const normalized = utils.normalize(x, axis, order === "infinity" ? Number.POSITIVE_INFINITY : (order as number));
    expect(normalized.shape).toEqual([2, 3, 4]);
    expectClose(normalized.data, values);
  });

  test("has defaults, and refuses an axis that is none", () => {
    expect(
      [
        ...utils.normalize([
          [3, 4],
          [0, 0],
        ]).data,
      ].map(Math.fround),
    ).toEqual([0.6, 0.8, 0, 0].map(Math.fround));
    expect(() => utils.normalize([1], 1)).toThrow(new Error("normalize: axis 1 is none of a tensor of shape (1,)."));
    expect(() => utils.normalize([1], 0, 0)).toThrow(new Error("normalize: order must be a number above 0, got 0."));
    expect(utils.padSequences([[1], [2, 3]]).shape).toEqual([2, 2]);
  });
});
