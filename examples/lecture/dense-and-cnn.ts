// Code snippets, dense network and CNN: the lecture's two nets on 1,200 digits of 28 x 28 pixels.
import { type Layer, layers, preprocessing, sequential, setSeed, utils } from "wasmind";
import { loadDigits } from "../digits/load.js";
import { expectAtLeast } from "./shared.js";

const { images, labels } = loadDigits();
const split = preprocessing.trainTestSplit(images, labels, { trainSize: 1200, testSize: 1000, stratify: labels, seed: 1 });
const [yTrain, yTest] = [utils.toCategorical(split.yTrain, 10), utils.toCategorical(split.yTest, 10)];

const dense = () => [
  layers.flatten({ inputShape: [28, 28, 1] }),
  layers.dense(128, { activation: "relu" }),
  layers.dropout(0.3),
  layers.dense(64, { activation: "relu" }),
  layers.dense(10, { activation: "softmax" }),
];
const cnn = () => [
  // detect simple patterns (edges, textures)
  layers.conv2d(32, [3, 3], { activation: "relu", inputShape: [28, 28, 1] }),
  layers.maxPooling2d([2, 2]),
  // combine simple patterns into complex features
  layers.conv2d(64, [3, 3], { activation: "relu" }),
  layers.maxPooling2d([2, 2]),
  // the classification head
  layers.flatten(),
  layers.dropout(0.5),
  layers.dense(64, { activation: "relu" }),
  layers.dense(10, { activation: "softmax" }),
];

async function learn(chain: Layer[], epochs: number): Promise<number> {
  const model = sequential(chain);
  model.compile({ optimizer: "adam", loss: "categorical_crossentropy", metrics: ["accuracy"] });
  model.summary();
  await model.fit(split.xTrain, yTrain, { epochs, verbose: 0 });
  return (await model.evaluate(split.xTest, yTest, { verbose: 0 })).accuracy;
}

setSeed(1);
const [flat, spatial] = [await learn(dense(), 8), await learn(cnn(), 8)];
expectAtLeast("dense network, test accuracy", flat, 0.86);
expectAtLeast("CNN, test accuracy", spatial, 0.93);
expectAtLeast("gain of the CNN", spatial - flat, 0.02);
