import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bind, type KernelName } from "../js/engine/kernels.js";
import { cut } from "../js/engine/program.js";
import { withSharedMemory } from "../js/engine/sharedImport.js";
import { worthSharing } from "../js/engine/sharing.js";
import { Team } from "../js/engine/team.js";
import { readyTeam } from "../js/engine/threads.js";
import { Trial } from "../js/engine/trial.js";
import { engineInfo, setSeed, setThreads } from "../js/index.js";
import { bits } from "./nets.js";
import { jobs } from "./threads/nets.js";

const runTeam = vi.spyOn(Team.prototype, "run");
const limits = { ...worthSharing };
afterEach(async () => {
  Object.assign(worthSharing, limits);
  vi.unstubAllGlobals();
  await setThreads(1);
});

/** Workers get messages in order: who knows a last one knows all before. */
async function hearing() {
  const team = readyTeam();
  const last = team?.addProgram({}, 0, [], {} as never);
  await vi.waitFor(() => expect(team?.knows(last!) ?? true).toBe(true), 30_000);
}

describe("results are the same bits", () => {
  async function train(name: string, threads: number) {
    worthSharing.call = worthSharing.plan = 0;
    expect((await setThreads(threads)).threads).toBe(threads);
    setSeed(3);
    const { model, x, y } = jobs[name]();
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 16, validationSplit: 0.2, verbose: 0 });
    model.trainOnBatch(x, y);
    model.predictSync(x);
    await hearing();
    runTeam.mockClear();
    model.trainOnBatch(x, y);
    model.predictSync(x);
    // forward, backward, update and prediction
    expect(runTeam.mock.calls.length >= 4).toBe(threads > 1);
    const evaluation = await model.evaluate(x, y, { batchSize: 16, verbose: 0 });
    const outputs = [model.predictSync(x), await model.predict(x, { batchSize: 7 })];
    return {
      history,
      evaluation,
      outputs: bits(outputs),
      weights: bits(model.getWeights()),
      optimizer: bits(Object.values(model.getOptimizerState()!.tensors)),
    };
  }

  test.each(Object.keys(jobs))("of %s on 1, 2, 3 and 8 threads", async name => {
    const alone = await train(name, 1);
    for (const threads of [2, 3, 8]) expect(await train(name, threads), `${threads} threads`).toEqual(alone);
  });

  test("of a plan that goes on with other threads in between", async () => {
    const run = async (...threads: number[]) => {
      worthSharing.call = worthSharing.plan = 0;
      setSeed(5);
      const { model, x, y } = jobs.LSTM();
      for (const n of threads) {
        await setThreads(n);
        await model.fit(x, y, { epochs: 2, batchSize: 25, verbose: 0 });
      }
      return bits(model.getWeights());
    };
    expect(await run(2, 1, 3)).toEqual(await run(1, 1, 1));
  });

  test("and ranges are cut into parts that cover them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 256 }), (range, parts) => {
        const cuts = Array.from({ length: parts + 1 }, (_, part) => cut(range, part, parts));
        expect(cuts[0]).toBe(0);
        expect(cuts.at(-1)).toBe(range);
        expect(cuts.every((at, i) => i === 0 || at >= cuts[i - 1])).toBe(true);
        const largest = Math.max(...cuts.slice(1).map((at, i) => at - cuts[i]));
        expect(largest).toBeLessThanOrEqual(2 * Math.ceil(range / parts) + 1);
      }),
      { seed: 1 },
    );
  });
});

describe("setThreads", () => {
  test.each([0, -1, 1.5, 65, Number.NaN, "many", "2", null, undefined])("refuses %s", async threads => {
    const shown = typeof threads === "string" ? `"${threads}"` : threads;
    await expect(setThreads(threads as number)).rejects.toThrow(`expected a whole number from 1 to 64 or "auto", got ${shown}.`);
  });

  test.each([
    [{ workerURL: "x" }, 'unknown option "workerURL". Did you mean "workerUrl"?'],
    [{ timeout: 0 }, "timeout must be a number of milliseconds above 0, got 0."],
    [{ workerUrl: 3 }, "workerUrl must be a string or URL, got 3."],
  ])("refuses %o", async (options, message) => {
    await expect(setThreads(2, options as object)).rejects.toThrow(message);
  });

  const whyNot = async (...args: Parameters<typeof setThreads>) => {
    const { threads, reasons } = await setThreads(...args);
    expect(threads).toBe(1);
    const { model, x, y } = jobs.MLP();
    await model.fit(x, y, { verbose: 0 });
    expect(engineInfo()).toEqual(expect.objectContaining({ threads: 1, reasons }));
    return reasons.join("\n");
  };

  test("leaves one thread that works where workers do not start in time, and says so", async () => {
    expect(await whyNot(2, { timeout: 0.01 })).toContain("No worker from worker_threads: no sign of life within 0.01 ms.");
  });

  test("goes on to the next way to start workers when the given address does not work", async () => {
    expect((await setThreads(2, { workerUrl: "file:///nowhere/thread.js" })).threads).toBe(2);
    expect((await setThreads(2, { workerUrl: "no address" })).threads).toBe(2);
    expect((await setThreads(2, { workerUrl: new URL("../dist/thread.js", import.meta.url) })).threads).toBe(2);
  });

  test("says what a page lacks", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    expect(await whyNot(2)).toContain("Cross-Origin-Opener-Policy: same-origin");
    vi.unstubAllGlobals();
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(await whyNot("auto")).toContain("cross-origin isolated");
  });

  test("says where automatic threads would not help", async () => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024");
    expect(await whyNot("auto")).toContain("A Lambda of 1024 MB has one core at most.");
    vi.unstubAllEnvs();
  });

  test("counts threads, and has nothing to say when none is missing", async () => {
    const { threads, reasons } = await setThreads(3);
    expect(threads).toBe(3);
    expect(reasons.join()).not.toMatch(/thread|worker/i);
  });
});

test("a prediction outlives the loss of a thread in its middle, a training step says so", async () => {
  worthSharing.call = worthSharing.plan = 0;
  for (const trains of [false, true]) {
    await setThreads(2);
    const { model, x, y } = jobs.MLP();
    const run = () => (trains ? model.fit(x, y, { verbose: 0 }) : model.predict(x));
    const expected = await run();
    await hearing();
    runTeam.mockClear();
    runTeam.mockImplementationOnce(() => {
      throw new Error("a worker did not do its part");
    });
    if (trains) await expect(run()).rejects.toThrow("A thread failed in the middle of a step");
    else expect(await run()).toEqual(expected);
    expect(runTeam).toHaveBeenCalledTimes(1);
    expect(engineInfo().reasons.join()).toContain("A thread failed in the middle of a step");
    runTeam.mockReset();
  }
});

test("a worker that ends leaves one thread that works, and its reason", async () => {
  worthSharing.call = worthSharing.plan = 0;
  await setThreads(2);
  const { model, x, y } = jobs.MLP();
  await model.fit(x, y, { epochs: 5, verbose: 0 });
  const task = { kernel: "relu" as KernelName, args: [], scratch: -1, stride: 0, range: 2, parts: 2 };
  const unknownModel = 999;
  vi.spyOn(console, "error").mockImplementation(() => {});
  readyTeam()!.addProgram({}, unknownModel, [task], {} as never);
  await vi.waitFor(() => expect(engineInfo().threads).toBe(1), 10_000);
  expect(engineInfo().reasons.join()).toContain("A worker ended: Cannot read properties of undefined");
  const { history } = await model.fit(x, y, { epochs: 5, verbose: 0 });
  expect(history.loss.every(Number.isFinite)).toBe(true);
});

describe("a trial", () => {
  let now = 0;
  let chosen: number[] = [];
  const waysOf = (cost: number[]) =>
    cost.map((_, way) => () => {
      chosen.push(way);
      now += cost[way];
    }) as [() => void, () => void];
  const times = (way: number, from = 0) => chosen.slice(from).filter(one => one === way).length;
  beforeEach(() => {
    [now, chosen] = [0, []];
    vi.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => vi.mocked(performance.now).mockRestore());

  test("settles for the faster way, and looks again now and then", () => {
    const cost = [5, 2];
    const ways = waysOf(cost);
    const trial = new Trial();
    for (let i = 0; i < 200; i++) trial.run(ways);
    expect(times(0)).toBeLessThan(16);
    cost[0] = 1;
    for (let i = 0; i < 800; i++) trial.run(ways);
    expect(times(1, 900)).toBeLessThan(6);
  });

  test.each([3, 10, 100])("costs little where the first way takes %s times as long", factor => {
    const trial = new Trial();
    const ways = waysOf([factor, 1]);
    for (let i = 0; i < 20_000; i++) trial.run(ways);
    expect(now).toBeLessThan(1.03 * 20_000 + 3 * factor);
    expect(times(0)).toBeGreaterThan(3);
  });

  test("is not taken in by a way that mostly saves time and sometimes takes very long", () => {
    const trial = new Trial();
    const cost = [0.5, 1];
    const ways = waysOf(cost);
    for (let i = 0; i < 20_000; i++) {
      cost[0] = i % 7 === 0 ? 20 : 0.5;
      trial.run(ways);
    }
    expect(now).toBeLessThan(1.04 * 20_000);
  });
});

describe("processes with workers", () => {
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", `tests/threads/${program}.ts`, ...args], { timeout: 50_000 });

  test.each(["explicit", "automatic", "synchronous", "at once"])("end by themselves: %s", async how => {
    const { stdout } = await run("ends", how);
    const { threads } = JSON.parse(stdout);
    if (how === "explicit") expect(threads).toBe(3);
  });

  test("let go of 1,000 models in workers, too", async () => {
    const { stdout } = await run("models");
    const samples: { made: number; together: number; heapUsed: number; rss: number }[] = stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
    expect(samples.map(({ made }) => made)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    expect(samples.at(-1)!.together).toBeGreaterThan(100);
    for (const { heapUsed } of samples) expect(heapUsed / 2 ** 20).toBeLessThan(80);
    // One model takes up 1.7 MB: what nobody let go of would be 1.7 GB.
    for (const { rss } of samples) expect((rss - samples[0].rss) / 2 ** 20).toBeLessThan(400);
  });
});

describe("the kernels for shared memory", () => {
  const bytesOf = (build: string) => readFileSync(`dist/kernels/${build}.wasm`);
  const memory = (shared: boolean, maximum?: number) => new WebAssembly.Memory({ initial: 2, maximum, shared });

  test.each(["simd", "relaxed"])("are those of %s but for the import", build => {
    const bytes = bytesOf(build);
    const shared = withSharedMemory(bytes);
    expect(shared.length).toBe(bytes.length + 3);
    // All sections behind the imports, code and names too, are the same bytes.
    const tail = bytes.length - 400;
    expect(Buffer.compare(shared.subarray(tail + 3), bytes.subarray(tail))).toBe(0);
    if (!WebAssembly.validate(bytes)) return;
    const [own, other] = [bytes, shared].map(binary => new WebAssembly.Module(binary));
    expect(WebAssembly.Module.exports(other)).toEqual(WebAssembly.Module.exports(own));
    expect(WebAssembly.Module.imports(other)).toEqual(WebAssembly.Module.imports(own));
  });

  const module = new WebAssembly.Module(withSharedMemory(bytesOf("simd")));

  test("take shared memories of any maximum, and no others", () => {
    for (const maximum of [2, 100, 65536]) expect(() => bind(module, memory(true, maximum))).not.toThrow();
    expect(() => bind(module, memory(false))).toThrow(WebAssembly.LinkError);
  });

  test("compute", () => {
    const shared = memory(true, 2);
    const x = new Float32Array(shared.buffer, 65536, 4);
    x.set([-1, 2, -3, 4]);
    bind(module, shared).relu(65536, 65536, 0, 4);
    expect([...x]).toEqual([0, 2, 0, 4]);
  });

  /** A module with one import. @param kind 0: (func), 2: (memory 1 300) */
  const importing = (name: string, kind: 0 | 2) => {
    const entry = [3, ...Buffer.from("env"), name.length, ...Buffer.from(name), ...(kind === 0 ? [0, 0] : [2, 1, 1, 0xac, 2])];
    const header = [0, 97, 115, 109, 1, 0, 0, 0];
    return Uint8Array.from([...header, 1, 4, 1, 96, 0, 0, 2, entry.length + 1, 1, ...entry]);
  };

  test("come from any module that imports one memory, and from no other", () => {
    for (const name of ["m", "m".repeat(110)]) {
      const bytes = importing(name, 2);
      expect(WebAssembly.validate(bytes)).toBe(true);
      const module = new WebAssembly.Module(withSharedMemory(bytes));
      expect(() => new WebAssembly.Instance(module, { env: { [name]: memory(true, 65536) } })).not.toThrow();
    }
    expect(() => withSharedMemory(importing("f", 0))).toThrow("something else than one memory");
    expect(() => withSharedMemory(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]))).toThrow("imports no memory");
  });
});
