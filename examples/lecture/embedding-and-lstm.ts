// Code snippet, embedding + LSTM: which of 1,000 mails are spam; a net of the lecture's form, with fewer words and units.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, readTable } from "./shared.js";

setSeed(1);
const rows = readTable("spam.csv.gz");
const isSpam = rows.map(row => Number(row.label === "spam"));
const split = preprocessing.trainTestSplit(
  rows.map(row => row.text as string),
  isSpam,
  { testSize: 250, stratify: isSpam },
);

// words by their numbers: 0 is for padding, 1 for words that the training mails do not have
const words = preprocessing.textVectorization({ maxTokens: 2000, outputSequenceLength: 40 });
words.adapt(split.xTrain);

const model = sequential([
  layers.embedding(2000, 16, { maskZero: true, inputShape: [40] }),
  layers.lstm(16),
  layers.dense(1, { activation: "sigmoid" }),
]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.005 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
model.summary();
const xTest = words.transform(split.xTest);
await model.fit(words.transform(split.xTrain), split.yTrain, { epochs: 6, validationData: [xTest, split.yTest], verbose: 0 });
const mails = ["free money call now to claim your prize", "the patch fixes the bug in the kernel module for me"];
const { data } = await model.predict(words.transform(mails));
for (const [i, mail] of mails.entries()) console.log(`${(100 * data[i]).toFixed(1).padStart(5)} % spam: ${mail}`);
expectAtLeast("test accuracy", (await model.evaluate(xTest, split.yTest, { verbose: 0 })).accuracy, 0.9);
expectAtLeast("the first one is spam", data[0], 0.5);
expectAtLeast("the second one is not", 1 - data[1], 0.5);
