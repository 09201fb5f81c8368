// The explicit loop at work: a generative adversarial network learns to draw the digit 0. The generator learns through the discriminator.
import { layers, optimizers, sequential, setSeed, type Tensor, tensor } from "wasmind";
import { expectAtLeast, expectAtMost, readDigits } from "./shared.js";

setSeed(2);
const { images, labels } = readDigits();
const zeros = labels.flatMap((label, i) => (label === 0 ? [images.data.subarray(i * 64, (i + 1) * 64)] : []));
const [batch, noise] = [32, 8];
let state = 1;
const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
const stack = (rows: Float32Array[]) => tensor(Float32Array.from(rows.flatMap(row => [...row])), [rows.length, 64]);
const realBatch = () => stack(Array.from({ length: batch }, () => zeros[Math.floor(uniform() * zeros.length)]));
const noiseBatch = (count: number) =>
  tensor(
    Float32Array.from({ length: count * noise }, () => 2 * uniform() - 1),
    [count, noise],
  );

const generator = sequential([layers.dense(64, { activation: "relu", inputShape: [noise] }), layers.dense(64, { activation: "sigmoid" })]);
const discriminator = sequential([
  layers.dense(64, { activation: "leaky_relu", inputShape: [64] }),
  layers.dropout(0.3),
  layers.dense(1, { activation: "sigmoid" }),
]);
generator.compile({ optimizer: optimizers.adam({ learningRate: 0.002, beta1: 0.5 }) });
discriminator.compile({ optimizer: optimizers.adam({ learningRate: 0.001, beta1: 0.5 }), loss: "binary_crossentropy" });
await generator.ready();
await discriminator.ready();
const [yes, no] = [new Float32Array(batch).fill(0.9), new Float32Array(batch)];

for (let step = 0; step < 3000; step++) {
  // the discriminator learns to tell real from false
  discriminator.trainOnBatch(realBatch(), yes);
  discriminator.trainOnBatch(generator.predictOnBatch(noiseBatch(batch)), no);
  // the generator learns what would pass for real: the discriminator's gradient with respect to its input is the generator's dy
  const drawn = generator.forward(noiseBatch(batch));
  const { inputGradient } = discriminator.gradients(drawn, yes, { inputGradient: true });
  generator.applyGradients(generator.backward(inputGradient!).gradients);
}

const drawn = await generator.predict(noiseBatch(200));
const ink = " ░▒▓█";
for (let row = 0; row < 8; row++) {
  const line = (i: number) =>
    [...drawn.data.subarray(i * 64 + row * 8, i * 64 + row * 8 + 8)].map(value => ink[Math.round(value * 4)].repeat(2)).join("");
  console.log([0, 1, 2, 3, 4].map(line).join("   "));
}

/** The mean of each pixel over rows of pixels. */
const means = ({ data }: Tensor) =>
  Array.from({ length: 64 }, (_, pixel) => data.reduce((sum, value, i) => sum + (i % 64 === pixel ? value : 0), 0) / (data.length / 64));
const [real, generated] = [means(stack(zeros)), means(drawn)];
const distance = Math.sqrt(real.reduce((sum, value, i) => sum + (value - generated[i]) ** 2, 0) / 64);
expectAtMost("the mean drawing is off the mean zero by (ink from 0 to 1, root mean square)", distance, 0.12);
const spread = Array.from({ length: 64 }, (_, pixel) => pixel).map(pixel => {
  const values = drawn.data.filter((_, i) => i % 64 === pixel);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - generated[pixel]) ** 2, 0) / values.length);
});
expectAtLeast("the drawings differ: mean deviation of a pixel", spread.reduce((a, b) => a + b, 0) / 64, 0.05);

// an independent judge, who never saw a drawing
const judge = sequential([layers.dense(32, { activation: "relu", inputShape: [64] }), layers.dense(10, { activation: "softmax" })]);
judge.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
await judge.fit({ data: images.data, shape: [labels.length, 64] }, labels, { epochs: 15, verbose: 0 });
const { data: verdicts } = await judge.predict(drawn);
const asZero = Array.from({ length: 200 }, (_, i) => verdicts.subarray(i * 10, i * 10 + 10)).filter(
  row => row.indexOf(Math.max(...row)) === 0,
).length;
expectAtLeast("drawings that a classifier of digits reads as 0", asZero / 200, 0.9);
