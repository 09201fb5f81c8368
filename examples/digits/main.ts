// The lecture's convolutional network learns handwritten digits: npm start [-- file to keep the model in]
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layers, loadModel, optimizers, preprocessing, sequential, setSeed, utils } from "wasmind";
import { drawDigit, sideBySide } from "./draw.js";
import { loadDigits, SIDE } from "./load.js";
import { classesOf, confusionMatrix, formatMatrix, formatPrecisionAndRecall } from "./report.js";

setSeed(Number(process.env.SEED ?? 2));

const { images, labels } = loadDigits();
const split = preprocessing.trainTestSplit(images, labels, { testSize: 2000, stratify: labels });
const { xTrain, xTest } = split;
const yTrain = utils.toCategorical(split.yTrain, 10);
const yTest = utils.toCategorical(split.yTest, 10);

const model = sequential([
  layers.conv2d(32, 3, { activation: "relu", inputShape: [SIDE, SIDE, 1] }),
  layers.maxPooling2d(2),
  layers.conv2d(64, 3, { activation: "relu" }),
  layers.maxPooling2d(2),
  layers.flatten(),
  layers.dropout(0.5),
  layers.dense(64, { activation: "relu" }),
  layers.dense(10, { activation: "softmax" }),
]);
const adam = optimizers.adam();
model.compile({ optimizer: adam, loss: "categorical_crossentropy", metrics: ["accuracy"] });
model.summary();

// long steps first, short ones to settle; the test digits only watch: no weights are chosen by them
const rates = [2e-3, 2e-3, 2e-3, 2e-3, 1e-3, 5e-4];
await model.fit(xTrain, yTrain, {
  epochs: rates.length,
  batchSize: 32,
  validationData: [xTest, yTest],
  callbacks: [{ onEpochBegin: epoch => (adam.learningRate = rates[epoch]) }],
});

const { accuracy } = await model.evaluate(xTest, yTest, { verbose: 0 });
console.log(`\ntest accuracy: ${accuracy.toFixed(4)}\n`);
if (accuracy < 0.98) process.exitCode = 1;

const predictions = await model.predict(xTest, { verbose: 0 });
const read = classesOf(predictions);
const matrix = confusionMatrix(split.yTest, read, 10);
console.log(`${formatPrecisionAndRecall(matrix)}\n\n${formatMatrix(matrix)}\n`);

const misread = [...read.keys()].filter(i => read[i] !== split.yTest[i]).slice(0, 3);
const drawings = misread.map(i => ({
  title: `a ${split.yTest[i]}, read as ${read[i]} (${(100 * predictions.data[i * 10 + read[i]]).toFixed(0)} %)`,
  lines: drawDigit(xTest.data.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), SIDE),
}));
console.log(sideBySide(drawings));

const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
const file = process.argv[2] ?? join(folder, "digits.safetensors");
await model.save(file);
const loaded = await loadModel(file);
const again = await loaded.predict(xTest, { verbose: 0 });
const changed = again.data.filter((probability, i) => probability !== predictions.data[i]).length;
console.log(`\nsaved ${statSync(file).size} bytes, loaded them again: ${changed} of ${again.data.length} predicted probabilities differ`);
if (changed > 0) process.exitCode = 1;
rmSync(folder, { recursive: true });
