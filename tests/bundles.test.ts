// A program carries what it uses.
import { build } from "esbuild";
import { expect, test } from "vitest";

/** The modules of js/ that leave something in what a program loads at once. */
async function carried(code: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    outdir: "build",
    external: ["node:*", "#kernels", "h5wasm"],
  });
  const files = new Set(["build/stdin.js"]);
  for (const file of files) {
    for (const { path, kind } of metafile.outputs[file].imports)
      if (kind === "import-statement" && path in metafile.outputs) files.add(path);
  }
  const inputs = [...files].flatMap(file => Object.entries(metafile.outputs[file].inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
}

test("of three layers, three layers", async () => {
  const files = await carried(`
    import { sequential } from "../js/index.js";
    import * as layers from "../js/layers/index.js";
    const model = sequential([layers.dense(2, { inputShape: [4] }), layers.dropout(0.5), layers.flatten()]);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit([], []);
  `);
  const found = files.filter(file => file.startsWith("js/layers/"));
  expect(found).toEqual(expect.arrayContaining(["js/layers/dense.ts", "js/layers/dropout.ts", "js/layers/flatten.ts"]));
  expect(found.filter(file => /conv|pool|rnn|lstm|gru|recurrent|embedding|random|noise|normalization|upSampling/i.test(file))).toEqual([]);
  expect(files.filter(file => /preprocessing|files\/load|files\/keras|node_modules/.test(file))).toEqual([]);
});

test("for inference, nothing of training", async () => {
  const files = await carried(`
    import { inference } from "../js/inference.js";
    import { dense } from "../js/layers/index.js";
    console.log(inference([dense(2, { inputShape: [4] })]).predictSync([[1, 2, 3, 4]]));
  `);
  expect(files).toContain("js/layers/dense.ts");
  expect(files.filter(file => /losses|optimizers|metrics|schedules|callbacks|sequential|trainer|fit\.ts/.test(file))).toEqual([]);
});
