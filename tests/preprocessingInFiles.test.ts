// Scalers, encoders and words that go with a model, in its files.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../js/files/safetensors.js";
import { callbacks, layers, loadModel, preprocessing, type Sequential, sequential, tensor } from "../js/index.js";
import { inference } from "../js/inference.js";
import { loadKeras } from "../js/keras.js";

const rows = [
  [1, 200],
  [2, 400],
  [4, 100],
  [8, 300],
];
const names = ["no", "yes", "yes", "no"];
const texts = ["the cat sat", "the dog", "__proto__ and constructor"];
const features = preprocessing.standardScaler().fit(rows);
const labels = preprocessing.labelEncoder().fit(names);
const words = preprocessing.tokenizer({ oovToken: "?" }).fitOnTexts(texts);
const columns = preprocessing.columnTransformer().fit(rows.map(([a, b], i) => ({ a, b, kind: names[i] })));
const all = { features, labels, words, columns };
const plain = JSON.parse(JSON.stringify(all));

function net(): Sequential {
  const model = sequential([layers.dense(3, { activation: "tanh", inputShape: [2] }), layers.dense(1, { activation: "sigmoid" })]);
  model.compile({ optimizer: "adam", loss: "binary_crossentropy" });
  return model;
}

async function trained(options: object = {}): Promise<Sequential> {
  const model = net();
  model.preprocessing = all;
  await model.fit(features.transform(rows), [...labels.transform(names)], { epochs: 3, verbose: 0, ...options });
  return model;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wasmind-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("what data goes through before a model", () => {
  test.each(["model.safetensors", "model.keras"])("is in its file, and works as before: %s", async file => {
    const model = await trained();
    await model.save(join(folder, file));
    const again = await loadModel(join(folder, file));
    expect(again.preprocessing).toEqual(plain);
    const scaler = preprocessing.fromJSON(again.preprocessing.features) as typeof features;
    expect(scaler.transform([[3, 250]])).toEqual(features.transform([[3, 250]]));
    expect(await again.predict(scaler.transform(rows))).toEqual(await model.predict(features.transform(rows)));
    expect((preprocessing.fromJSON(again.preprocessing.labels) as typeof labels).inverseTransform([1, 0])).toEqual(["yes", "no"]);
    expect((preprocessing.fromJSON(again.preprocessing.words) as typeof words).textsToSequences(texts)).toEqual(
      words.textsToSequences(texts),
    );
    expect((preprocessing.fromJSON(again.preprocessing.columns) as typeof columns).featureNames).toEqual(columns.featureNames);
    // and goes on from file to file
    expect((await loadModel(again.toSafetensors())).preprocessing).toEqual(plain);
    expect((await loadKeras(await again.toKeras())).preprocessing).toEqual(plain);
  });

  test("is in checkpoints and backups, and comes back with a backup", async () => {
    const backups = join(folder, "backups");
    await trained({
      callbacks: [
        callbacks.modelCheckpoint(join(folder, "{epoch}.keras"), { monitor: "loss" }),
        callbacks.backupAndRestore(backups, { deleteCheckpoint: false }),
      ],
    });
    expect((await loadModel(join(folder, "3.keras"))).preprocessing).toEqual(plain);
    expect(await readdir(backups)).toEqual(["epoch-3.safetensors"]);
    expect((await loadModel(join(backups, "epoch-3.safetensors"))).preprocessing).toEqual(plain);
    const model = net();
    const callback = callbacks.backupAndRestore(backups, { deleteCheckpoint: false });
    await model.fit(features.transform(rows), [...labels.transform(names)], { epochs: 3, verbose: 0, callbacks: [callback] });
    expect(model.preprocessing).toEqual(plain);
  });

  test("comes with weights, too, where they have it", async () => {
    const model = await trained();
    const bare = net();
    const [kept, nothing] = [model, bare].map(one => one.toSafetensors());
    for (const file of [kept, await model.toKeras()]) {
      const other = net();
      await other.loadWeights(file);
      expect(other.preprocessing).toEqual(plain);
      await other.loadWeights(nothing);
      expect(other.preprocessing).toEqual(plain);
    }
    expect((await loadModel(nothing)).preprocessing).toEqual({});
    const predicts = inference([layers.dense(3, { activation: "tanh", inputShape: [2], name: "a" }), layers.dense(1, { name: "b" })]);
    const source = sequential([layers.dense(3, { activation: "tanh", inputShape: [2], name: "a" }), layers.dense(1, { name: "b" })]);
    source.preprocessing = { features };
    await predicts.loadWeights(source.toSafetensors());
    expect(preprocessing.fromJSON(predicts.preprocessing.features)).toEqual(preprocessing.fromJSON(features));
  });

  test("is for others to read: text in a file's metadata", async () => {
    const model = await trained();
    expect(JSON.parse(decodeSafetensors(model.toSafetensors()).metadata.preprocessing)).toEqual(plain);
    const archive = unzipSync(await model.toKeras());
    // Keras looks for assets where there is a fourth member
    expect(Object.keys(archive).sort()).toEqual(["config.json", "metadata.json", "model.weights.h5"]);
    expect(JSON.parse(strFromU8(archive["metadata.json"])).wasmind.preprocessing.features.fitted.mean).toEqual([3.75, 250]);
  });

  test("that is damaged is refused", async () => {
    const model = await trained();
    const { tensors, metadata } = decodeSafetensors(model.toSafetensors());
    const broken = (preprocessing: string) => loadModel(encodeSafetensors({ tensors, metadata: { ...metadata, preprocessing } }));
    await expect(broken("{")).rejects.toThrow("loadModel: the description of the preprocessing is not JSON of a model");
    await expect(broken("[1]")).rejects.toThrow("loadModel: the file's description of the preprocessing is damaged.");
    const archive = unzipSync(await model.toKeras());
    const wrong = new TextEncoder().encode(JSON.stringify({ wasmind: { preprocessing: 7 } }));
    await expect(loadModel(zipSync({ ...archive, "metadata.json": wrong }))).rejects.toThrow("description of the preprocessing is damaged");
    expect(() => preprocessing.fromJSON({ className: "constructor" })).toThrow('unknown class "constructor"');
  });
});

test("a model that was saved before has no preprocessing, and one that was loaded may get some", async () => {
  const again = await loadModel(net().toSafetensors());
  again.preprocessing = { range: preprocessing.minMaxScaler().fit(tensor(rows)) };
  const { range } = (await loadModel(again.toSafetensors())).preprocessing;
  expect(preprocessing.fromJSON(range)).toEqual(again.preprocessing.range);
});
