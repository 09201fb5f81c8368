// The package's entries, as they were built: a class is the same one in each of them, whatever resolves them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { expect, test } from "vitest";

/** Would fail if there were two of a class: models take layers and what they are compiled with from every entry. */
const program = `
  import { Layer, layers, losses, Sequential, sequential } from "wasmind";
  import { relu } from "wasmind/activations";
  import { earlyStopping } from "wasmind/callbacks";
  import { inference } from "wasmind/inference";
  import { loadKeras } from "wasmind/keras";
  import { dense } from "wasmind/layers";
  import { meanSquaredError } from "wasmind/losses";
  import { adam } from "wasmind/optimizers";
  import { standardScaler } from "wasmind/preprocessing";
  import { inWorker } from "wasmind/worker";
  const x = standardScaler().fitTransform([[1, 2], [3, 5], [4, 4]]);
  const model = sequential([dense(4, { activation: relu(), inputShape: [2] }), layers.dense(1)]);
  model.compile({ optimizer: adam(), loss: meanSquaredError() });
  await model.fit(x, [1, 2, 3], { verbose: 0, callbacks: [earlyStopping({ monitor: "loss" })] });
  const again = await loadKeras(await model.toKeras());
  const twin = inference([dense(4, { activation: "relu", inputShape: [2] }), layers.dense(1)]).setWeights(model.getWeights());
  const outputs = [model, again, twin].map(async one => String((await one.predict(x)).data));
  console.log(JSON.stringify({
    outputs: new Set(await Promise.all(outputs)).size,
    same: [dense === layers.dense, dense(1) instanceof Layer, again instanceof Sequential, meanSquaredError === losses.meanSquaredError, typeof inWorker],
  }));
  process.exit();
`;
const expected = { outputs: 1, same: [true, true, true, true, "function"] };
const said = (...args: string[]) => JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));

test("in Node", () => {
  expect(said("--input-type=module", "-e", program)).toEqual(expected);
});

test.each<[string, BuildOptions]>([
  ["Node", { platform: "node" }],
  ["Node, by other conditions", { platform: "node", conditions: ["development"] }],
  ["pages", { platform: "browser", external: ["node:*", "path", "url", "fs", "module", "crypto"] }],
])("in a bundle for %s", async (_, options) => {
  const folder = mkdtempSync(join(tmpdir(), "wasmind-entries-"));
  try {
    const stdin = { contents: program, resolveDir: import.meta.dirname };
    const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "esm", logLevel: "error", ...options });
    writeFileSync(join(folder, "program.mjs"), outputFiles![0].text);
    expect(said(join(folder, "program.mjs"))).toEqual(expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("all of them are in the few files that Node takes, but what holds no class of the others", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const conditions = Object.entries<{ node?: string; types?: string }>(exports).filter(([, { types }]) => types);
  expect(conditions.filter(([, { node }]) => !node).map(([path]) => path)).toEqual(["./js"]);
});
