// Run by memory.test.ts under --expose-gc: prints what a process and a model hold before and after many steps.
import { layers, sequential, setSeed } from "../../js/index.js";

setSeed(1);
const model = sequential([
  layers.conv2d(4, 3, { activation: "relu", inputShape: [8, 8, 1] }),
  layers.maxPooling2d(2),
  layers.flatten(),
  layers.dropout(0.5),
  layers.dense(16, { activation: "tanh", kernelRegularizer: "l2" }),
  layers.dense(3, { activation: "softmax" }),
]);
model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
await model.ready();

const count = 100;
const x = { data: Float32Array.from({ length: count * 64 }, (_, i) => Math.sin(i)), shape: [count, 8, 8, 1] };
const y = Uint8Array.from({ length: count }, (_, i) => i % 3);

const work = {
  trainOnBatch: () => void model.trainOnBatch(x, y),
  predictSync: () => void model.predictSync(x),
  // 16 batches and a smaller one
  fit: () => model.fit(x, y, { batchSize: 6, verbose: 0, callbacks: [{ onTrainBatchEnd() {} }] }),
  evaluate: () => model.evaluate(x, y, { batchSize: 6, verbose: 0 }),
};

async function held() {
  const { memory } = await model.explain({ batchSize: count });
  for (let i = 0; i < 4; i++) {
    await new Promise(resolve => setImmediate(resolve));
    globalThis.gc!();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heapUsed, external, arrayBuffers, memory };
}

await held();
for (const [name, run] of Object.entries(work)) {
  const times = name === "fit" || name === "evaluate" ? 60 : 1000;
  const rounds = [];
  // The first round is for the compiler.
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < times; i++) await run();
    rounds.push(await held());
  }
  console.log(JSON.stringify({ name, rounds: rounds.slice(1) }));
}
