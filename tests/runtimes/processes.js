// Runtimes that run files.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { modules, project } from "./project.js";

const run = promisify(execFile);

/** The suite's report, the last line of what a command prints. */
async function report(command, ...args) {
  const { stdout } = await run(join(modules, command), [...args, "process.js"], { cwd: project, timeout: 120_000 });
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

export const processes = {
  "Node 20": () => report("node20/bin/node"),
  "Node 22": () => report("node22/bin/node"),
  "Node 24": () => report("node24/bin/node"),
  Deno: () => report("deno/deno", "run", "--allow-read", "--allow-env"),
  Bun: () => report("bun/bin/bun"),
};
