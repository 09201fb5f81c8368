// What 1,000 training steps leave behind: node --expose-gc tests/memory/steps.mjs
import { layers, sequential } from "wasmind";

const model = sequential([
  layers.conv2d(4, 3, { activation: "relu", inputShape: [8, 8, 1] }),
  layers.maxPooling2d(2),
  layers.flatten(),
  layers.dropout(0.5),
  layers.dense(3, { activation: "softmax" }),
]);
model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
const x = Float32Array.from({ length: 100 * 64 }, (_, i) => Math.sin(i));
const y = Uint8Array.from({ length: 100 }, (_, i) => i % 3);
const steps = epochs => model.fit(x, y, { epochs, batchSize: 10, verbose: 0 });
const measure = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapUsed, arrayBuffers };
};

await steps(30);
const { memory } = await model.explain({ batchSize: 10 });
const before = measure();
await steps(100);
const after = measure();
const grown = (await model.explain({ batchSize: 10 })).memory - memory;
console.log(JSON.stringify({ heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers, wasm: grown }));
