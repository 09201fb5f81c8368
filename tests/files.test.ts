import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../js/files/safetensors.js";
import {
  constraints,
  initializers,
  Layer,
  type LayerOptions,
  layers,
  loadModel,
  losses,
  metrics,
  optimizers,
  type Plan,
  type Recorded,
  regularizers,
  type Sequential,
  type Shape,
  sequential,
  setSeed,
  type View,
} from "../js/index.js";
import { uniform } from "./kernels/data.js";
import { bits, classifier, convnet, regression, samples, stateOf } from "./nets.js";

const { x, values, oneHot } = samples(24);
const images = { data: uniform(24 * 36), shape: [24, 6, 6, 1] };
const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 3);
const quiet = { verbose: 0 } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wasmind-"));
});
afterAll(() => rm(folder, { recursive: true }));

const getBuiltinModule = () => vi.spyOn(process as { getBuiltinModule(id: string): unknown }, "getBuiltinModule");

/** The format as its page says it, read in the plainest way: https://github.com/huggingface/safetensors#format */
function readByTheBook(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes);
  const length = Number(buffer.readBigUInt64LE(0));
  const text = buffer.subarray(8, 8 + length).toString("utf8");
  const { __metadata__: metadata, ...entries } = JSON.parse(text);
  const tensors = Object.entries(entries as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>);
  return {
    text,
    metadata,
    bodyLength: buffer.length - 8 - length,
    begin: 8 + length,
    tensors: tensors.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const numbers = Array.from({ length: (end - begin) / 4 }, (_, i) => buffer.readFloatLE(8 + length + begin + 4 * i));
        return { name, dtype, shape, begin, end, numbers };
      },
    ),
  };
}

const nets: [string, () => Sequential, (model: Sequential, epochs: number) => Promise<unknown>][] = [
  ["regression with sgd", () => regression(), (model, epochs) => model.fit(x, values, { epochs, batchSize: 7, ...quiet })],
  [
    "regression with momentum and penalties",
    () => {
      const model = sequential([
        layers.dense(6, { inputShape: [4], activation: "tanh", kernelRegularizer: "l2", biasRegularizer: regularizers.l1({ l1: 0.1 }) }),
        layers.dense(1, { activityRegularizer: regularizers.l1l2({ l1: 0.01, l2: 0.02 }) }),
      ]);
      model.compile({
        optimizer: optimizers.sgd({ momentum: 0.9, nesterov: true, learningRate: 0.02 }),
        loss: losses.huber({ delta: 0.5 }),
      });
      return model;
    },
    (model, epochs) => model.fit(x, values, { epochs, batchSize: 7, ...quiet }),
  ],
  [
    "classifier with adam and dropout",
    () => classifier({ dropout: 0.4 }),
    (model, epochs) => model.fit(x, oneHot, { epochs, batchSize: 7, classWeight: { 1: 2 }, ...quiet }),
  ],
  [
    "normalization, slopes that are learnt, and constraints",
    () => {
      const model = sequential([
        layers.reshape([2, -1], { inputShape: [4] }),
        layers.permute([2, 1]),
        layers.dense(6, { kernelConstraint: constraints.maxNorm({ maxValue: 0.5, axis: [0] }), biasConstraint: "non_neg" }),
        layers.batchNormalization({ momentum: 0.5, epsilon: 0.25, movingVarianceInitializer: initializers.constant({ value: 2 }) }),
        layers.prelu({ sharedAxes: [1], alphaInitializer: initializers.varianceScaling({ mode: "fan_out", distribution: "uniform" }) }),
        layers.groupNormalization({ groups: 3, scale: false, betaConstraint: constraints.minMaxNorm({ rate: 0.5 }) }),
        layers.layerNormalization({ axis: [1, 2], center: false, gammaRegularizer: "l2" }),
        layers.relu({ maxValue: 2, negativeSlope: 0.25, threshold: 0.125 }),
        layers.leakyRelu(),
        layers.elu({ alpha: 0.5 }),
        layers.softmax({ axis: [1, 2] }),
        layers.unitNormalization({ axis: 1 }),
        layers.flatten(),
        layers.repeatVector(2),
        layers.rmsNormalization({ axis: 2 }),
        layers.flatten(),
        layers.dense(1),
      ]);
      model.compile({ optimizer: "adam", loss: "mse" });
      return model;
    },
    (model, epochs) => model.fit(x, values, { epochs, batchSize: 7, ...quiet }),
  ],
  ["convnet with dropout", () => convnet(0.4), (model, epochs) => model.fit(images, labels, { epochs, batchSize: 7, ...quiet })],
];

describe("a model that was saved and loaded", () => {
  test.each(nets)("is the same: %s", async (_, make, train) => {
    setSeed(3);
    const model = make();
    await train(model, 3);
    const again = await loadModel(model.toSafetensors());
    expect({ ...stateOf(again), layers: null, history: null }).toEqual({ ...stateOf(model), layers: null, history: null });
    const input = model.inputShape!.length === 2 ? x : images;
    expect(bits([await again.predict(input)])).toEqual(bits([await model.predict(input)]));
    expect(bits([again.predictSync(input)])).toEqual(bits([model.predictSync(input)]));
  });

  test.each(nets)("trains on with the same bits, shuffles and dropout: %s", async (_, make, train) => {
    setSeed(3);
    const model = make();
    await train(model, 3);
    const again = await loadModel(model.toSafetensors());
    await train(model, 2);
    await train(again, 2);
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
    expect(again.getOptimizerState()).toEqual(model.getOptimizerState());
    expect(again.history?.history).toEqual(model.history?.history);
  });

  test("keeps every option of every layer", async () => {
    const model = sequential(
      [
        layers.conv2d(4, [3, 2], {
          name: "first",
          inputShape: [9, 9, 2],
          strides: [2, 1],
          padding: "same",
          groups: 2,
          activation: "leaky_relu",
          useBias: false,
          kernelInitializer: initializers.heNormal({ seed: 5 }),
          kernelRegularizer: regularizers.l1l2({ l1: 0.25, l2: 0.5 }),
          trainable: false,
        }),
        layers.conv2d(2, 2, { dilationRate: [1, 2], biasInitializer: initializers.constant({ value: 0.5 }) }),
        layers.maxPooling2d([2, 1], { strides: null, padding: "same" }),
        layers.maxPooling2d(2, { strides: [1, 2] }),
        layers.activation("tanh"),
        layers.flatten(),
        layers.dropout(0.25, { seed: 7 }),
        layers.dense(2, { activation: "softmax", activityRegularizer: "l2" }),
      ],
      { name: "all of them" },
    );
    model.compile({
      optimizer: optimizers.adam({ learningRate: 0.25, beta1: 0.5, beta2: 0.75, epsilon: 0.125, name: "mine" }),
      loss: losses.categoricalCrossentropy({ labelSmoothing: 0.25, fromLogits: true }),
      metrics: ["accuracy", "mse", metrics.binaryAccuracy({ threshold: 0.25, name: "quarter" })],
      weightedMetrics: ["accuracy"],
    });
    model.optimizer.learningRate = 0.0625;
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(again.optimizer.learningRate).toBe(0.0625);
    expect(again.name).toBe("all of them");
    expect(again.getLayer("first").trainable).toBe(false);
    expect(again.metrics.map(({ name }) => name)).toEqual(["accuracy", "mse", "quarter", "weighted_accuracy"]);
    expect(again.toSafetensors()).toEqual(model.toSafetensors());
  });

  test("need not be compiled, trained or built", async () => {
    const plain = sequential([layers.dense(2, { inputShape: [4] })]);
    const again = await loadModel(plain.toSafetensors());
    expect(bits(again.getWeights())).toEqual(bits(plain.getWeights()));
    expect(() => again.optimizer).toThrow(Error);
    const fresh = await loadModel(regression().toSafetensors());
    expect(fresh.getOptimizerState()).toBeNull();
    await fresh.fit(x, values, quiet);
    const late = await loadModel(sequential([layers.dense(3), layers.dense(1)]).toSafetensors());
    expect(late.inputShape).toBeNull();
    expect((await late.predict(x)).shape).toEqual([24, 1]);
    expect((await loadModel(sequential().toSafetensors())).layers).toEqual([]);
    expect((await loadModel(sequential([layers.input({ shape: [4] })]).toSafetensors())).inputShape).toEqual([null, 4]);
  });

  test("may have a layer called optimizer", async () => {
    const model = sequential([layers.dense(2, { inputShape: [4], name: "optimizer" }), layers.dense(1, { name: "momentum" })]);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit(x, values, { epochs: 2, ...quiet });
    const again = await loadModel(model.toSafetensors());
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
    expect(again.getOptimizerState()).toEqual(model.getOptimizerState());
  });

  test.each([
    ["froze", true],
    ["thawed", false],
  ])("may have had a layer %s since its last step: its optimizer then starts anew", async (_, trainable) => {
    const model = regression({ optimizer: "adam" });
    model.layers[0].trainable = trainable;
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit(x, values, quiet);
    model.layers[0].trainable = !trainable;
    const again = await loadModel(model.toSafetensors());
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
    expect(again.layers[0].trainable).toBe(!trainable);
    expect(again.getOptimizerState()).toBeNull();
    await again.fit(x, values, quiet);
  });

  test("comes from a path, URL, bytes, Blob or Response", async () => {
    const model = regression();
    await model.fit(x, values, quiet);
    const path = join(folder, "model.safetensors");
    await model.save(path);
    const bytes = await readFile(path);
    expect(new Uint8Array(bytes)).toEqual(model.toSafetensors());
    const server = createServer((request, response) => response.writeHead(request.url === "/model" ? 200 : 404, "No").end(bytes)).listen(0);
    const { port } = server.address() as AddressInfo;
    try {
      const http = `http://localhost:${port}/model`;
      const offset = new Uint8Array(bytes.length + 3);
      offset.set(bytes, 3);
      const exact = Uint8Array.from(bytes);
      const sources = [
        path,
        pathToFileURL(path),
        http,
        new URL(http),
        exact,
        exact.buffer,
        offset.subarray(3),
        bytes,
        new Blob([exact]),
        new Response(exact),
      ];
      for (const source of sources) {
        const again = await loadModel(source);
        expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
        expect(again.getOptimizerState()).toEqual(model.getOptimizerState());
      }
      await expect(loadModel(`http://localhost:${port}/none`)).rejects.toThrow(
        new Error(`http://localhost:${port}/none: the server answered 404 No.`),
      );
    } finally {
      server.close();
    }
  });

  test("is written whole or not at all", async () => {
    const path = join(folder, "kept.safetensors");
    await writeFile(path, "what was there before");
    const model = regression();
    getBuiltinModule().mockReturnValue({
      writeFile: async (to: string, bytes: Uint8Array) => {
        await writeFile(to, bytes.subarray(0, 100));
        throw new Error("ENOSPC: no space left on device");
      },
      rename: () => expect.unreachable(),
      rm,
    } as never);
    await expect(model.save(path)).rejects.toThrow(new Error("ENOSPC: no space left on device"));
    vi.restoreAllMocks();
    expect(await readFile(path, "utf8")).toBe("what was there before");
    expect((await readdir(folder)).filter(name => name.includes("kept"))).toEqual(["kept.safetensors"]);
    await model.save(path);
    expect(bits((await loadModel(path)).getWeights())).toEqual(bits(model.getWeights()));
    await expect(model.save(join(folder, "model.h5"))).rejects.toThrow(
      new Error(`save: the path must end in ".safetensors" or ".keras", got "${join(folder, "model.h5")}".`),
    );
  });

  test("in a page, which has no files, is asked for by its bytes", async () => {
    getBuiltinModule().mockReturnValue(undefined as never);
    try {
      await expect(regression().save("model.safetensors")).rejects.toThrow(
        new Error("save: there is no file system here. model.toSafetensors() gives the bytes."),
      );
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe("the safetensors format", () => {
  test("is written as its page says", async () => {
    const model = classifier();
    await model.fit(x, oneHot, { epochs: 2, ...quiet });
    const { text, metadata, tensors, bodyLength, begin } = readByTheBook(model.toSafetensors());
    expect(text.startsWith("{")).toBe(true);
    expect(begin % 64).toBe(0);
    const state = model.getOptimizerState()!;
    expect(Object.keys(metadata).sort()).toEqual(["format", "iterations", "model", "seed"]);
    expect(Object.values(metadata).every(value => typeof value === "string")).toBe(true);
    expect(metadata).toMatchObject({ format: "wasmind", iterations: "2", seed: String(state.seed) });
    const [a, , b] = model.layers.map(({ name }) => name);
    const own = [`${a}/kernel`, `${a}/bias`, `${b}/kernel`, `${b}/bias`];
    expect(tensors.map(({ name }) => name)).toEqual([
      ...own,
      ...own.map(name => `optimizer/momentum/${name}`),
      ...own.map(name => `optimizer/velocity/${name}`),
    ]);
    let at = 0;
    for (const { dtype, shape, begin, end } of tensors) {
      expect([dtype, begin, end]).toEqual(["F32", at, at + 4 * shape.reduce((p, n) => p * n, 1)]);
      at = end;
    }
    expect(bodyLength).toBe(at);
    expect(tensors.slice(0, 4).map(({ shape, numbers }) => ({ shape, data: Float32Array.from(numbers) }))).toEqual(
      model.getWeights().map(({ shape, data }) => ({ shape, data })),
    );
    const written = Object.values(state.tensors).map(({ data }) => data);
    expect(tensors.slice(4).map(({ numbers }) => Float32Array.from(numbers))).toEqual(written);
  });

  test("names options as Keras does", () => {
    const { metadata } = readByTheBook(classifier().toSafetensors());
    const topology = JSON.parse(metadata.model);
    expect(topology.class_name).toBe("Sequential");
    expect(topology.input_shape).toEqual([4]);
    expect(topology.config.layers[0]).toMatchObject({
      class_name: "Dense",
      config: { units: 8, activation: "relu", use_bias: true, kernel_initializer: { class_name: "GlorotUniform", config: { seed: null } } },
    });
    expect(topology.config.compile.optimizer).toMatchObject({
      class_name: "Adam",
      config: { learning_rate: 0.001, weight_decay: null, use_ema: false, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, name: "adam" },
    });
  });

  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const tensors = fc.dictionary(
    fc.string({ minLength: 1, unit: "binary" }).filter(name => name !== "__metadata__"),
    shape.chain(shape => {
      const size = shape.reduce((a, b) => a * b, 1);
      return fc.float32Array({ minLength: size, maxLength: size }).map(data => ({ data, shape }));
    }),
    { maxKeys: 5 },
  );
  const metadata = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), { maxKeys: 4 });
  const bitsByName = (tensors: Record<string, { data: Float32Array; shape: number[] }>) =>
    Object.entries(tensors).map(([name, tensor]) => [name, bits([tensor])]);

  test("gives back what was put in, whatever its names and shapes", () => {
    fc.assert(
      fc.property(tensors, metadata, (tensors, metadata) => {
        const file = { tensors, metadata };
        const bytes = encodeSafetensors(file);
        for (const read of [bytes, Buffer.from(bytes)]) {
          const again = decodeSafetensors(read);
          expect(new Map(bitsByName(again.tensors) as never)).toEqual(new Map(bitsByName(tensors) as never));
          expect({ ...again.metadata }).toEqual({ ...metadata });
        }
        const book = readByTheBook(bytes);
        expect(book.tensors.map(({ name, numbers }) => [name, Float32Array.from(numbers)])).toEqual(
          Object.entries(tensors).map(([name, { data }]) => [name, data]),
        );
      }),
      { seed: 1 },
    );
  });

  /** Ends in tensors that the bytes can hold, or in one plain error of ours. */
  function decodesOrRefuses(bytes: Uint8Array): boolean {
    try {
      const { tensors } = decodeSafetensors(bytes);
      const sizes = Object.values(tensors).map(({ data, shape }) => {
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        return data.byteLength;
      });
      expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(bytes.length);
      return true;
    } catch (error) {
      expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
      expect((error as Error).message).toMatch(/^safetensors: [^\n]{1,400}$/s);
      return false;
    }
  }

  /** A file of a header that anybody may have written, and a body. */
  function fileOf(header: unknown, body: number, length?: bigint) {
    const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + body);
    new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  }

  test("cut short at any byte is refused", async () => {
    const model = classifier();
    await model.fit(x, oneHot, quiet);
    const bytes = model.toSafetensors();
    const { begin } = readByTheBook(bytes);
    for (let length = 0; length < bytes.length; length++) {
      const message =
        length < 8
          ? `safetensors: the file is cut short: ${length} bytes, and the header's length alone takes 8.`
          : length < begin
            ? `safetensors: the file is cut short: the header ends at byte ${begin} of ${length}.`
            : /^safetensors: the file is cut short: tensor "[\w/]+" ends at byte \d+ of \d+\.$/;
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(typeof message === "string" ? new Error(message) : message);
    }
    await expect(loadModel(bytes.subarray(0, 3))).rejects.toThrow(
      new Error("safetensors: the file is cut short: 3 bytes, and the header's length alone takes 8."),
    );
    expect(() => decodeSafetensors(Uint8Array.of(...bytes, 0))).toThrow(
      new Error(`safetensors: the tensors end at byte ${bytes.length - begin}, but the file at ${bytes.length - begin + 1}.`),
    );
  });

  const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = "F32") => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  test.each<[string, Uint8Array, string]>([
    [
      "text",
      new TextEncoder().encode("# just a text file"),
      "the header would be 6998721860173701000 bytes long. Is this a safetensors file?",
    ],
    [
      "an HDF5 file",
      Uint8Array.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
      "the header would be 727905341903489200 bytes long. Is this a safetensors file?",
    ],
    [
      "a header that is too long",
      fileOf("{}", 0, 2n ** 64n - 1n),
      "the header would be 18446744073709552000 bytes long. Is this a safetensors file?",
    ],
    ["a header behind the end", fileOf("{}", 0, 3n), "the file is cut short: the header ends at byte 11 of 10."],
    ["a header that is no JSON", fileOf("{", 0), "the header is not a JSON object."],
    ["a header of an array", fileOf([], 0), "the header is not a JSON object."],
    ["a header of null", fileOf(null, 0), "the header is not a JSON object."],
    ["a header that is no text", (() => fileOf("{}", 0).fill(0xff, 8))(), "the header is not a JSON object."],
    ["metadata of numbers", fileOf({ __metadata__: { a: 1 } }, 0), "the metadata must map names to strings."],
    ["metadata of an array", fileOf({ __metadata__: ["a"] }, 0), "the metadata must map names to strings."],
    ["an entry that is none", fileOf({ a: 1 }, 0), 'tensor "a" has the type undefined; only "F32" can be read.'],
    ["half precision", fileOf({ a: entry(0, 4, [2], "F16") }, 4), 'tensor "a" has the type "F16"; only "F32" can be read.'],
    ["a deep type", fileOf(`{"a":{"dtype":${deep}}}`, 0), 'tensor "a" has the type object; only "F32" can be read.'],
    ["no shape", fileOf({ a: { dtype: "F32", data_offsets: [0, 4] } }, 4), 'tensor "a" has no valid shape.'],
    ["a negative shape", fileOf({ a: entry(0, 4, [-1, -1]) }, 4), 'tensor "a" has no valid shape.'],
    ["a broken shape", fileOf({ a: entry(0, 4, [0.5, 2]) }, 4), 'tensor "a" has no valid shape.'],
    ["a deep shape", fileOf(`{"a":{"dtype":"F32","shape":${deep}}}`, 0), 'tensor "a" has no valid shape.'],
    ["no offsets", fileOf({ a: { dtype: "F32", shape: [1] } }, 4), 'tensor "a" has no valid data_offsets.'],
    ["three offsets", fileOf({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] } }, 8), 'tensor "a" has no valid data_offsets.'],
    ["offsets backwards", fileOf({ a: entry(4, 0, [1]) }, 4), 'tensor "a" of shape (1,) needs 4 bytes, but has -4.'],
    ["offsets that do not fit the shape", fileOf({ a: entry(0, 8, [3]) }, 8), 'tensor "a" of shape (3,) needs 12 bytes, but has 8.'],
    [
      "a shape beyond all numbers",
      fileOf({ a: entry(0, 4, Array(40).fill(2 ** 50)) }, 4),
      `tensor "a" of shape (${Array(40)
        .fill(2 ** 50)
        .join(", ")}) needs Infinity bytes, but has 4.`,
    ],
    [
      "tensors that overlap",
      fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12),
      'tensor "b" begins at byte 4 instead of 8: tensors must follow one another without gaps.',
    ],
    [
      "the same bytes a thousand times",
      fileOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, entry(0, 4)])), 4),
      'tensor "t1" begins at byte 0 instead of 4: tensors must follow one another without gaps.',
    ],
    [
      "a gap",
      fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12),
      'tensor "b" begins at byte 8 instead of 4: tensors must follow one another without gaps.',
    ],
    ["more bytes than tensors", fileOf({ a: entry(0, 4) }, 8), "the tensors end at byte 4, but the file at 8."],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(new Error(`safetensors: ${message}`));
  });

  test("takes tensors in any order, and names that objects have", () => {
    const bytes = fileOf(
      `{"b":${JSON.stringify(entry(4, 12))},"__proto__":${JSON.stringify(entry(0, 4))},"c":${JSON.stringify(entry(12, 12, [3, 0]))}}`,
      12,
    );
    const body = new DataView(bytes.buffer, bytes.length - 12);
    for (const i of [0, 1, 2]) body.setFloat32(4 * i, i + 1, true);
    const { tensors } = decodeSafetensors(bytes);
    expect(Object.entries(tensors)).toEqual([
      ["__proto__", { data: Float32Array.of(1), shape: [1] }],
      ["b", { data: Float32Array.of(2, 3), shape: [2] }],
      ["c", { data: new Float32Array(0), shape: [3, 0] }],
    ]);
  });

  test("survives flipped bits and random headers", () => {
    const good = encodeSafetensors({
      tensors: { a: { data: uniform(6), shape: [2, 3] }, b: { data: uniform(4), shape: [4] } },
      metadata: { k: "v" },
    });
    let accepted = 0;
    const flips = fc.array(fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 7 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(flips, flips => {
        const bytes = good.slice();
        for (const [at, bit] of flips) bytes[at] ^= 1 << bit;
        accepted += Number(decodesOrRefuses(bytes));
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(2900);

    const size = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.constantFrom(2 ** 31, 2 ** 53, 1e300, 0.5, null, "1"));
    const shape = fc.oneof(fc.array(size, { maxLength: 4 }), fc.jsonValue());
    const offset = fc.integer({ min: 0, max: 10 }).map(words => 4 * words);
    const offsets = fc.oneof(fc.tuple(offset, offset), fc.array(size, { maxLength: 3 }), fc.jsonValue());
    const entry = fc.record({ dtype: fc.oneof(fc.constant("F32"), fc.jsonValue()), shape, data_offsets: offsets }, { requiredKeys: [] });
    const header = fc.oneof(fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())), fc.jsonValue());
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 48 }), (header, body) => void decodesOrRefuses(fileOf(header, body))),
      { numRuns: 3000, seed: 2 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void decodesOrRefuses(bytes)),
      { numRuns: 1000, seed: 3 },
    );
  });
});

describe("a damaged model", () => {
  const topologyOf = (bytes: Uint8Array) => JSON.parse(decodeSafetensors(bytes).metadata.model);
  // biome-ignore lint/suspicious/noExplicitAny: the description of a model as anybody may have written it
  type Topology = any;

  async function trained() {
    const model = sequential([layers.dense(3, { inputShape: [4], name: "a", activation: "tanh" }), layers.dense(1, { name: "b" })], {
      name: "net",
    });
    model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] });
    await model.fit(x, values, quiet);
    return model.toSafetensors();
  }

  const changed =
    (change: (topology: Topology) => unknown) =>
    (bytes: Uint8Array): Uint8Array => {
      const { tensors, metadata } = decodeSafetensors(bytes);
      const topology = topologyOf(bytes);
      const model = change(topology) ?? topology;
      return encodeSafetensors({ tensors, metadata: { ...metadata, model: typeof model === "string" ? model : JSON.stringify(model) } });
    };
  const without = (name: string) => (bytes: Uint8Array) => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    delete tensors[name];
    return encodeSafetensors({ tensors, metadata });
  };
  const noted = (own: Record<string, string>) => (bytes: Uint8Array) => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    return encodeSafetensors({ tensors, metadata: { ...metadata, ...own } });
  };
  const broken = "loadModel: the file's description of the model is damaged.";

  test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ["holds tensors only", noted({ format: "pt" }), "loadModel: the file holds tensors, but no model."],
    [
      "has no metadata",
      bytes => encodeSafetensors({ tensors: decodeSafetensors(bytes).tensors, metadata: {} }),
      "loadModel: the file holds tensors, but no model.",
    ],
    ["has a description that is no JSON", changed(() => "{"), broken],
    ["has a description of null", changed(() => "null"), broken],
    ["has no layers", changed(topology => void delete topology.config.layers), broken],
    [
      "has a layer that is none",
      changed(topology => void (topology.config.layers[0] = 5)),
      "loadModel: the file's description of a layer is damaged.",
    ],
    [
      "has a layer without options",
      changed(topology => void delete topology.config.layers[0].config),
      "loadModel: the file's description of a layer is damaged.",
    ],
    [
      "has an unknown layer",
      changed(topology => void (topology.config.layers[0].class_name = "Attention")),
      "loadModel: layers[0] (a) is a Attention, which is not known here. loadModel(file, { customLayers: { Attention: YourLayer } }) takes a layer of your own.",
    ],
    [
      "has a layer of an inherited name",
      changed(topology => void (topology.config.layers[0].class_name = "constructor")),
      "loadModel: layers[0] (a) is a constructor, which is not known here. loadModel(file, { customLayers: { constructor: YourLayer } }) takes a layer of your own.",
    ],
    [
      "has an unknown option",
      changed(topology => void (topology.config.layers[0].config.unit = 3)),
      'loadModel: layers[0] (a): a: unknown option "unit". Did you mean "units"?',
    ],
    [
      "has a wrong option",
      changed(topology => void (topology.config.layers[0].config.units = -3)),
      "loadModel: layers[0] (a): a: units must be a positive integer, got -3.",
    ],
    ["has a wrong name", changed(topology => void (topology.config.name = 5)), "sequential: name must be text without a slash, got 5."],
    [
      "has a wrong shape",
      changed(topology => void (topology.input_shape = "4")),
      'loadModel: inputShape must be the shape of one sample, an array of positive integers such as [28, 28, 1], got "4".',
    ],
    [
      "has weights of another shape",
      changed(topology => void (topology.config.layers[0].config.units = 5)),
      "loadModel: a/kernel: expected a tensor of shape (4, 5), got shape (4, 3) with 12 numbers.",
    ],
    [
      "has layers beyond all memory",
      changed(topology => void (topology.config.layers[0].config.units = 2 ** 40)),
      "loadModel: a/kernel: expected a tensor of shape (4, 1099511627776), got shape (4, 3) with 12 numbers.",
    ],
    ["lacks a weight", without("b/bias"), "loadModel: b/bias: expected a tensor of shape (1,), got undefined."],
    [
      "lacks a part of the optimizer's state",
      without("optimizer/velocity/b/bias"),
      "setOptimizerState: velocity/b/bias: expected a tensor of shape (1,), got undefined.",
    ],
    ["has no number of steps", noted({ iterations: "many" }), "setOptimizerState: iterations must be an integer of at least 0, got NaN."],
    ["has no seed", noted({ seed: "" + 0.5 }), "setOptimizerState: seed must be an integer of at least 0, got 0.5."],
    [
      "has an unknown loss",
      changed(topology => void (topology.config.compile.loss.class_name = "Distance")),
      /^compile: unknown loss "Distance"\. Known: /.source,
    ],
    [
      "has metrics that are none",
      changed(topology => void (topology.config.compile.metrics = "mae")),
      'compile: metrics must be an array, got "mae".',
    ],
    [
      "has an optimizer that is none",
      changed(topology => void (topology.config.compile.optimizer = 7)),
      'compile: optimizer must be a name such as "sgd" or an object for it, got 7.',
    ],
  ])("that %s is refused", async (_, damage, message) => {
    const bytes = damage(await trained());
    if (message.startsWith("^")) await expect(loadModel(bytes)).rejects.toThrow(new RegExp(message));
    else await expect(loadModel(bytes)).rejects.toThrow(new Error(message));
  });

  test("of flipped bits is refused in plain words, or loads", async () => {
    const good = await trained();
    const text = readByTheBook(good).begin;
    let loaded = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: text - 1 }), fc.integer({ min: 0, max: 6 }), async (at, bit) => {
        const bytes = good.slice();
        bytes[at] ^= 1 << bit;
        try {
          const model = await loadModel(bytes);
          loaded++;
          if (model.inputShape) expect(model.countParams()).toBeGreaterThan(0);
        } catch (error) {
          expect(Object.getPrototypeOf(error), `${error}`).toBe(Error.prototype);
        }
      }),
      { numRuns: 1500, seed: 4 },
    );
    expect(loaded).toBeGreaterThan(10);
  });

  test("of a missing file says so", async () => {
    const path = join(folder, "none.safetensors");
    await expect(loadModel(path)).rejects.toThrow(`ENOENT: no such file or directory, open '${path}'`);
    await expect(loadModel(undefined as never)).rejects.toThrow(
      new Error("loadModel: expected a path, URL, ArrayBuffer, Uint8Array, Blob or Response, got undefined."),
    );
  });
});

describe("layers that are not wasmind's own", () => {
  class Twice extends Layer {
    constructor(options: LayerOptions = {}) {
      super("Twice", options, {});
    }
    protected build(inputShape: Shape): Shape {
      return inputShape;
    }
    record(plan: Plan, x: View): Recorded {
      const y = plan.tensor(x.shape, x.needsGradient);
      plan.call("add", { y, a: x, b: x }, { range: x.shape.reduce((a, b) => a * b) });
      return { y, backward: dy => dy };
    }
  }

  test("are read by their classes, also inside of other layers", async () => {
    const model = sequential([layers.input({ shape: [2, 1] }), new Twice(), layers.timeDistributed(new Twice())]);
    const again = await loadModel(model.toSafetensors(), { customLayers: { Twice } });
    expect(again.getConfig()).toEqual(model.getConfig());
    expect([...(await again.predict([[[1], [3]]])).data]).toEqual([4, 12]);
    await expect(loadModel(model.toSafetensors())).rejects.toThrow(
      "is a Twice, which is not known here. loadModel(file, { customLayers: { Twice: YourLayer } }) takes a layer of your own.",
    );
  });

  test("must be classes of layers", async () => {
    const file = sequential([layers.dense(1, { inputShape: [1] })]).toSafetensors();
    await expect(loadModel(file, { customLayers: { Twice: (() => 1) as never } })).rejects.toThrow(
      "loadModel: customLayers: Twice must be a class that extends Layer, got a function.",
    );
    await expect(loadModel(file, { customLayer: { Twice } } as never)).rejects.toThrow(
      'loadModel: unknown option "customLayer". Did you mean "customLayers"?',
    );
  });
});
