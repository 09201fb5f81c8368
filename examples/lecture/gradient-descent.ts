// Reference card, gradient descent: batch, stochastic and mini-batch; steps too large, too small and just right.
import { layers, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

const rows = readTable("breast-cancer.csv");
const ill = rows.map(row => Number(row.diagnosis === "malignant"));
const x = preprocessing.columnTransformer({ drop: ["diagnosis"] }).fitTransform(rows);

/** The loss after each of ten epochs. */
async function losses(batchSize: number, learningRate: number): Promise<number[]> {
  setSeed(2);
  const model = sequential([layers.dense(8, { activation: "relu", inputShape: [30] }), layers.dense(1, { activation: "sigmoid" })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "binary_crossentropy" });
  const { history } = await model.fit(x, ill, { epochs: 10, batchSize, verbose: 0 });
  return history.loss;
}
const show = (name: string, series: number[]) => console.log(name.padEnd(34) + series.map(loss => loss.toFixed(3).padStart(7)).join(""));

console.log("loss, epoch by epoch, learning rate 0.05");
const batch = await losses(569, 0.05);
const mini = await losses(32, 0.05);
const single = await losses(1, 0.05);
show("batch: 1 step of all an epoch", batch);
show("mini-batch: 18 steps of 32", mini);
show("stochastic: 569 steps of 1", single);
console.log("\nmini-batches of 32");
const rates = { small: await losses(32, 1e-4), right: await losses(32, 0.2) };
show("rate 0.0001, too small", rates.small);
show("rate 0.2, just right", rates.right);
const complaint = await losses(32, 20).then(
  () => "",
  (error: Error) => error.message,
);
console.log(`rate 20, too large: ${complaint}`);

expectAtMost("mini-batch gets further than batch: loss", mini[9], 0.27);
expectAtMost("stochastic, too: loss", single[9], 0.27);
expectAtMost("just right: loss", rates.right[9], 0.08);
expectAtLeast("too small: loss", rates.small[9], 0.4);
expectAtLeast("too large: it diverges", Number(complaint.startsWith("The loss became")), 1);
