// 1,000 models, each built, trained for a step, used and dropped; nobody disposes of anything: node tests/memory/models.mjs
import { layers, sequential } from "wasmind";

const x = Float32Array.from({ length: 32 * 64 }, (_, i) => Math.cos(i));
const y = Float32Array.from({ length: 32 }, (_, i) => i % 2);
let most = 0;
for (let i = 0; i < 1000; i++) {
  const model = sequential([layers.dense(64, { activation: "relu", inputShape: [64] }), layers.dense(1, { activation: "sigmoid" })]);
  model.compile({ optimizer: "adam", loss: "binary_crossentropy" });
  await model.ready();
  model.trainOnBatch(x, y);
  const { data } = model.predictSync(x);
  if (!data.every(Number.isFinite)) throw new Error(`model ${i} predicts ${data}`);
  most = Math.max(most, process.memoryUsage().rss);
}
console.log(JSON.stringify({ models: 1000, most }));
