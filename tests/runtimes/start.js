// Installs the runtimes when they are not there, and runs the tests on the newest Node among them.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: import.meta.dirname, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
const here = file => existsSync(`${import.meta.dirname}/${file}`);

if (!here("node_modules/.package-lock.json")) run("npm", "ci", "--no-audit", "--no-fund");
if (!existsSync("/usr/bin/chromium") || !existsSync("/usr/bin/firefox-esr")) {
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium", "firefox-esr");
}
run(`${import.meta.dirname}/node_modules/node24/bin/node`, "main.js", ...process.argv.slice(2));
