// Runtimes that run files.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { modules, project } from "./project.js";

const run = promisify(execFile);

/** A suite's report, the last line of what a command prints. */
async function report(suite, command, ...args) {
  const { stdout } = await run(join(modules, command), [...args, "process.js", suite], { cwd: project, timeout: 600_000 });
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

const commands = {
  "Node 20": ["node20/bin/node"],
  "Node 22": ["node22/bin/node"],
  "Node 24": ["node24/bin/node"],
  "Node 26": ["node26/bin/node"],
  Deno: ["deno/deno", "run", "--allow-read", "--allow-env"],
  Bun: ["bun/bin/bun"],
};

// Without WebAssembly the kernels are JavaScript: the program gives them, or a bundle has them. Only interpreted, as on Fastly, the suite takes minutes.
export const processes = {
  "Node 22, no WebAssembly": () => report("./givenSuite.js", "node22/bin/node", "--no-expose-wasm"),
  async "Node 24, no WebAssembly, no JIT"() {
    const outfile = join(project, "fastly.js");
    await build({ entryPoints: [join(project, "suite.js")], conditions: ["fastly"], bundle: true, format: "esm", outfile });
    return report("./fastly.js", "node24/bin/node", "--jitless");
  },
};
for (const [name, command] of Object.entries(commands)) {
  processes[name] = () => report("./suite.js", ...command);
  processes[`${name}, in a worker`] = () => report("./workerSuite.js", ...command);
}
