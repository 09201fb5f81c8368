// Code snippet, Keras workflow: define, compile, fit, evaluate and predict; model.compile() and model.fit() of the reference cards.
import { layers, preprocessing, sequential, setSeed, utils } from "wasmind";
import { expectAtLeast, readTable } from "./shared.js";

setSeed(1);
const rows = readTable("iris.csv");
const encoder = preprocessing.labelEncoder();
const species = encoder.fitTransform(rows.map(row => row.species as string));
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(rows, species, { testSize: 45, stratify: species });
const columns = preprocessing.columnTransformer({ drop: ["species"] });

// 1. Define
const model = sequential([layers.dense(64, { activation: "relu", inputShape: [4] }), layers.dense(3, { activation: "softmax" })]);
// 2. Compile
model.compile({ optimizer: "adam", loss: "categorical_crossentropy", metrics: ["accuracy"] });
model.summary();
// 3. Fit: what is learnt of the columns comes from the training side alone
const history = await model.fit(columns.fitTransform(xTrain), utils.toCategorical(yTrain, 3), {
  epochs: 60,
  batchSize: 16,
  validationData: [columns.transform(xTest), utils.toCategorical(yTest, 3)],
  verbose: 0,
});
console.log(
  "validation accuracy, every 10th epoch:",
  history.history.val_accuracy
    .filter((_, epoch) => epoch % 10 === 9)
    .map(value => value.toFixed(3))
    .join(" "),
);
// 4. Predict
const flower = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const { data } = await model.predict(columns.transform([flower]));
console.log(encoder.classes.map((name, i) => `${name}: ${data[i].toFixed(3)}`).join("  "));
const { accuracy } = await model.evaluate(columns.transform(xTest), utils.toCategorical(yTest, 3), { verbose: 0 });
expectAtLeast("test accuracy", accuracy, 0.93);
expectAtLeast("probability of setosa", data[0], 0.9);
