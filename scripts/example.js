// Runs a program of examples/: npm run example NAME. Without a name it lists them, each with its first line.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const [name, ...rest] = process.argv.slice(2);
const programs = new Map(
  readdirSync("examples/lecture")
    .filter(file => file.endsWith(".ts") && file !== "shared.ts")
    .map(file => [file.replace(/\.ts$/, ""), `examples/lecture/${file}`]),
);
for (const folder of ["digits", "xor"]) programs.set(folder, `examples/${folder}/main.ts`);

if (name === undefined) {
  for (const [program, file] of programs)
    console.log(
      `${program.padEnd(26)}${readFileSync(file, "utf8")
        .split("\n")[0]
        .replace(/^\/\/ /, "")}`,
    );
} else if (!programs.has(name)) {
  console.error(`There is no example "${name}". Known: ${[...programs.keys()].join(", ")}.`);
  process.exitCode = 1;
} else {
  const tsx = "node_modules/tsx/dist/cli.mjs";
  if (!existsSync(tsx)) throw new Error("npm ci first.");
  try {
    execFileSync(process.execPath, [tsx, programs.get(name), ...rest], { stdio: "inherit" });
  } catch {
    process.exitCode = 1; // the program has said why
  }
}
