import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const root = join(import.meta.dirname, "../..");
export const modules = join(import.meta.dirname, "node_modules");
/** an empty project that has installed what npm would publish; outside the repository, whose own packages it must not find */
export const project = realpathSync(mkdtempSync(join(tmpdir(), "wasmind-runtimes-")));
process.on("exit", () => rmSync(project, { recursive: true, force: true }));

/** Packs wasmind, and installs it into a fresh project beside copies of these files. */
export function makeProject(...files) {
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", project], { cwd: root, encoding: "utf8" }),
  );
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", join(project, filename)], { cwd: project, stdio: "inherit" });
  writeFileSync(join(project, "fixture.js"), fixture("3.15.1/image"));
  for (const file of files) copyFileSync(join(import.meta.dirname, file), join(project, file));
}

/** A file that Keras wrote, what it was asked there, and what it said, as a module. */
function fixture(name) {
  const read = ending => readFileSync(join(root, `tests/fixtures/files/${name}${ending}`));
  const { x, predictions } = JSON.parse(read(".json"));
  const file = gunzipSync(read(".keras.gz")).toString("base64");
  return Object.entries({ file, x, predictions })
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join("");
}
