// Reference card, backpropagation: the chain rule by hand, the same from the model, and what a small step really does.
import { layers, sequential, setSeed, tensor } from "wasmind";
import { expectAtMost } from "./shared.js";

setSeed(1);
const model = sequential([
  layers.dense(2, { activation: "tanh", inputShape: [2], name: "hidden" }),
  layers.dense(1, { activation: "sigmoid", name: "output" }),
]);
model.compile({ optimizer: "sgd", loss: "binary_crossentropy" });
await model.ready();
const [x, y] = [[0.5, -1.5], 1];
const [w1, b1, w2, b2] = model.getWeights().map(({ data }) => [...data]);

// forward
const h = [0, 1].map(j => Math.tanh(x[0] * w1[j] + x[1] * w1[2 + j] + b1[j]));
const p = 1 / (1 + Math.exp(-(h[0] * w2[0] + h[1] * w2[1] + b2[0])));
const loss = -Math.log(p);
// backward, from the output to the input
const dz2 = p - y;
const dw2 = h.map(value => value * dz2);
const dh = w2.map(weight => weight * dz2);
const dz1 = dh.map((value, j) => value * (1 - h[j] ** 2));
const dw1 = x.flatMap(value => dz1.map(d => value * d));

const found = model.gradients(tensor([x]), [y]);
console.log(`loss      ${loss.toFixed(6)} by hand, ${found.loss.toFixed(6)} from the model`);
const [kernel1, kernel2] = [found.gradients["hidden/kernel"].data, found.gradients["output/kernel"].data];
console.log(`∂loss/∂W₂ ${dw2.map(value => value.toFixed(4))} by hand, ${[...kernel2].map(value => value.toFixed(4))} from the model`);
console.log(`∂loss/∂W₁ ${dw1.map(value => value.toFixed(4))} by hand, ${[...kernel1].map(value => value.toFixed(4))} from the model`);
const difference = Math.max(
  ...[...kernel1].map((value, i) => Math.abs(value - dw1[i])),
  ...[...kernel2].map((value, i) => Math.abs(value - dw2[i])),
);
expectAtMost("largest difference", difference, 1e-6);

// a weight's gradient says how much the loss changes when the weight does
const weights = model.getWeights();
weights[0].data[0] += 0.01;
model.setWeights(weights);
const change = model.testOnBatch(tensor([x]), [y]).loss - found.loss;
console.log(`one weight + 0.01: the loss changes by ${change.toExponential(3)}, the gradient says ${(0.01 * dw1[0]).toExponential(3)}`);
expectAtMost("they differ by", Math.abs(change - 0.01 * dw1[0]), 1e-4);
