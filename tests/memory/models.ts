// Run by memory.test.ts: makes many models, trains each for a step and drops it; prints what the process holds now and then.
import { layers, sequential } from "../../js/index.js";

const x = { data: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)), shape: [32, 4] };
const y = Uint8Array.from({ length: 32 }, (_, i) => i % 3);

for (let made = 1; made <= 1000; made++) {
  const model = sequential([
    layers.dense(64, { inputShape: [4], activation: "relu" }),
    layers.dropout(0.5),
    layers.dense(64, { activation: "tanh" }),
    layers.dense(3, { activation: "softmax" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  if (made % 2) await model.fit(x, y, { verbose: 0 });
  else {
    await model.ready();
    model.trainOnBatch(x, y);
  }
  const { data } = model.predictSync(x);
  if (!data.every(Number.isFinite)) throw new Error(`model ${made} predicts ${data}`);
  if (made % 100 === 0) {
    const { heapUsed, external, rss } = process.memoryUsage();
    console.log(JSON.stringify({ made, heapUsed, external, rss }));
  }
}
