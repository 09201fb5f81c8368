// Code snippet, optimizers: the same net on the same digits, each with an optimizer of its own.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, readDigits } from "./shared.js";

const { images, labels } = readDigits();
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(images, labels, { testSize: 500, stratify: labels, seed: 1 });

const all = {
  "SGD, rate 0.01": optimizers.sgd({ learningRate: 0.01 }),
  "SGD with momentum 0.9": optimizers.sgd({ learningRate: 0.01, momentum: 0.9 }),
  RMSprop: optimizers.rmsprop(),
  Adagrad: optimizers.adagrad({ learningRate: 0.02 }),
  Adam: optimizers.adam(),
  AdamW: optimizers.adamW(),
  Nadam: optimizers.nadam(),
  Lion: optimizers.lion({ learningRate: 3e-4 }),
};
const accuracies: Record<string, number> = {};
console.log(`${"".padEnd(24)}test accuracy after 1, 3 and 8 epochs`);
for (const [name, optimizer] of Object.entries(all)) {
  setSeed(1);
  const model = sequential([
    layers.flatten({ inputShape: [8, 8, 1] }),
    layers.dense(64, { activation: "relu" }),
    layers.dense(10, { activation: "softmax" }),
  ]);
  model.compile({ optimizer, loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  const { history } = await model.fit(xTrain, yTrain, { epochs: 8, validationData: [xTest, yTest], verbose: 0 });
  console.log(name.padEnd(24) + [0, 2, 7].map(epoch => history.val_accuracy[epoch].toFixed(3).padStart(7)).join(""));
  accuracies[name] = history.val_accuracy[7];
}
expectAtLeast("Adam", accuracies.Adam, 0.93);
expectAtLeast("Adam beats plain SGD by", accuracies.Adam - accuracies["SGD, rate 0.01"], 0.02);
expectAtLeast("momentum beats plain SGD by", accuracies["SGD with momentum 0.9"] - accuracies["SGD, rate 0.01"], 0.02);
