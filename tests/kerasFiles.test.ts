// Files that real Keras wrote, from tests/fixtures/files.py.

import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadModel, type Tensor, tensor } from "../js/index.js";
import { loadKeras } from "../js/keras.js";
import { expectLogs, expectTensor } from "./keras/close.js";

const folder = new URL("fixtures/files/", import.meta.url);
const releases = readdirSync(folder);
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

  test("comes by the entry for Keras's files, too", async () => {
    const bytes = bytesOf("3.15.1", "dense.keras");
    const model = await loadKeras(bytes);
    expect(model.getConfig()).toEqual((await loadModel(bytes)).getConfig());
    expect(model.name).toBe("small");
    expect(model.layers.map(({ name }) => name)).toEqual(["first", "dropout", "dense"]);
  });
});
