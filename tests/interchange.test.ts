// Files that real Keras wrote: tests/fixtures/README.md says how to make them.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadModel, preprocessing, tensor } from "../js/index.js";
import { expectNear } from "./keras/close.js";

const OUTPUTS = 1e-5;

interface Case {
  name: string;
  file: string;
  x: number[];
  y: number[];
  /** the sum of the optimizer's variables */
  state: number;
  /** what is trained on, where Keras is to train on as well */
  labels?: number[];
}

function readNumbers(path: string): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** What these releases predict otherwise, which is held against them: their files forget outputPadding, and NumPy's backend forgot masks. */
const OTHERWISE: Record<string, RegExp> = {
  "3.0.5": /output padding 1, valid/,
  "3.6.0":
    /output padding 1, valid|^masked_rnn|1d\/masked|behind a mask|^batch_normalization.*(padded|mask)|masks go on|^bidirectional.*(holes|padded|masked|embedded)|masked, then lstm/,
};
/** Layers that were made frozen had a state in the optimizer, which has no use. */
const MORE_STATE: Record<string, RegExp> = { "3.0.5": /^dense\/frozen (last|between)/ };

const OLD_FOLDER = "tests/fixtures/files/2.21.0";
const OLD = readdirSync(OLD_FOLDER).flatMap(file => /^(.*)\.json$/.exec(file)?.[1] ?? []);

const folder = "build/interchange";
const releases = existsSync(folder) ? readdirSync(folder).filter(release => existsSync(join(folder, release, "index.json"))) : [];

if (releases.length === 0) test.skip(`${folder} holds no files of Keras's: tests/interchange/write.py makes them`);

describe.each(releases)("what Keras %s saves", release => {
  const { cases } = JSON.parse(readFileSync(join(folder, release, "index.json"), "utf8")) as { cases: Case[] };

  test.each(OLD)("brings over what Keras 2 saved: %s", async name => {
    const model = await loadModel(new Uint8Array(gunzipSync(readFileSync(join(OLD_FOLDER, `${name}.keras.gz`)))));
    mkdirSync(join(folder, release, "back"), { recursive: true });
    writeFileSync(join(folder, release, "back", `${name}.keras`), await model.toKeras());
  });

  test.each(cases)("loads: $name ($file)", async ({ name, file, x: xShape, y: yShape, state, labels }) => {
    const model = await loadModel(join(folder, release, `${file}.keras`));
    const numbers = readNumbers(join(folder, release, `${file}.bin`));
    const size = xShape.reduce((a, b) => a * b);
    await model.ready();
    model.preprocessing = { labels: preprocessing.labelEncoder().fit(["no", "yes"]) };
    const isStateful = JSON.stringify(model.getConfig()).includes('"stateful":true');
    mkdirSync(join(folder, release, "back"), { recursive: true });
    writeFileSync(join(folder, release, "back", `${file}.keras`), await model.toKeras(isStateful ? { batchSize: xShape[0] } : {}));
    const predictions = model.predictOnBatch(tensor(numbers.slice(0, size), xShape));
    const compare = () => {
      expect(predictions.shape).toEqual(yShape);
      expectNear("predictions", [...predictions.data], [...numbers.slice(size)], OUTPUTS);
    };
    if (OTHERWISE[release]?.test(name)) expect(compare).toThrow();
    else compare();
    const optimizer = model.getOptimizerState()!;
    const tensors = Object.values(optimizer.tensors).flatMap(({ data }) => [...data]);
    const rate = model.optimizer.learningRate;
    const sum = tensors.reduce((a, b) => a + b, optimizer.iterations) + (typeof rate === "number" ? rate : 0);
    if (MORE_STATE[release]?.test(name)) expect(state - sum).toBeGreaterThan(1);
    else expect(Math.abs(sum - state)).toBeLessThan(1e-4 * state);
    if (!labels) return;
    // the next ten steps, for tests/interchange/check.py to compare with Keras's from the same file
    const x = tensor(numbers.slice(0, size), xShape);
    const y = tensor(readNumbers(join(folder, release, `${file}.labels`)), labels);
    const { history } = await model.fit(x, y, { epochs: 10, batchSize: xShape[0], shuffle: false, verbose: 0 });
    writeFileSync(join(folder, release, "back", `${file}.json`), JSON.stringify(history));
  });
});
