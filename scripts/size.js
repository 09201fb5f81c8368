// Packs the library as npm would, bundles programs from it, and holds the sizes. `npm run size` after a build.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KB = 1000;
const folder = mkdtempSync(join(tmpdir(), "wasmind-size-"));
const installed = join(folder, "node_modules/wasmind");
mkdirSync(installed, { recursive: true });
const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { encoding: "utf8" }));
execFileSync("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components=1"]);
const { dependencies = {} } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

/** Bytes of a program that is bundled, minified and gzipped; kernels and all. */
async function gzipped(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["node:*"],
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const files = readdirSync(installed, { recursive: true }).map(file => join(installed, file));
const bytes = files.filter(file => statSync(file).isFile()).reduce((sum, file) => sum + statSync(file).size, 0);
const raw = build => statSync(join(installed, `dist/kernels/${build}.wasm`)).size;

const all = Object.keys(await import(join(installed, "dist/index.js")));
const core = all.filter(name => name !== "preprocessing");

const rows = [
  ["core: all but preprocessing, gzip", await gzipped(`export { ${core} } from "wasmind";`), 80 * KB],
  ["all of wasmind, gzip", await gzipped(`export * from "wasmind";`), 90 * KB],
  ["kernels: simd, raw", raw("simd"), 60 * KB],
  ["kernels: relaxed, raw", raw("relaxed"), 60 * KB],
  ["the installed package", bytes, 2000 * KB],
  ["dependencies of the core", Object.keys(dependencies).length, 0],
];
rmSync(folder, { recursive: true });

const show = size => (size < KB ? `${size}` : `${(size / KB).toFixed(1)} KB`);
for (const [name, size, most] of rows) {
  console.log(`${size > most ? "✗" : "✓"} ${name.padEnd(40)} ${show(size).padStart(10)}  at most ${show(most)}`);
}
if (rows.some(([, size, most]) => size > most)) process.exit(1);
