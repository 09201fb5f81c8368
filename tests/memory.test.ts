import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/** The last line that a program of tests/memory prints, in a process of its own. */
async function run(program: string, ...flags: string[]) {
  const file = fileURLToPath(new URL(`memory/${program}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, file]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

describe("memory", () => {
  it("does not grow over 1,000 training steps", async () => {
    const { heap, buffers, wasm } = await run("steps.mjs", "--expose-gc");
    expect(wasm).toBe(0);
    expect(buffers).toBeLessThan(64 * 1024);
    // a byte a step would be one that each keeps; the rest is what the runtime keeps of having run
    expect(heap).toBeLessThan(256 * 1024);
  });

  it("of 1,000 models that are made, used and dropped comes back by itself", async () => {
    const { models, most } = await run("models.mjs");
    expect(models).toBe(1000);
    expect(most).toBeLessThan(2 ** 30);
  });
});
