// Reference card, activation functions: what they give, and why sigmoids in many layers learn slowly.
import { layers, optimizers, preprocessing, sequential, setSeed, tensor } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

const x = tensor([[-3, -1, 0, 1, 3]]);
console.log(`x           ${[...x.data].map(value => value.toFixed(3).padStart(7)).join("")}`);
for (const activation of ["relu", "sigmoid", "tanh", "leaky_relu", "softmax"]) {
  const { data } = await sequential([layers.activation(activation)]).predict(x);
  console.log(activation.padEnd(12) + [...data].map(value => value.toFixed(3).padStart(7)).join(""));
}

const rows = readTable("wine.csv");
const labels = preprocessing.labelEncoder().fitTransform(rows.map(row => row.cultivar as string));
const features = preprocessing.columnTransformer({ drop: ["cultivar"] }).fitTransform(rows);

/** How much smaller the gradient is in the first of eight layers than in the last, and what is learnt in 30 epochs. */
async function deep(activation: string) {
  setSeed(1);
  const model = sequential([
    ...Array.from({ length: 8 }, () => layers.dense(16, { activation })),
    layers.dense(3, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  model.build([13]);
  await model.ready();
  const { gradients } = model.gradients(features, labels);
  const norms = Object.entries(gradients)
    .filter(([name]) => name.endsWith("kernel"))
    .map(([, { data }]) => Math.hypot(...data) / Math.sqrt(data.length));
  await model.fit(features, labels, { epochs: 30, batchSize: 16, verbose: 0 });
  return { ratio: norms[0] / norms[7], accuracy: (await model.evaluate(features, labels, { verbose: 0 })).accuracy };
}

console.log("\nEight layers on 178 wines: the gradient in the first layer beside the eighth, and the accuracy after 30 epochs");
const [sigmoid, tanh, relu] = [await deep("sigmoid"), await deep("tanh"), await deep("relu")];
for (const [name, { ratio, accuracy }] of Object.entries({ sigmoid, tanh, relu })) {
  console.log(`${name.padEnd(12)} ${ratio.toExponential(1).padStart(8)}   ${accuracy.toFixed(3)}`);
}
expectAtMost("sigmoid: the gradient vanishes", sigmoid.ratio, 0.001);
expectAtLeast("relu: it does not", relu.ratio, 0.05);
expectAtLeast("relu: accuracy", relu.accuracy, 0.97);
expectAtMost("sigmoid: accuracy", sigmoid.accuracy, 0.6);
