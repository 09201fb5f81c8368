import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

/** What a program in tests/memory prints, a record a line. Each has a process of its own, whose heap is nobody else's. */
async function run<Line>(program: string, ...flags: string[]): Promise<Line[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--import", "tsx", `tests/memory/${program}.ts`]);
  return stdout
    .trim()
    .split("\n")
    .map(line => JSON.parse(line));
}

describe("1,000 steps", () => {
  interface Held {
    heapUsed: number;
    external: number;
    arrayBuffers: number;
    /** of the model, in Wasm */
    memory: number;
  }
  let work: { name: string; rounds: Held[] }[] = [];
  beforeAll(async () => {
    work = await run("steps", "--expose-gc");
  });

  test.each(["trainOnBatch", "predictSync", "fit", "evaluate"])("of %s leave nothing behind", name => {
    const { rounds } = work.find(one => one.name === name)!;
    expect(rounds).toHaveLength(6);
    const growth = (of: keyof Held) => rounds.slice(1).map((held, i) => held[of] - rounds[i][of]);
    // The engine's compiler adds its code now and then; what a step left behind would show in every round.
    expect(Math.min(...growth("heapUsed"))).toBeLessThan(16 * 1000);
    expect(Math.min(...growth("external"))).toBeLessThan(4 * 1000);
    expect(growth("arrayBuffers")).toEqual([0, 0, 0, 0, 0]);
    expect(growth("memory")).toEqual([0, 0, 0, 0, 0]);
  });
});

test("1,000 models that are made, used and dropped do not fail, and hold no more than a few", async () => {
  const samples = await run<{ made: number; heapUsed: number; external: number; rss: number }>("models");
  expect(samples.map(({ made }) => made)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  // One model's memory takes up 384 KiB: a thousand would be 375 MiB.
  for (const { external, heapUsed } of samples) {
    expect(external / 2 ** 20).toBeLessThan(120);
    expect(heapUsed / 2 ** 20).toBeLessThan(60);
  }
  expect((samples.at(-1)!.rss - samples[2].rss) / 2 ** 20).toBeLessThan(80);
});
