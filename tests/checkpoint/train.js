// A training that may be killed at any moment: node train.js FOLDER EPOCHS. Says "begin N" and "end N" with epochs from 0; writes FOLDER/../final.safetensors.
import { dirname, join } from "node:path";
import { callbacks, layers, sequential, setSeed, tensor } from "../../dist/index.js";

const [folder, epochs] = process.argv.slice(2);
setSeed(7);
const wave = (count, size) =>
  tensor(
    Float32Array.from({ length: count * size }, (_, i) => Math.sin(i * i)),
    [count, size],
  );
const model = sequential([
  layers.dense(8, { inputShape: [4], activation: "tanh" }),
  layers.dropout(0.3),
  layers.dense(1, { kernelRegularizer: "l2" }),
]);
model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] });
const say = callbacks.lambda({
  onTrainBegin: () => console.log(`begin ${model.initialEpoch}`),
  onEpochEnd: epoch => console.log(`end ${epoch}`),
});
await model.fit(wave(40, 4), wave(40, 1), {
  epochs: Number(epochs),
  batchSize: 7,
  validationSplit: 0.2,
  callbacks: [callbacks.backupAndRestore(folder, { deleteCheckpoint: false }), say],
  verbose: 0,
});
await model.save(join(dirname(folder), "final.safetensors"));
console.log("done");
