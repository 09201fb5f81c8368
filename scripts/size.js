// Packs the library as npm would, bundles programs from it, and holds the sizes. `npm run size` after a build.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KB = 1000;
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "wasmind-size-"));
const installed = join(folder, "node_modules/wasmind");
mkdirSync(installed, { recursive: true });
const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, encoding: "utf8" }));
execFileSync("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components=1"]);
for (const name of ["fflate", "jsfive"]) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));

/** A program bundled and minified: bytes of what it loads at once, gzipped, kernels and all; and the packages in that. */
async function bundled(code) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder },
    outdir: folder,
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    external: ["node:*", "h5wasm"],
    logLevel: "error",
  });
  const reached = new Set(["stdin.js"]);
  for (const path of reached) {
    for (const { path: next, kind } of metafile.outputs[path].imports) if (kind === "import-statement") reached.add(next);
  }
  const size = path => gzipSync(outputFiles.find(file => file.path === join(folder, path)).contents, { level: 9 }).length;
  const inputs = [...reached].flatMap(path => Object.entries(metafile.outputs[path].inputs));
  const packages = inputs.filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && !/^(<stdin>|node_modules\/wasmind\/)/.test(path));
  return { gzip: [...reached].map(size).reduce((a, b) => a + b), packages: packages.length };
}

const files = readdirSync(installed, { recursive: true }).map(file => join(installed, file));
const bytes = files.filter(file => statSync(file).isFile()).reduce((sum, file) => sum + statSync(file).size, 0);
const raw = file => statSync(join(installed, "dist/kernels", file)).size;
const javascript = gzipSync(readFileSync(join(installed, "dist/kernels/scalar.js")), { level: 9 }).length;

const all = Object.keys(await import(join(root, "dist/index.js")));
const core = await bundled(`export { ${all.filter(name => name !== "preprocessing")} } from "wasmind";`);
const whole = await bundled(`export * from "wasmind";`);
const training = await bundled(`
  import { sequential } from "wasmind";
  import { conv2d, dense, dropout, flatten, maxPooling2d } from "wasmind/layers";
  const model = sequential([
    conv2d(32, 3, { activation: "relu", inputShape: [28, 28, 1] }),
    maxPooling2d(2),
    conv2d(64, 3, { activation: "relu" }),
    maxPooling2d(2),
    flatten(),
    dropout(0.5),
    dense(10, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "categorical_crossentropy", metrics: ["accuracy"] });
  await model.fit(x, y, { epochs: 20, validationSplit: 0.1 });
  await model.save("digits.keras");
`);
const inference = await bundled(`
  import { inference } from "wasmind/inference";
  import { dense } from "wasmind/layers";
  const model = inference([dense(64, { activation: "relu", inputShape: [784] }), dense(10, { activation: "softmax" })]);
  await model.loadWeights("model.safetensors");
  console.log(await model.predict(new Float32Array(784)));
`);

// What must hold now, and where it is to get to.
const rows = [
  ["core: all but preprocessing, gzip", core.gzip, 107.5 * KB, 80 * KB],
  ["all of wasmind, gzip", whole.gzip, 115 * KB, 90 * KB],
  ["training of the lecture's CNN, gzip", training.gzip, 80 * KB, 80 * KB],
  ["inference of dense layers, gzip", inference.gzip, 45 * KB, 45 * KB],
  ["packages in all of wasmind", whole.packages, 0, 0],
  ["kernels: simd, raw", raw("simd.wasm"), 60.7 * KB, 60 * KB],
  ["kernels: relaxed, raw", raw("relaxed.wasm"), 60.4 * KB, 60 * KB],
  ["kernels: JavaScript, by themselves, gzip", javascript, 60 * KB, 60 * KB],
  ["the installed package", bytes, 2000 * KB, 2000 * KB],
];
rmSync(folder, { recursive: true });

const show = size => (size < KB ? `${size}` : `${(size / KB).toFixed(1)} KB`);
for (const [name, size, most, goal] of rows) {
  const verdict = size > most ? "✗" : size > goal ? "·" : "✓";
  console.log(`${verdict} ${name.padEnd(40)} ${show(size).padStart(10)}  at most ${show(most)}, goal ${show(goal)}`);
}
if (rows.some(([, size, most]) => size > most)) process.exit(1);
