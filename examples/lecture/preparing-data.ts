// Reference card, data preparation: split first, scale, encode; penguins with missing cells; cross-validation; the preparation goes along as JSON.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

setSeed(1);
const rows = readTable("penguins.csv");
const missing = rows.filter(row => Object.values(row).includes(null)).length;
console.log(`${rows.length} penguins, ${missing} with missing cells; the first: ${JSON.stringify(rows[0])}`);
const sorts = preprocessing.labelEncoder();
const species = sorts.fitTransform(rows.map(row => row.species as string));

const prepare = () => preprocessing.columnTransformer({ drop: ["species", "year"] });
const make = (features: number) => {
  const model = sequential([layers.dense(16, { activation: "relu", inputShape: [features] }), layers.dense(3, { activation: "softmax" })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model;
};

const scores = await preprocessing.crossValidate(
  rows,
  species,
  async ({ xTrain, yTrain, xTest, yTest, fold }) => {
    const columns = prepare().fit(xTrain); // never sees the test side
    const model = make(columns.featureNames.length);
    await model.fit(columns.transform(xTrain), yTrain, { epochs: 20, verbose: 0 });
    const measured = await model.evaluate(columns.transform(xTest), yTest, { verbose: 0 });
    console.log(`fold ${fold}: accuracy ${measured.accuracy.toFixed(4)}`);
    return measured;
  },
  { nSplits: 5, stratify: [...species], shuffle: true, seed: 1 },
);
console.log(`accuracy ${scores.mean.accuracy.toFixed(4)} ± ${scores.std.accuracy.toFixed(4)}`);
expectAtLeast("mean accuracy", scores.mean.accuracy, 0.97);

const columns = prepare().fit(rows);
console.log("features:", columns.featureNames.join(", "));
const again = preprocessing.fromJSON(JSON.stringify(columns)) as typeof columns;
const [before, after] = [columns.transform(rows).data, again.transform(rows).data];
expectAtMost("numbers that JSON changed", before.filter((value, i) => value !== after[i]).length, 0);

// without scaling, the largest numbers drown the rest
const raw = preprocessing.columnTransformer({ drop: ["species", "year"], scale: "none" });
const x = raw.fitTransform(rows);
const model = make(x.shape[1]);
await model.fit(x, species, { epochs: 20, verbose: 0 });
const unscaled = (await model.evaluate(x, species, { verbose: 0 })).accuracy;
expectAtMost("accuracy without scaling", unscaled, 0.9);
