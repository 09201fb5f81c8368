// Runs the bench on the Node that its own package brings, and installs that package when it is not there.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, {
    cwd: import.meta.dirname,
    stdio: "inherit",
    shell: process.platform === "win32" && command === "npm",
  });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(`${import.meta.dirname}/node_modules/onnxruntime-web`)) run("npm", "ci");
const node = `${import.meta.dirname}/node_modules/node/bin/node`;
run(existsSync(node) ? node : process.execPath, "--import", "tsx", "main.ts", ...process.argv.slice(2));
