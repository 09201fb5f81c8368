// Code snippets, save and resume: after a break training goes on as if there had been none.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layers, loadModel, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, expectAtMost, readDigits } from "./shared.js";

const { images, labels } = readDigits();
const split = preprocessing.trainTestSplit(images, labels, { testSize: 500, stratify: labels, seed: 1 });
const make = () => {
  setSeed(1);
  const model = sequential(
    [
      layers.flatten({ inputShape: [8, 8, 1] }),
      layers.dense(64, { activation: "relu" }),
      layers.dropout(0.3),
      layers.dense(10, { activation: "softmax" }),
    ],
    { name: "digits" },
  );
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
};

const straight = make();
await straight.fit(split.xTrain, split.yTrain, { epochs: 10, verbose: 0 });

const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
const path = join(folder, "my_model.safetensors");
const first = make();
await first.fit(split.xTrain, split.yTrain, { epochs: 5, verbose: 0 });
await first.save(path); // layers, weights and the optimizer's state
const resumed = await loadModel(path);
await resumed.fit(split.xTrain, split.yTrain, { epochs: 10, initialEpoch: 5, verbose: 0 });
rmSync(folder, { recursive: true });

const [one, other] = [straight, resumed].map(model => model.getWeights().flatMap(({ data }) => [...data]));
expectAtMost(`of ${one.length} weights, differ from a training without a break`, one.filter((value, i) => value !== other[i]).length, 0);
expectAtLeast("test accuracy", (await resumed.evaluate(split.xTest, split.yTest, { verbose: 0 })).accuracy, 0.93);
