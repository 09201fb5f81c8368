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
import { isolation, runBundle, strict, visitPage } from "./browsers.js";
import { modules, project } from "./project.js";

const run = promisify(execFile);
/** the programs */
export const bundled = ["app.js", "workerApp.js", "ownWorkerApp.js", "ownWorker.js", "workerReport.js"];
const folder = name => mkdtempSync(join(project, `${name}-`));
const at = file => join(project, file);

/** What each makes of programs: a folder of files for a page. The first is the one that the page begins with; others are workers that it starts. */
const bundles = {
  async esbuild(files) {
    const outdir = folder("esbuild");
    await esbuild.build({ entryPoints: files.map(at), bundle: true, minify: true, format: "esm", outdir, logLevel: "error" });
    return outdir;
  },
  async rollup(files) {
    const dir = folder("rollup");
    const bundle = await rollup({ input: files.map(at), plugins: [nodeResolve({ browser: true })], onLog() {} });
    await bundle.write({ dir, format: "es" });
    return dir;
  },
  async vite([file]) {
    const outDir = folder("vite");
    writeFileSync(at("index.html"), pageOf(file));
    await vite.build({ root: project, configFile: false, logLevel: "error", build: { outDir } });
    return outDir;
  },
  async webpack([file]) {
    const path = folder("webpack");
    const compiler = webpack({ entry: at(file), mode: "production", output: { path, filename: file }, context: project });
    const stats = await promisify(compiler.run.bind(compiler))();
    if (stats.hasErrors()) throw new Error(stats.toString());
    return path;
  },
  async bun(files) {
    const outdir = folder("bun");
    await run(join(modules, "bun/bin/bun"), ["build", ...files, "--target=browser", `--outdir=${outdir}`], { cwd: project });
    return outdir;
  },
};

const pageOf = file => `<!doctype html><script type=module src=/${file}></script>`;

/** vite's server for work in progress, which bundles packages by another tool. @param exclude packages that it is to leave alone */
async function viteServer(file, exclude = []) {
  writeFileSync(at("index.html"), pageOf(file));
  const server = { host: "127.0.0.1", headers: isolation };
  const options = { root: project, configFile: false, logLevel: "error", cacheDir: folder("cache"), optimizeDeps: { exclude }, server };
  const running = await vite.createServer(options);
  try {
    await running.listen();
    return await visitPage(running.resolvedUrls.local[0]);
  } finally {
    await running.close();
  }
}

/** Runs what a bundler made, in Chromium. @param headers of the page's */
async function runBundled(bundle, files, headers) {
  const made = await bundle(files);
  const names = readdirSync(made, { recursive: true }).filter(file => file.endsWith(".js"));
  const entry = names.find(file => file === files[0] || /^assets\/index-/.test(file));
  const read = Object.fromEntries(names.map(file => [`/${file}`, readFileSync(join(made, file), "utf8")]));
  return runBundle(`import "/${entry}";`, read, headers);
}

/** wrangler's bundle keeps the kernels as .wasm files beside it, and runs in workerd. */
async function wrangler() {
  const outdir = folder("wrangler");
  const options = ["deploy", at("app.js"), "--dry-run", "--outdir", outdir, "--name", "app", "--compatibility-date", "2026-07-01"];
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

export const bundlers = {};
for (const [name, bundle] of Object.entries(bundles)) {
  bundlers[`bundled by ${name}`] = () => runBundled(bundle, ["app.js"], strict);
  bundlers[`bundled by ${name}, a file's worker`] = () => runBundled(bundle, ["ownWorkerApp.js", "ownWorker.js"], isolation);
}
for (const name of ["vite", "webpack"]) {
  bundlers[`bundled by ${name}, own worker`] = () => runBundled(bundles[name], ["workerApp.js"], { ...isolation, ...strict });
}
bundlers["vite's server"] = () => viteServer("app.js");
bundlers["vite's server, a file's worker"] = () => viteServer("ownWorkerApp.js");
bundlers["vite's server, own worker"] = () => viteServer("workerApp.js", ["wasmind"]);
bundlers["bundled by wrangler"] = wrangler;
