// Runs the bench on the Node that its own package brings, and installs that package when it is not there.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: import.meta.dirname, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(`${import.meta.dirname}/node_modules/onnxruntime-web`)) {
  // The npm that was started, not one that a package may have put into the path.
  const npm = process.env.npm_execpath;
  if (!npm) throw new Error("The peers are missing: `npm run bench`, or `npm ci` in bench/.");
  run(process.execPath, npm, "ci");
}
const node = `${import.meta.dirname}/node_modules/node/bin/node`;
run(existsSync(node) ? node : process.execPath, "--import", "tsx", "main.ts", ...process.argv.slice(2));
