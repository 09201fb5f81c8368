// Data augmentation: 300 upright digits to learn from, turned and moved ones to be read.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, readDigits } from "./shared.js";

const { images, labels } = readDigits();
const split = preprocessing.trainTestSplit(images, labels, { trainSize: 300, testSize: 600, stratify: labels, seed: 1 });
const augment = () => [
  layers.randomRotation(0.08, { fillMode: "constant" }),
  layers.randomTranslation(0.12, 0.12, { fillMode: "constant" }),
];

// the test digits are turned and moved once, by the same layers in training mode
setSeed(9);
const turner = sequential(augment());
turner.build([8, 8, 1]);
turner.compile({});
await turner.ready();
const moved = turner.forward(split.xTest);

async function learn(isAugmented: boolean): Promise<[upright: number, moved: number]> {
  setSeed(1);
  const model = sequential([
    ...(isAugmented ? augment() : []),
    layers.conv2d(16, 3, { activation: "relu", padding: "same" }),
    layers.maxPooling2d(2),
    layers.conv2d(32, 3, { activation: "relu", padding: "same" }),
    layers.flatten(),
    layers.dense(10, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.003 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  await model.fit(split.xTrain, split.yTrain, { epochs: 80, verbose: 0 });
  const accuracyOf = async (x: typeof moved) => (await model.evaluate(x, split.yTest, { verbose: 0 })).accuracy;
  return [await accuracyOf(split.xTest), await accuracyOf(moved)];
}

const [plain, augmented] = [await learn(false), await learn(true)];
console.log("test accuracy         upright   moved");
console.log(`without augmentation   ${plain[0].toFixed(3)}    ${plain[1].toFixed(3)}`);
console.log(`with augmentation      ${augmented[0].toFixed(3)}    ${augmented[1].toFixed(3)}`);
expectAtLeast("moved digits with augmentation", augmented[1], 0.85);
expectAtLeast("gain of augmentation on them", augmented[1] - plain[1], 0.08);
