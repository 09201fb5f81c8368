// Code snippet, choosing a loss function: a regression with a linear output and mse. How far will a patient's diabetes get in a year?
import { callbacks, layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, readTable } from "./shared.js";

setSeed(1);
const rows = readTable("diabetes.csv");
const progression = rows.map(row => Number(row.progression));
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(rows, progression, { testSize: 110, seed: 3 });
const columns = preprocessing.columnTransformer({ drop: ["progression"] });
const target = preprocessing.standardScaler();

const model = sequential([layers.dense(16, { activation: "relu", inputShape: [10], kernelRegularizer: "l2" }), layers.dense(1)]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.005 }), loss: "mse" });
const { epoch } = await model.fit(columns.fitTransform(xTrain), target.fitTransform(yTrain.map(value => [value])), {
  epochs: 200,
  validationSplit: 0.2,
  callbacks: [callbacks.earlyStopping({ patience: 15, restoreBestWeights: true })],
  verbose: 0,
});

const predicted = target.inverseTransform(await model.predict(columns.transform(xTest))).data;
const mean = yTest.reduce((a, b) => a + b, 0) / yTest.length;
const squares = (errors: number[]) => errors.reduce((sum, error) => sum + error * error, 0);
const r2 = 1 - squares(yTest.map((value, i) => value - predicted[i])) / squares(yTest.map(value => value - mean));
console.log(`stopped after ${epoch.length} epochs; the first patient: ${predicted[0].toFixed(0)} predicted, ${yTest[0]} measured`);
expectAtLeast("explained variance, R²", r2, 0.4);
