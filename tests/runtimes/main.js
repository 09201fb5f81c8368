// Runs the suite in every runtime and prints one line for each: runtime, build of the kernels, threads, tests passed.
//   npm run test:everywhere             all
//   npm run test:everywhere -- bun      those whose names contain the word
import { engines as browsers } from "./browsers.js";
import { bundled, bundlers } from "./bundlers.js";
import { cloudflareExample, edgeRuntime, workerd, workerdGiven } from "./edge.js";
import { fastly } from "./fastly.js";
import { packaging } from "./packaging.js";
import { processes } from "./processes.js";
import { makeProject } from "./project.js";

makeProject(...["suite.js", "givenSuite.js", "fastlyApp.js", "workerSuite.js", "run.js", "process.js", "storage.js"], ...bundled);
const [word = ""] = process.argv.slice(2);
const runs = Object.entries({
  ...processes,
  workerd,
  "workerd, given a module": workerdGiven,
  "workerd, the example": cloudflareExample,
  "edge-runtime": edgeRuntime,
  "Fastly Compute": fastly,
  ...browsers,
  ...bundlers,
  ...packaging,
});
const row = (...cells) => console.log(cells.map((cell, i) => String(cell).padEnd([40, 9, 8, 0][i])).join(""));
let failures = 0;

row("runtime", "build", "threads", "passed");
for (const [name, run] of runs.filter(([name]) => name.includes(word))) {
  const { build = "", threads = "", passed = 0, failed } = await run().catch(error => ({ failed: [error.stack ?? String(error)] }));
  row(name, build, threads, `${passed} of ${passed + failed.length}`);
  for (const failure of failed) console.log(`  ✗ ${failure}`);
  failures += failed.length;
}
process.exit(failures > 0 ? 1 : 0);
