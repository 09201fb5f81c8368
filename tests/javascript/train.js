// Trains what uses many kernels, and prints how it went to the last bit: node [flags] train.js [build given by hand].
import { readFileSync } from "node:fs";
import { engineInfo, initEngine, layers, optimizers, sequential, setSeed, setThreads } from "../../dist/index.js";

const [given] = process.argv.slice(2);
if (given === "js") initEngine((await import("../../dist/js.js")).kernels);
else if (given) initEngine(new WebAssembly.Module(readFileSync(new URL(`../../dist/kernels/${given}.wasm`, import.meta.url))));

const images = { data: Float32Array.from({ length: 16 * 144 }, (_, i) => Math.sin(i * i)), shape: [16, 12, 12, 1] };
const sequences = { data: images.data, shape: [16, 24, 6] };
const y = Uint8Array.from({ length: 16 }, (_, i) => (i * i) % 3);

setSeed(1);
const losses = [];
const end = () => [layers.dropout(0.2), layers.dense(3, { activation: "softmax" })];
const chains = [
  [
    images,
    layers.conv2d(8, 3, { activation: "relu", inputShape: [12, 12, 1] }),
    layers.batchNormalization(),
    layers.maxPooling2d(2),
    layers.flatten(),
    ...end(),
  ],
  [
    sequences,
    layers.lstm(7, { inputShape: [24, 6], recurrentDropout: 0.1 }),
    layers.layerNormalization(),
    layers.dense(9, { activation: "gelu" }),
    ...end(),
  ],
];
for (const [x, ...chain] of chains) {
  const model = sequential(chain);
  model.compile({ optimizer: optimizers.adamW({ clipnorm: 1 }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  const { history } = await model.fit(x, y, { epochs: 4, batchSize: 5, verbose: 0 });
  losses.push(history.loss, [...(await model.predict(x)).data]);
}
await setThreads(2);
console.log(JSON.stringify({ losses, info: engineInfo() }));
