import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { formatPath } from "../js/callbacks/filepath.js";
import type { Callback } from "../js/callbacks/index.js";
import { callbacks, loadModel, type Sequential, setSeed } from "../js/index.js";
import { Random } from "../js/random.js";
import { bits, classifier, samples } from "./nets.js";

const { x, oneHot } = samples(24);
const quiet = { verbose: 0, batchSize: 7 } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wasmind-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

test.each([
  ["{epoch:02d}-{val_loss:.2f}.keras", "03-0.12.keras"],
  ["{epoch}.keras", "3.keras"],
  ["{epoch:4d}|{loss:8.3f}|{loss:.1e}|{loss:.0%}|{loss}", "   3|   0.250|2.5e-01|25%|0.25"],
  ["plain.keras", "plain.keras"],
])("a path is formatted as in Python: %s", (template, expected) => {
  expect(formatPath("it", template, { epoch: 3, loss: 0.25, val_loss: 0.1249 })).toBe(expected);
});

test("a path that asks for what is not there is refused", () => {
  expect(() => formatPath("it", "{valloss}", { epoch: 1, val_loss: 1 })).toThrow(
    new Error('it: the path "{valloss}" asks for "valloss", but the values are epoch, val_loss.'),
  );
  expect(() => formatPath("it", "{epoch:x}", { epoch: 1 })).toThrow(
    new Error('it: the path "{epoch:x}" has a format that is not known: "x". Possible are such as "02d" and ".4f".'),
  );
});

describe("modelCheckpoint", () => {
  /** Feeds epochs' values to a checkpoint; returns what was saved. */
  async function saved(path: string, options: object, epochs: Record<string, number>[], batches = 0): Promise<string[]> {
    const files: string[] = [];
    const checkpoint = callbacks.modelCheckpoint(path, options);
    const save = async (file: string) => void files.push(file);
    checkpoint.setModel({
      metrics: [{ name: "accuracy", direction: "up" }],
      save,
      saveWeights: (file: string) => save(`weights ${file}`),
    } as never);
    for (const [epoch, logs] of epochs.entries()) {
      checkpoint.onEpochBegin(epoch);
      for (let batch = 0; batch < batches; batch++) await checkpoint.onTrainBatchEnd(batch, logs);
      await checkpoint.onEpochEnd(epoch, logs);
    }
    return files;
  }
  const losses = [3, 2, 2.5, Number.NaN, 1].map(val_loss => ({ val_loss, val_accuracy: val_loss }));

  test("saves after each epoch, or the best ones", async () => {
    expect(await saved("{epoch}.keras", {}, losses)).toEqual(["1.keras", "2.keras", "3.keras", "4.keras", "5.keras"]);
    expect(await saved("{epoch}.keras", { saveBestOnly: true }, losses)).toEqual(["1.keras", "2.keras", "5.keras"]);
    expect(await saved("{epoch}.keras", { saveBestOnly: true, monitor: "val_accuracy" }, losses)).toEqual(["1.keras"]);
    expect(await saved("{epoch}.keras", { saveBestOnly: true, mode: "max" }, losses)).toEqual(["1.keras"]);
    expect(await saved("{epoch}.keras", { saveBestOnly: true, initialValueThreshold: 2.2 }, losses)).toEqual(["2.keras", "5.keras"]);
    expect(await saved("{epoch}.weights.h5", { saveWeightsOnly: true }, losses.slice(0, 1))).toEqual(["weights 1.weights.h5"]);
  });

  test("saves after so many batches, counted through all epochs", async () => {
    expect(await saved("{epoch}-{batch}.keras", { saveFreq: 3 }, losses.slice(0, 3), 4)).toEqual([
      "1-3.keras",
      "2-2.keras",
      "3-1.keras",
      "3-4.keras",
    ]);
  });

  test("warns where the value is missing, and saves", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    expect(await saved("a.keras", { saveBestOnly: true, monitor: "val_mae", mode: "min" }, losses.slice(0, 2))).toEqual([
      "a.keras",
      "a.keras",
    ]);
    expect(warn).toHaveBeenCalledOnce();
  });

  test("writes files that load, into folders that it makes", async () => {
    const model = classifier();
    const path = join(folder, "deep/er/{epoch:02d}.safetensors");
    await model.fit(x, oneHot, { ...quiet, epochs: 2, callbacks: [callbacks.modelCheckpoint(path, { monitor: "loss" })] });
    expect(await readdir(join(folder, "deep/er"))).toEqual(["01.safetensors", "02.safetensors"]);
    expect(bits((await loadModel(join(folder, "deep/er/02.safetensors"))).getWeights())).toEqual(bits(model.getWeights()));
  });

  test("refuses what it cannot do", () => {
    expect(() => callbacks.modelCheckpoint("a.txt")).toThrow(
      new Error('modelCheckpoint: the path must end in ".keras" or ".safetensors", got "a.txt".'),
    );
    expect(() => callbacks.modelCheckpoint("a.keras", { saveWeightsOnly: true })).toThrow(
      new Error('modelCheckpoint: the path must end in ".weights.h5" or ".safetensors", got "a.keras".'),
    );
    expect(() => callbacks.modelCheckpoint("a.keras", { saveFreq: 0 })).toThrow(
      new Error("modelCheckpoint: saveFreq must be a positive integer, got 0."),
    );
  });
});

describe("backupAndRestore", () => {
  /** A program that is run anew each time; `stop` ends it as a crash would. */
  async function run(backups: string, options: object, stop: Callback = {}): Promise<Sequential> {
    setSeed(5);
    const model = classifier({ dropout: 0.3 });
    const crash = callbacks.lambda(stop);
    await model.fit(x, oneHot, { ...quiet, epochs: 6, callbacks: [callbacks.backupAndRestore(backups, options), crash] });
    return model;
  }
  const fail = () => {
    throw new Error("crash");
  };

  test.each<[string, object, Callback]>([
    ["an epoch", {}, { onEpochEnd: epoch => epoch === 2 && fail() }],
    ["so many batches", { saveFreq: 3 }, { onTrainBatchEnd: (batch, { accuracy }) => accuracy >= 0 && batch === 3 && fail() }],
  ])("goes on after %s as if nothing had happened", async (what, options, stop) => {
    const backups = join(folder, what);
    const whole = await run(join(folder, "whole"), options);
    let runs = 0;
    for (let model: Sequential | null = null; !model && runs < 20; runs++) {
      let crashes = 0;
      const once: Callback = Object.fromEntries(
        Object.entries(stop).map(([hook, f]) => [
          hook,
          (...args: unknown[]) => (crashes++ < 4 && runs < 3 ? (f as (...args: unknown[]) => void)(...args) : undefined),
        ]),
      );
      model = await run(backups, options, once).catch(error => {
        expect(error.message).toBe("crash");
        return null;
      });
      if (model) {
        expect(bits(model.getWeights())).toEqual(bits(whole.getWeights()));
        const [got, expected] = [model, whole].map(one => one.getOptimizerState()!);
        expect({ ...got, tensors: bits(Object.values(got.tensors)) }).toEqual({
          ...expected,
          tensors: bits(Object.values(expected.tensors)),
        });
      }
    }
    expect(runs).toBeGreaterThan(1);
    expect(runs).toBeLessThan(20);
    expect(existsSync(backups)).toBe(false);
  });

  test("restores a learning rate that a callback has changed", async () => {
    const backups = join(folder, "rate");
    const halve = callbacks.learningRateScheduler((epoch, rate) => (epoch === 1 ? rate / 2 : rate));
    const train = async (stop: Callback) => {
      setSeed(5);
      const model = classifier();
      await model.fit(x, oneHot, { ...quiet, epochs: 4, callbacks: [halve, callbacks.backupAndRestore(backups), stop] });
      return model;
    };
    await expect(train({ onEpochEnd: epoch => epoch === 2 && fail() })).rejects.toThrow("crash");
    const rate = (await train({})).optimizer.learningRate;
    expect(rate).toBe((await train({})).optimizer.learningRate);
  });

  test("leaves what is not its own", async () => {
    const backups = join(folder, "shared");
    await mkdir(backups);
    await writeFile(join(backups, "notes.txt"), "mine");
    await run(backups, { deleteCheckpoint: false });
    expect((await readdir(backups)).sort()).toEqual(["epoch-6.safetensors", "notes.txt"]);
  });
});

describe("a process that is killed", () => {
  const EPOCHS = 600;
  const KILLS = 50;

  /** Runs train.js; kills it so many milliseconds after it has said a word: "begin" for the training, "end" for an epoch, or "", which is from the start. */
  function train(backups: string, killAfter: number | null, word: "" | "begin" | "end"): Promise<{ lines: string[]; isDone: boolean }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["tests/checkpoint/train.js", backups, String(EPOCHS)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let text = "";
      let timer: NodeJS.Timeout | undefined;
      const start = () => {
        if (killAfter !== null) timer ??= setTimeout(() => child.kill("SIGKILL"), killAfter);
      };
      if (word === "") start();
      child.stdout.on("data", chunk => {
        text += chunk;
        if (text.includes(word)) start();
      });
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        clearTimeout(timer);
        const lines = text.split("\n").filter(line => line);
        if (code === 0 || signal === "SIGKILL") resolve({ lines, isDone: lines.at(-1) === "done" });
        else reject(new Error(`exit code ${code}`));
      });
    });
  }

  test("at 50 moments loses an epoch each time at most, and ends with the same bits", { timeout: 240_000 }, async () => {
    const random = new Random(3);
    const [never, often] = [join(folder, "never"), join(folder, "often")];
    await Promise.all([mkdir(never), mkdir(often)]);
    await train(join(never, "backups"), null, "");
    let done = 0; // epochs that were said to be
    for (let kill = 0; kill < KILLS; kill++) {
      const word = (["", "begin", "end", "end", "end"] as const)[kill % 5];
      const { lines, isDone } = await train(join(often, "backups"), random.uniform() * (word ? 30 : 400), word);
      expect(isDone).toBe(false);
      const begun = lines.find(line => line.startsWith("begin"));
      if (begun === undefined) continue;
      const first = Number(begun.split(" ")[1]);
      expect(first).toBeGreaterThanOrEqual(done);
      expect(first).toBeLessThanOrEqual(done + 1); // killed after the backup, before its word
      const ended = lines.findLast(line => line.startsWith("end"));
      done = ended === undefined ? first : Number(ended.split(" ")[1]) + 1;
    }
    expect(done).toBeGreaterThan(KILLS / 2);
    expect((await train(join(often, "backups"), null, "")).isDone).toBe(true);
    const [a, b] = await Promise.all([never, often].map(path => readFile(join(path, "final.safetensors"))));
    expect(b.equals(a)).toBe(true);
  });
});
