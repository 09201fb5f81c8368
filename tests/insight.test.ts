import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fileVersion, scalar } from "../js/callbacks/eventFile.js";
import { callbacks, layers, optimizers, type Sequential, schedules, sequential, setSeed, tensor, utils } from "../js/index.js";
import { History } from "../js/model/history.js";
import events from "./fixtures/events.json" with { type: "json" };

const x = tensor(Array.from({ length: 24 }, (_, i) => Math.sin(i)) as number[], [8, 3]);
const y = tensor([0, 1, 0, 1, 1, 0, 1, 0], [8, 1]);

function net(learningRate: Parameters<typeof optimizers.sgd>[0] = { learningRate: 0.1 }): Sequential {
  setSeed(2);
  const model = sequential([layers.dense(4, { activation: "tanh", inputShape: [3] }), layers.dense(1, { activation: "sigmoid" })], {
    name: "small",
  });
  model.compile({ optimizer: optimizers.sgd(learningRate), loss: "binary_crossentropy", metrics: ["accuracy"] });
  return model;
}

const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Event {
  name: string;
  step: number;
  value: number;
}

/** The scalars of records that this file's other tests compare with TensorBoard's own. */
function read(bytes: Uint8Array): Event[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Event[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const data = bytes.subarray(at + 12, at + 12 + length);
    at += length + 16;
    if (data[9] === 0x1a) continue; // the version
    let [step, shift, i] = [0, 0, 9];
    if (data[i] === 0x10) {
      for (i++; data[i] > 127; i++, shift += 7) step += (data[i] & 127) << shift;
      step += data[i++] << shift;
    } // else 0
    const name = new TextDecoder().decode(data.subarray(i + 6, i + 6 + data[i + 5]));
    found.push({ name, step, value: new DataView(data.buffer, data.byteOffset + data.length - 4).getFloat32(0, true) });
  }
  return found;
}

describe("tensorBoard", () => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

  test("writes the bytes that TensorBoard's own writer writes", () => {
    expect(base64(fileVersion(events.version.wallTime))).toBe(events.version.record);
    for (const { name, value, step, wallTime, record } of events.scalars) expect(base64(scalar(name, value, step, wallTime))).toBe(record);
  });

  test("writes files of Keras's names", async () => {
    const logDir = join(folder, "logs");
    const model = net();
    const board = callbacks.tensorBoard({ logDir, updateFreq: 2 });
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 2, validationData: [x, y], verbose: 0, callbacks: [board] });
    const ofRun = (run: string) => {
      const files = readdirSync(join(logDir, run));
      expect(files).toHaveLength(1);
      expect(files[0]).toMatch(/^events\.out\.tfevents\.\d+\./);
      return read(readFileSync(join(logDir, run, files[0])));
    };
    const train = ofRun("train");
    const series = (all: Event[], name: string) => all.filter(event => event.name === name);
    expect([...new Set(train.map(({ name }) => name))].sort()).toEqual([
      "batch_accuracy",
      "batch_loss",
      "epoch_accuracy",
      "epoch_learning_rate",
      "epoch_loss",
    ]);
    expect(series(train, "epoch_loss")).toEqual(
      history.loss.map((value, step) => ({ name: "epoch_loss", step, value: Math.fround(value) })),
    );
    expect(series(train, "batch_loss").map(({ step }) => step)).toEqual([2, 4, 6, 8]);
    const validation = ofRun("validation");
    expect(series(validation, "epoch_loss").map(({ value }) => value)).toEqual(history.val_loss.map(Math.fround));
    expect(series(validation, "evaluation_accuracy_vs_iterations").map(({ step }) => step)).toEqual([4, 8]);
  });

  test("hands its bytes to a function, with the rate of a schedule", async () => {
    const chunks: Record<string, Uint8Array[]> = {};
    const board = callbacks.tensorBoard({ write: (run, chunk) => (chunks[run] ??= []).push(chunk), writeStepsPerSecond: true });
    const model = net({ learningRate: schedules.exponentialDecay({ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 }) });
    await model.fit(x, y, { batchSize: 4, verbose: 0, callbacks: [board] });
    expect(Object.keys(chunks)).toEqual(["train"]);
    const found = read(Buffer.concat(chunks.train));
    expect(found.find(({ name }) => name === "epoch_learning_rate")?.value).toBe(0.125);
    expect(found.find(({ name }) => name === "epoch_steps_per_second")?.value).toBeGreaterThan(0);
  });

  test("refuses what it cannot write to", () => {
    expect(() => callbacks.tensorBoard({ logDir: "" })).toThrow(new Error('tensorBoard: expected a folder\'s path, got "".'));
    expect(() => callbacks.tensorBoard({ updateFreq: 0 })).toThrow(new Error("tensorBoard: updateFreq must be a positive integer, got 0."));
    expect(() => callbacks.tensorBoard({ write: 5 as never })).toThrow(new Error("tensorBoard: write must be a function, got 5."));
  });
});

describe("progress", () => {
  test("draws into an element, or calls a function, with lines as Keras's", async () => {
    const element = { textContent: null as string | null };
    const lines: string[] = [];
    await net().fit(x, y, {
      ...{ epochs: 2, batchSize: 4, verbose: 0 },
      callbacks: [callbacks.progress(element), callbacks.progress(line => lines.push(line))],
    });
    expect(element.textContent).toMatch(/^Epoch 2\/2 {2}2\/2 ━{20} \ds \d+(ms|us|s)\/step - accuracy: [\d.]+ - loss: [\d.]+$/);
    expect(lines.at(-1)).toMatch(/^Epoch 2\/2 {2}2\/2 ━/);
  });

  test("refuses other places", () => {
    expect(() => callbacks.progress(5 as never)).toThrow(new Error("progress: expected an element or a function, got 5."));
  });
});

describe("A history", () => {
  function history(): History {
    const own = new History();
    own.onEpochEnd(0, { accuracy: 0.5, loss: 1, learning_rate: 0.1 });
    own.onEpochEnd(1, { accuracy: 0.75, loss: 0.5, val_loss: 0.75, learning_rate: 0.1 });
    own.onEpochEnd(2, { accuracy: 1, loss: 0, learning_rate: 0.1 });
    return own;
  }

  test("is drawn in characters: each value where it belongs", () => {
    let text = "";
    history().plot({ print: drawn => (text = drawn), metrics: ["loss"] });
    expect(text.split("\n")).toEqual([
      "loss   ● loss  ○ val_loss",
      "1 ┤●",
      "  ┤",
      "  ┤ ○",
      "  ┤",
      "  ┤",
      "  ┤ ●",
      "  ┤",
      "  ┤",
      "  ┤",
      "0 ┤  ●",
      "  └───",
      "   1 3",
    ]);
  });

  test("is drawn as SVG: a chart each for the loss and the metrics", () => {
    const picture = history().toSVG();
    expect(picture).toMatch(/^<svg /);
    expect(picture.match(/<polyline /g)).toHaveLength(3);
    expect(picture).toContain("— val_loss");
    expect(picture).not.toContain("learning_rate");
    expect(() => history().toSVG({ metrics: ["mae"] })).toThrow(
      'plot: the history has no "mae". It has accuracy, loss, learning_rate, val_loss.',
    );
  });
});

describe("Insight into a model", () => {
  test("profile adds up what explain tells, call by call", async () => {
    const model = net();
    const before = model.getWeights();
    const { rows, total, batchSize, ...rest } = await model.profile({ batchSize: 4 });
    expect(batchSize).toBe(4);
    expect(rows.map(({ owner }) => owner)).toEqual(
      expect.arrayContaining(
        ["dense", "dense_1", "binary_crossentropy", "accuracy"].map(name => expect.stringContaining(name.replace(/_1$/, ""))),
      ),
    );
    expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(rows.reduce((sum, { forward, backward, update }) => sum + forward + backward + update, 0)).toBeCloseTo(total, 6);
    const dense = rows.find(({ owner }) => owner.startsWith("dense"))!;
    expect(dense.forward).toBeGreaterThan(0);
    expect(dense.backward).toBeGreaterThan(0);
    expect(rows.some(({ update }) => update > 0)).toBe(true);
    expect(rest.toString()).toMatch(/^batch of 4, [\d.]+ ms\nlayer +forward ms {2}backward ms {2}update ms +share {2}GFLOP\/s\n/);
    expect(model.getWeights()).toEqual(before);
  });

  test("plotModel draws a picture, or a diagram in Mermaid's language", () => {
    const model = sequential([layers.dense(4, { inputShape: [3], name: "a" }), layers.dropout(0.5, { name: "<b>" })], { name: "tiny" });
    expect(utils.plotModel(model, { format: "mermaid" })).toBe(
      [
        "flowchart TD",
        '  n0["<b>input</b><br/>(None, 3)"]',
        '  n1["<b>a (Dense)</b><br/>(None, 4)<br/>16 parameters"]',
        '  n2["<b>&lt;b&gt; (Dropout)</b><br/>(None, 4)"]',
        "  n0 --> n1",
        "  n1 --> n2",
      ].join("\n"),
    );
    const picture = utils.plotModel(model);
    expect(picture.match(/<rect /g)).toHaveLength(1 + 3);
    expect(picture).toContain("16 parameters");
    expect(utils.plotModel(model, { showShapes: false, showParams: false })).not.toContain("(None");
  });
});
