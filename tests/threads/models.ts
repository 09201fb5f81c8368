// Run by threads.test.ts under --expose-gc: makes many models that workers know, and drops them; prints what the process holds now and then.
import { worthSharing } from "../../js/engine/sharing.js";
import { Team } from "../../js/engine/team.js";
import { layers, sequential, setThreads } from "../../js/index.js";

let together = 0;
const run = Team.prototype.run;
Team.prototype.run = function (...args) {
  together++;
  run.apply(this, args);
};

worthSharing.call = worthSharing.plan = 0;
await setThreads(2);
const x = { data: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)), shape: [32, 4] };
const y = Uint8Array.from({ length: 32 }, (_, i) => i % 3);
for (let made = 1; made <= 1000; made++) {
  const model = sequential([layers.dense(64, { inputShape: [4], activation: "relu" }), layers.dense(3, { activation: "softmax" })]);
  model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
  await model.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 });
  await new Promise(resolve => setImmediate(resolve));
  model.trainOnBatch(x, y);
  if (made % 100 === 0) {
    const { heapUsed, rss } = process.memoryUsage();
    console.log(JSON.stringify({ made, together, heapUsed, rss }));
  }
}
