// Whether the package says of itself what is true.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { modules, project } from "./project.js";

const run = promisify(execFile);

/** A tool that complains by its exit code. */
async function passes(tool, ...args) {
  try {
    await run(process.execPath, [join(modules, tool), ...args], { cwd: project });
    return { passed: 1, failed: [] };
  } catch ({ stdout, stderr }) {
    return { failed: [`${stdout}${stderr}`] };
  }
}

const tarball = () =>
  join(
    project,
    readdirSync(project).find(file => file.endsWith(".tgz")),
  );

export const packaging = {
  publint: () => passes("publint/src/cli.js", tarball(), "--strict"),
  // What is not JavaScript with types (kernels, bundles) has none.
  "are the types wrong": () =>
    passes(
      "@arethetypeswrong/cli/dist/index.js",
      tarball(),
      "--profile",
      "esm-only",
      "--exclude-entrypoints",
      "bundled/*.js",
      "wasm/*.wasm",
    ),
};
