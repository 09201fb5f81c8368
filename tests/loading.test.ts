import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layers, sequential, type Tensor } from "../js/index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wasmind-"));
  const model = sequential([layers.dense(5000, { inputShape: [2500] }), layers.dense(2500)]);
  for (const ending of ["keras", "safetensors"]) await model.save(join(folder, `large.${ending}`));
  await writeTfjs(model.getWeights());
});
afterAll(() => rm(folder, { recursive: true }));

/** The same as tfjs writes it: a description, and all weights in one file. */
async function writeTfjs(tensors: Tensor[]): Promise<void> {
  const dense = (name: string, units: number, batch_input_shape?: unknown) => ({
    class_name: "Dense",
    config: { name, units, batch_input_shape },
  });
  const config = { name: "large", layers: [dense("a", 5000, [null, 2500]), dense("b", 2500)] };
  const names = ["a/kernel", "a/bias", "b/kernel", "b/bias"];
  const weights = tensors.map(({ shape }, i) => ({ name: names[i], shape, dtype: "float32" }));
  const json = { modelTopology: { class_name: "Sequential", config }, weightsManifest: [{ paths: ["large.bin"], weights }] };
  await writeFile(join(folder, "large.json"), JSON.stringify(json));
  await writeFile(join(folder, "large.bin"), Buffer.concat(tensors.map(({ data }) => new Uint8Array(data.buffer))));
}

test.each(["keras", "safetensors", "json"])("a model of 100 MB is not held more than 2.2 times while it is loaded: .%s", ending => {
  const said = execFileSync(process.execPath, ["--expose-gc", "tests/memory/loading.js", join(folder, `large.${ending}`)], {
    encoding: "utf8",
  });
  const { copies, weights } = JSON.parse(said);
  expect(weights).toBeGreaterThan(100e6);
  console.log(`.${ending}: ${copies.toFixed(2)} copies`);
  expect(copies).toBeGreaterThan(1);
  expect(copies).toBeLessThan(2.2);
});
