// Reference card, regularization: a net that is too large for 150 digits, with nothing, L1, L2, dropout and early stopping against it.
import { callbacks, layers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, readDigits } from "./shared.js";

const { images, labels } = readDigits();
const split = preprocessing.trainTestSplit(images, labels, { trainSize: 150, testSize: 1000, stratify: labels, seed: 2 });
// as labels of real data are: some of the training labels are wrong
const yTrain = split.yTrain.map((label, i) => (i % 5 === 0 ? (label + 1 + (i % 9)) % 10 : label));

async function learn(
  name: string,
  options: { kernelRegularizer?: string | { className: string; config: object }; dropout?: number; stops?: boolean },
) {
  setSeed(3);
  const { kernelRegularizer, dropout = 0, stops = false } = options;
  const hidden = () => [layers.dense(128, { activation: "relu", kernelRegularizer: kernelRegularizer as never }), layers.dropout(dropout)];
  const model = sequential([
    layers.flatten({ inputShape: [8, 8, 1] }),
    ...hidden(),
    ...hidden(),
    layers.dense(10, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  const stop = callbacks.earlyStopping({ monitor: "val_loss", patience: 8, restoreBestWeights: true });
  const { epoch } = await model.fit(split.xTrain, yTrain, {
    epochs: 100,
    validationData: [split.xTest, split.yTest],
    callbacks: stops ? [stop] : [],
    verbose: 0,
  });
  const train = await model.evaluate(split.xTrain, yTrain, { verbose: 0 });
  const test = await model.evaluate(split.xTest, split.yTest, { verbose: 0 });
  console.log(
    `${name.padEnd(28)}${`${epoch.length}`.padStart(6)}${train.accuracy.toFixed(3).padStart(10)}${test.accuracy.toFixed(3).padStart(10)}${test.loss.toFixed(3).padStart(10)}`,
  );
  return { train: train.accuracy, test: test.accuracy };
}

console.log(`${"".padEnd(28)}epochs  training      test test loss`);
const none = await learn("nothing", {});
const l1 = await learn("l1 of 0.001", { kernelRegularizer: { className: "L1", config: { l1: 0.001 } } });
const l2 = await learn("l2 of 0.01", { kernelRegularizer: "l2" });
const dropout = await learn("dropout of 0.5", { dropout: 0.5 });
const stopped = await learn("early stopping", { stops: true });
const all = await learn("l2, dropout, early stopping", { kernelRegularizer: "l2", dropout: 0.3, stops: true });
console.log();
expectAtLeast("nothing: it learns the wrong labels by heart, training accuracy", none.train, 0.99);
for (const [name, { test }] of Object.entries({ l1, l2, dropout, stopped, all }))
  expectAtLeast(`${name}: test accuracy beyond that of nothing`, test - none.test, 0.02);
