// Runtimes of edge functions: they take a bundle, and compile no code at run time.
import { copyFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { project } from "./project.js";

const wasm = name => readFileSync(join(project, "node_modules/wasmind/dist/kernels", name));
const names = ["simd.wasm", "relaxed.wasm"];

/** A bundle under a runtime's conditions. `load` is the program that stands for an import of a .wasm file. */
async function bundle(contents, conditions, load) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    write: false,
    format: load ? "iife" : "esm",
    globalName: "bundle",
    conditions,
    external: ["node:*"],
    plugins: [
      {
        name: "wasm",
        setup(build) {
          build.onResolve({ filter: /\.safetensors$/ }, ({ path }) => ({ path, external: true }));
          build.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) =>
            load ? { path: basename(path, "?module"), namespace: "wasm" } : { path: basename(path), external: true },
          );
          build.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => ({ contents: load(path) }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}

/** Cloudflare's, by its own simulator, with the kernels' modules that its bundler would make. */
async function inWorkerd(program, request, data = []) {
  const miniflare = new Miniflare({
    compatibilityDate: "2026-07-01",
    modules: [
      { type: "ESModule", path: "worker.js", contents: await bundle(program, ["workerd", "worker", "browser"]) },
      ...names.map(name => ({ type: "CompiledWasm", path: name, contents: wasm(name) })),
      ...data,
    ],
  });
  try {
    return await (await miniflare.dispatchFetch("http://localhost/", request)).json();
  } finally {
    await miniflare.dispose();
  }
}

const serving = `import { suite } from "./suite.js"; export default { fetch: async () => Response.json(await suite()) };`;
const given = `import simd from "wasmind/wasm/simd.wasm"; import { initEngine } from "wasmind"; initEngine(simd);`;

export const workerd = () => inWorkerd(serving);
export const workerdGiven = () => inWorkerd(given + serving);

/** The example serves a model for texts: 10,000 words, 200 in a text. */
export async function cloudflareExample() {
  copyFileSync(join(import.meta.dirname, "../../examples/cloudflare/worker.ts"), join(project, "cloudflare.ts"));
  const { layers, sequential } = await import(join(project, "node_modules/wasmind/dist/index.js"));
  const parts = [layers.embedding(10_000, 64, { inputShape: [200] }), layers.lstm(64), layers.dense(1, { activation: "sigmoid" })];
  const model = sequential(parts);
  const texts = [0, 1].map(seed => Array.from({ length: 200 }, (_, i) => (i * 37 + seed * 101) % 10_000));
  const file = { type: "Data", path: "model.safetensors", contents: model.toSafetensors() };
  const request = { method: "POST", body: JSON.stringify(texts) };
  const { data, shape, error } = await inWorkerd(`export { default } from "./cloudflare.ts";`, request, [file]);
  const expected = (await model.predict(texts)).data;
  const isRight = String(shape) === "2,1" && data.every((p, i) => Math.abs(p - expected[i]) < 1e-6);
  return isRight ? { passed: 1, failed: [] } : { failed: [error ?? `expected ${expected}, got ${data}`] };
}

/** Vercel's. It would compile at run time, where the real ones do not: here it finds modules, as bundlers of theirs give them. */
export async function edgeRuntime() {
  const code = await bundle(`export { suite } from "./suite.js";`, ["edge-light"], name => `export default modules["${name}"];`);
  const modules = Object.fromEntries(names.map(name => [name, new WebAssembly.Module(wasm(name))]));
  const vm = new EdgeVM({ extend: context => Object.assign(context, { modules }) });
  vm.evaluate(code);
  return JSON.parse(await vm.evaluate("bundle.suite().then(report => JSON.stringify(report))"));
}
