// Artificial neuron: y = f(Σ w x + b), by hand and as a layer.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

setSeed(1);
const rows = readTable("breast-cancer.csv");
const ill = rows.map(row => Number(row.diagnosis === "malignant"));
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(rows, ill, { testSize: 0.25, stratify: ill });
const columns = preprocessing.columnTransformer({ drop: ["diagnosis"] }).fit(xTrain);

// one neuron with a sigmoid is logistic regression
const model = sequential([layers.dense(1, { activation: "sigmoid", inputShape: [30] })]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
await model.fit(columns.transform(xTrain), yTrain, { epochs: 30, verbose: 0 });

const x = columns.transform(xTest);
const [w, b] = model.getWeights();
const sum = b.data[0] + w.data.reduce((total, weight, i) => total + weight * x.data[i], 0);
const byHand = 1 / (1 + Math.exp(-sum));
const byLayer = (await model.predict(x)).data[0];
console.log(`the first patient of the test: σ(${sum.toFixed(3)}) = ${byHand.toFixed(4)} by hand, ${byLayer.toFixed(4)} by the layer`);
expectAtMost("difference", Math.abs(byHand - byLayer), 1e-6);
expectAtLeast("test accuracy of one neuron", (await model.evaluate(x, yTest, { verbose: 0 })).accuracy, 0.95);
