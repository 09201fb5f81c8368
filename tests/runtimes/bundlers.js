// Each bundler makes one file of the sample app, as its users would with nothing configured but where the file goes; then it runs.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { Miniflare } from "miniflare";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { runBundle } from "./browsers.js";
import { modules, project } from "./project.js";

const run = promisify(execFile);
const entry = join(project, "app.js");
const folder = name => mkdtempSync(join(project, `${name}-`));

/** What each makes of the app: JavaScript for a page. */
const bundles = {
  async esbuild() {
    const { outputFiles } = await esbuild.build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", write: false });
    return outputFiles[0].text;
  },
  async rollup() {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })] });
    const { output } = await bundle.generate({ format: "es" });
    return { js: output[0].code, files: Object.fromEntries(output.slice(1).map(({ fileName, code }) => [`/${fileName}`, code])) };
  },
  async vite() {
    const outDir = folder("vite");
    writeFileSync(join(project, "index.html"), "<!doctype html><script type=module src=/app.js></script>");
    await vite.build({ root: project, configFile: false, logLevel: "error", build: { outDir } });
    return filesIn(join(outDir, "assets"), /^index-/, "/assets/");
  },
  async webpack() {
    const path = folder("webpack");
    const compiler = webpack({ entry, mode: "production", output: { path, filename: "app.js" }, context: project });
    const stats = await promisify(compiler.run.bind(compiler))();
    if (stats.hasErrors()) throw new Error(stats.toString());
    return filesIn(path, /^app\.js$/, "/");
  },
  async bun() {
    const outfile = join(folder("bun"), "app.js");
    await run(join(modules, "bun/bin/bun"), ["build", entry, "--target=browser", `--outfile=${outfile}`], { cwd: project });
    return readFileSync(outfile, "utf8");
  },
};

/** A bundle of several files: the one that a page begins with, and all by their addresses. */
function filesIn(path, entry, address) {
  const names = readdirSync(path).filter(file => file.endsWith(".js"));
  const read = file => readFileSync(join(path, file), "utf8");
  return {
    js: `import ${JSON.stringify(address + names.find(file => entry.test(file)))};`,
    files: Object.fromEntries(names.map(file => [address + file, read(file)])),
  };
}

/** wrangler's bundle keeps the kernels as .wasm files beside it, and runs in workerd. */
async function wrangler() {
  const outdir = folder("wrangler");
  const options = ["deploy", entry, "--dry-run", "--outdir", outdir, "--name", "app", "--compatibility-date", "2026-07-01"];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" };
  await run(process.execPath, [join(modules, "wrangler/bin/wrangler.js"), ...options], { cwd: project, env });
  const files = readdirSync(outdir).filter(file => /\.(js|wasm)$/.test(file));
  const type = file => (file.endsWith(".wasm") ? "CompiledWasm" : "ESModule");
  const ordered = files.sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")));
  const miniflare = new Miniflare({
    compatibilityDate: "2026-07-01",
    modules: ordered.map(file => ({ type: type(file), path: file, contents: readFileSync(join(outdir, file)) })),
  });
  try {
    return await (await miniflare.dispatchFetch("http://localhost/")).json();
  } finally {
    await miniflare.dispose();
  }
}

export const bundlers = Object.fromEntries(
  Object.entries(bundles).map(([name, bundle]) => [
    `bundled by ${name}`,
    async () => {
      const made = await bundle();
      return typeof made === "string" ? runBundle(made) : runBundle(made.js, made.files);
    },
  ]),
);
bundlers["bundled by wrangler"] = wrangler;
