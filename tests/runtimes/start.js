// Installs the runtimes when they are not there or others are asked for, and runs the tests on one of them.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: import.meta.dirname, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
const written = file => statSync(`${import.meta.dirname}/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (written("node_modules/.package-lock.json") < written("package-lock.json")) run("npm", "ci", "--no-audit", "--no-fund");
if (!existsSync("/usr/bin/chromium") || !existsSync("/usr/bin/firefox-esr")) {
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium", "firefox-esr");
}
run(`${import.meta.dirname}/node_modules/node24/bin/node`, "main.js", ...process.argv.slice(2));
