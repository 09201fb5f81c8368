// Files that real Keras wrote, from tests/fixtures/files.py.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { activations, layers, loadModel, optimizers, type Sequential, sequential, setSeed, type Tensor, tensor } from "../js/index.js";
import { loadKeras } from "../js/keras.js";
import { Nested } from "../js/model/nested.js";
import { expectLogs, expectTensor } from "./keras/close.js";
import { bits, classifier, samples } from "./nets.js";

const folder = new URL("fixtures/files/", import.meta.url);
const releases = readdirSync(folder).filter(release => /^\d/.test(release));
const bytesOf = (release: string, file: string) => new Uint8Array(gunzipSync(readFileSync(new URL(`${release}/${file}.gz`, folder))));

interface Kept {
  endings: string[];
  x: { data: number[]; shape: number[] };
  y: { data: number[]; shape: number[] };
  predictions: { data: number[]; shape: number[] };
  history: Record<string, number[]>;
}

const models = releases.flatMap(release =>
  readdirSync(new URL(release, folder))
    .filter(file => file.endsWith(".json"))
    .map(file => {
      const kept: Kept = JSON.parse(readFileSync(new URL(`${release}/${file}`, folder), "utf8"));
      return { release, name: file.replace(/\.json$/, ""), ...kept };
    }),
);
const wholes = models.flatMap(model => model.endings.filter(ending => !ending.includes("weights")).map(ending => ({ ...model, ending })));
const tensorOf = ({ data, shape }: { data: number[]; shape: number[] }): Tensor => tensor(Float32Array.from(data), shape);

describe("a model that Keras saved", () => {
  test.each(wholes)("predicts and trains on as there: $release/$name, $ending", async ({ release, name, ending, ...kept }) => {
    const [x, y] = [tensorOf(kept.x), tensorOf(kept.y)];
    const model = await loadModel(bytesOf(release, name + ending));
    expectTensor("predictions", await model.predict(x), tensorOf(kept.predictions), 1e-5);
    const { history } = await model.fit(x, y, { batchSize: 6, epochs: 4, shuffle: false, verbose: 0 });
    expectLogs("history", history, kept.history, 1e-4);
    expect(model.optimizer.className).toMatch(name === "dense" ? /adam/i : name === "image" ? /RMSprop/ : /Adam/);
  });

  test.each(wholes.filter(({ name }) => name === "nested"))(
    "keeps the models inside it: $release, $ending",
    async ({ release, ending, ...kept }) => {
      const model = await loadModel(bytesOf(release, `nested${ending}`));
      const structure = ({ layers }: Pick<Sequential, "layers">): unknown[] =>
        layers.map(layer => (layer instanceof Nested ? { [layer.name]: structure(layer.model) } : [layer.name, layer.trainable]));
      const expected = [
        {
          base: [
            ["conv", false],
            ["norm", true],
            ["pool", true],
          ],
        },
        { head: [["wide", true], { last: [["narrow", true]] }] },
      ];
      expect(structure(model)).toEqual(expected);
      expect(model.getLayer("head/last/narrow").outputShape).toEqual([2]);
      const again = await loadModel(await model.toKeras());
      expect(structure(again)).toEqual(expected);
      expect(again.getConfig()).toEqual(model.getConfig());
      expectTensor("predictions", await again.predict(tensorOf(kept.x)), tensorOf(kept.predictions), 1e-5);
    },
  );

  test("comes by the entry for Keras's files, too", async () => {
    const bytes = bytesOf("3.15.1", "dense.keras");
    const model = await loadKeras(bytes);
    expect(model.getConfig()).toEqual((await loadModel(bytes)).getConfig());
    expect(model.name).toBe("small");
    expect(model.layers.map(({ name }) => name)).toEqual(["first", "dropout", "dense"]);
  });
});

describe("a .keras file that wasmind wrote", () => {
  test.each(wholes.filter(({ release }) => release === "3.15.1"))(
    "loads as what was saved: $name, $ending",
    async ({ release, name, ending }) => {
      const model = await loadModel(bytesOf(release, name + ending));
      const again = await loadModel(await model.toKeras());
      expect(again.getConfig()).toEqual(model.getConfig());
      expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
      expect(again.getOptimizerState()!.tensors).toEqual(model.getOptimizerState()!.tensors);
    },
  );

  test("goes on with the same bits, shuffles and dropout", async () => {
    setSeed(4);
    const model = classifier({ dropout: 0.4 });
    const { x, oneHot } = samples(24);
    await model.fit(x, oneHot, { epochs: 3, batchSize: 7, verbose: 0 });
    const again = await loadModel(await model.toKeras());
    for (const one of [model, again]) await one.fit(x, oneHot, { epochs: 2, batchSize: 7, verbose: 0 });
    expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
  });

  test("keeps what Keras has no place for", async () => {
    const model = classifier();
    model.compile({ optimizer: optimizers.adamW({ excludeFromWeightDecay: ["bias"] }), loss: "mse" });
    const again = await loadModel(await model.toKeras());
    expect(again.getConfig()).toEqual(model.getConfig());
  });

  test("may have activations with options, as layers", async () => {
    const model = sequential([layers.dense(2, { inputShape: [3], activation: activations.leakyRelu({ negativeSlope: 0.25 }) })]);
    expect((await loadModel(await model.toKeras())).getConfig()).toEqual(model.getConfig());
  });

  test("has the hard_sigmoid of Keras 2, which is none of Keras 3, as two layers", async () => {
    const { x, predictions } = models.find(({ name }) => name === "hard")!;
    const model = await loadModel(bytesOf("2.21.0", "hard.keras"));
    const again = await loadModel(await model.toKeras());
    expect(again.getConfig()).toEqual(model.getConfig());
    expectTensor("predictions", await again.predict(tensorOf(x)), tensorOf(predictions), 1e-5);
    const activation = activations.hardSigmoid({ slope: 0.25 });
    const own = sequential([layers.dense(2, { activation, inputShape: [2] })]);
    const config = JSON.parse(strFromU8(unzipSync(await own.toKeras())["config.json"]));
    expect(config.config.layers[1].config.activation.config.layers.map((layer: { class_name: string }) => layer.class_name)).toEqual([
      "Rescaling",
      "ReLU",
    ]);
    expect((await loadModel(own.toSafetensors())).getConfig()).toEqual(own.getConfig());
    expect(() => activations.hardSigmoid({ slope: -1 })).toThrow("hardSigmoid: slope must be a number of at least 0, got -1.");
  });

  test("needs the batch's size for stateful layers", async () => {
    const model = sequential([layers.lstm(2, { inputShape: [3, 2], stateful: true, name: "memory" })]);
    await expect(model.toKeras()).rejects.toThrow(
      new Error("save: memory is stateful, and Keras then needs the size of a batch: { batchSize: 32 } gives it."),
    );
    expect((await loadModel(await model.toKeras({ batchSize: 4 }))).inputShape).toEqual([null, 3, 2]);
    const both = sequential([layers.bidirectional(layers.lstm(2, { stateful: true }), { inputShape: [3, 2], name: "both" })]);
    await expect(both.toKeras()).rejects.toThrow("save: both is stateful");
  });
});

describe("weights alone", () => {
  test.each(releases)("of Keras %s find their layers", async release => {
    const whole = await loadModel(bytesOf(release, "dense.keras"));
    const model = sequential([layers.dense(3, { inputShape: [4] }), layers.dropout(0), layers.dense(2)]);
    for (const file of ["dense.weights.h5", "dense.keras", "dense.h5"]) {
      model.setWeights(
        model.getWeights().map(({ data, shape }) =>
          tensor(
            data.map(() => 0),
            shape,
          ),
        ),
      );
      await model.loadWeights(bytesOf(release, file));
      expect(bits(model.getWeights())).toEqual(bits(whole.getWeights()));
    }
    model.compile({ optimizer: whole.optimizer.className, loss: "mse" });
    await model.loadWeights(bytesOf(release, "dense.weights.h5"));
    expect(model.getOptimizerState()!.iterations).toBe(whole.getOptimizerState()!.iterations);
    const other = sequential([layers.dense(3, { inputShape: [4] })]);
    const before = bits(other.getWeights());
    const less = sequential([layers.dense(4, { inputShape: [4], name: "wide" })]);
    await expect(less.loadWeights(bytesOf(release, "dense.weights.h5"))).rejects.toThrow(
      /wide: kernel: expected a tensor of shape \(4, 4\)/,
    );
    expect(bits(other.getWeights())).toEqual(before);
  });

  test("come back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wasmind-"));
    try {
      for (const file of ["a.weights.h5", "a.safetensors"]) {
        const model = classifier();
        await model.saveWeights(join(folder, file));
        const again = classifier();
        await again.loadWeights(join(folder, file));
        expect(bits(again.getWeights())).toEqual(bits(model.getWeights()));
      }
      await expect(classifier().saveWeights("a.h5")).rejects.toThrow(
        new Error('saveWeights: the path must end in ".weights.h5" or ".safetensors", got "a.h5".'),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A number between 2^-14 and 2^16 as a float of 16 bits, its last digits cut off. */
function halfOf(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  const exponent = ((bits >> 23) & 255) - 127 + 15;
  return exponent < 1 ? 0 : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >> 13) & 1023);
}

describe("a model that tfjs saved", () => {
  const filesOf = (name: string) => {
    const beside = new URL(`tfjs/${name}/`, folder);
    const { x, y } = JSON.parse(readFileSync(new URL("predictions.json", beside), "utf8"));
    const json = Uint8Array.from(readFileSync(new URL("model.json", beside)));
    const bin = Uint8Array.from(readFileSync(new URL("model.weights.bin", beside)));
    return { beside, x, y: tensor(y, [3, 1]), json, bin };
  };
  const { json, bin } = filesOf("text");

  test.each(["text", "hard"])("predicts as there, from its address or its files: %s", async name => {
    const { beside, x, y, json, bin } = filesOf(name);
    for (const model of [
      await loadModel(new URL("model.json", beside)),
      await loadModel(`tests/fixtures/files/tfjs/${name}/model.json`),
      await loadModel(json, { shards: { "model.weights.bin": bin } }),
      await loadModel(json, { shards: { "model.weights.bin": new Blob([bin]) } }),
    ]) {
      expectTensor("predictions", await model.predict(x), y, 1e-5);
    }
  });

  test("keeps the models inside it", async () => {
    const model = await loadModel(new URL("model.json", filesOf("hard").beside));
    expect(model.layers.map(({ name }) => name)).toEqual(["words", "both", "inside", "top"]);
    expect(model.getLayer("inside/gru").outputShape).toEqual([3]);
  });

  test("may have its weights in codes, and in several files", async () => {
    const { x, y, json, bin } = filesOf("text");
    const model = JSON.parse(new TextDecoder().decode(json));
    const [{ weights }] = model.weightsManifest as { weights: { shape: number[]; quantization?: object }[] }[];
    const numbers = new Float32Array(bin.buffer);
    // embeddings by halves of 16 bits, the next weight in steps of 1/4096, the others as they are
    const [first, second] = weights.map(({ shape }) => shape.reduce((a, b) => a * b));
    weights[0].quantization = { dtype: "float16", original_dtype: "float32" };
    weights[1].quantization = { dtype: "uint16", scale: 2 ** -12, min: -8, original_dtype: "float32" };
    const parts = [
      Uint16Array.from(numbers.subarray(0, first), halfOf),
      Uint16Array.from(numbers.subarray(first, first + second), value => Math.round((value + 8) * 2 ** 12)),
      numbers.slice(first + second),
    ].map(({ buffer }) => new Uint8Array(buffer));
    model.weightsManifest[0].paths = parts.map((_, i) => `group1-shard${i + 1}of3`);
    const shards = Object.fromEntries(parts.map((part, i) => [`group1-shard${i + 1}of3`, part]));
    const coded = await loadModel(new TextEncoder().encode(JSON.stringify(model)), { shards });
    expectTensor("predictions", await coded.predict(x), y, 1e-3);
  });

  test("is refused without its files, and where they are cut short", async () => {
    await expect(loadModel(json)).rejects.toThrow(/names the file "model.weights.bin": loadModel\(json, \{ shards/);
    await expect(loadModel(json, { shards: { "model.weights.bin": bin.subarray(0, 50) } })).rejects.toThrow(
      "the files of weights are cut short at embedding_Embedding1/embeddings",
    );
    const graph = new TextEncoder().encode('{"format":"graph-model","modelTopology":{"node":[]},"weightsManifest":[]}');
    await expect(loadModel(graph)).rejects.toThrow("model.json holds a graph of operations; only models of layers can be loaded");
  });
});
