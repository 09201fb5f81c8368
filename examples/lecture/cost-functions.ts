// Reference card, cost functions: what they say of the same mistakes, and Huber's calm with outliers.
import { layers, type losses, optimizers, preprocessing, sequential, setSeed, tensor } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

/** A loss of one prediction, asked from a model that hands its input on. */
async function lossOf(loss: string | losses.Loss, label: number[], prediction: number[]): Promise<number> {
  const model = sequential([layers.activation("linear", { inputShape: [label.length] })]);
  model.compile({ loss });
  return (await model.evaluate(tensor([prediction]), tensor([label]), { verbose: 0 })).loss;
}

console.log("an ill patient is given a probability of 0.3, a healthy one of 0.9:");
for (const loss of ["binary_crossentropy", "mse"]) {
  console.log(`${loss.padEnd(24)} ${(await lossOf(loss, [1], [0.3])).toFixed(4)}  ${(await lossOf(loss, [0], [0.9])).toFixed(4)}`);
}
expectAtMost("-ln 0.3 is the cross-entropy", Math.abs((await lossOf("binary_crossentropy", [1], [0.3])) + Math.log(0.3)), 1e-5);
expectAtMost(
  "-ln 0.7 is the one of three classes",
  Math.abs((await lossOf("categorical_crossentropy", [0, 1, 0], [0.2, 0.7, 0.1])) + Math.log(0.7)),
  1e-5,
);
console.log("a regression that is off by 0.5 and by 10:");
for (const loss of ["mse", "mae", "huber"]) {
  console.log(`${loss.padEnd(24)} ${(await lossOf(loss, [0], [0.5])).toFixed(4)}  ${(await lossOf(loss, [0], [10])).toFixed(4)}`);
}

// one in ten of the training labels is spoilt
const rows = readTable("diabetes.csv");
const progression = rows.map(row => Number(row.progression) / 100);
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(rows, progression, { testSize: 142, seed: 1 });
const columns = preprocessing.columnTransformer({ drop: ["progression"] }).fit(xTrain);
const spoilt = yTrain.map((value, i) => (i % 10 === 0 ? value + 30 : value));

async function errorWith(loss: string): Promise<number> {
  setSeed(1);
  const model = sequential([layers.dense(1, { inputShape: [10] })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss, metrics: ["mae"] });
  await model.fit(columns.transform(xTrain), spoilt, { epochs: 150, verbose: 0 });
  return (await model.evaluate(columns.transform(xTest), yTest, { verbose: 0 })).mae;
}
const [mse, huber] = [await errorWith("mse"), await errorWith("huber")];
expectAtLeast("mean absolute error on clean test labels after mse", mse, 1);
expectAtMost("and after huber", huber, 0.6);
