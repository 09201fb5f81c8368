// Code snippet, PyTorch model: the same net and the same training loop, where every step is yours to see and change.
import { layers, optimizers, preprocessing, sequential, setSeed, tensor } from "wasmind";
import { expectAtLeast, expectAtMost, readDigits } from "./shared.js";

const { images, labels } = readDigits();
const split = preprocessing.trainTestSplit(images, labels, { testSize: 500, stratify: labels, seed: 1 });
const [pixels, batchSize] = [64, 32];
const batches = Array.from({ length: Math.floor(split.yTrain.length / batchSize) }, (_, i) => ({
  inputs: tensor(split.xTrain.data.subarray(i * batchSize * pixels, (i + 1) * batchSize * pixels), [batchSize, 8, 8, 1]),
  targets: split.yTrain.slice(i * batchSize, (i + 1) * batchSize),
}));

async function net() {
  setSeed(1);
  const model = sequential([
    layers.flatten({ inputShape: [8, 8, 1] }),
    layers.dense(128, { activation: "relu", name: "fc1" }),
    layers.dense(10, { activation: "softmax", name: "fc2" }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return model.ready();
}

// loss.backward() is gradients(), optimizer.step() is applyGradients()
const model = await net();
for (let epoch = 0; epoch < 6; epoch++) {
  let [sum, norm] = [0, 0];
  for (const { inputs, targets } of batches) {
    const { loss, gradients } = model.gradients(inputs, targets);
    norm = Math.hypot(...gradients["fc1/kernel"].data); // look at them, or change them
    model.applyGradients(gradients);
    sum += loss;
  }
  console.log(`epoch ${epoch + 1}: loss ${(sum / batches.length).toFixed(4)}, last gradient of fc1/kernel ${norm.toFixed(4)} long`);
}
expectAtLeast("test accuracy", (await model.evaluate(split.xTest, split.yTest, { verbose: 0 })).accuracy, 0.93);

// trainOnBatch does both halves in one go: bit for bit the same
const other = await net();
for (let epoch = 0; epoch < 6; epoch++) for (const { inputs, targets } of batches) other.trainOnBatch(inputs, targets);
const [mine, theirs] = [model, other].map(one => one.getWeights().flatMap(({ data }) => [...data]));
expectAtMost("weights that differ from trainOnBatch's", mine.filter((value, i) => value !== theirs[i]).length, 0);

// a loss of one's own by its gradient: labels as +1 and -1, the gradient of mean((1 - label · y)²) where label · y < 1
setSeed(1);
const hinge = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense(10)]);
hinge.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }) });
await hinge.ready();
for (let epoch = 0; epoch < 6; epoch++) {
  for (const { inputs, targets } of batches) {
    const outputs = hinge.forward(inputs);
    const dy = outputs.data.map((y, i) => {
      const label = targets[Math.floor(i / 10)] === i % 10 ? 1 : -1;
      return (-2 * label * Math.max(0, 1 - label * y)) / batchSize;
    });
    hinge.applyGradients(hinge.backward({ data: dy, shape: outputs.shape }).gradients);
  }
}
const { data } = await hinge.predict(split.xTest);
const right = split.yTest.filter((label, i) => data.subarray(i * 10, i * 10 + 10).every(y => y <= data[i * 10 + label])).length;
expectAtLeast("test accuracy with a squared hinge of one's own", right / split.yTest.length, 0.9);
