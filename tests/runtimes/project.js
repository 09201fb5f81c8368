import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
export const modules = join(import.meta.dirname, "node_modules");
/** an empty project that has installed what npm would publish */
export const project = join(root, "build/runtimes");

/** Packs wasmind, and installs it into a fresh project beside copies of these files. */
export function makeProject(...files) {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", project], { cwd: root, encoding: "utf8" }));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", join(project, filename)], { cwd: project, stdio: "inherit" });
  for (const file of files) copyFileSync(join(import.meta.dirname, file), join(project, file));
}
