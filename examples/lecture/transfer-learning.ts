// Transfer learning: what was learnt of the digits 0 to 4 helps with 5 to 9, of which there are only a few.
import { layers, optimizers, sequential, setSeed, type Tensor } from "wasmind";
import { loadDigits } from "../digits/load.js";
import { expectAtLeast, expectAtMost } from "./shared.js";

const { images, labels } = loadDigits();
const size = 28 * 28;
/** The digits that a condition takes. */
function pick(isTaken: (label: number, i: number) => boolean): { x: Tensor; y: number[] } {
  const rows = [...labels.keys()].filter(i => isTaken(labels[i], i));
  const data = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) data.set(images.data.subarray(row * size, (row + 1) * size), i * size);
  return { x: { data, shape: [rows.length, 28, 28, 1] }, y: rows.map(row => labels[row]) };
}
const firstOf = [...labels.keys()].filter(i => labels[i] !== labels[i - 1]);
const place = (label: number, i: number) => i - firstOf[label];
const low = pick((label, i) => label < 5 && place(label, i) < 800);
const few = pick((label, i) => label >= 5 && place(label, i) < 50);
const test = pick((label, i) => label >= 5 && place(label, i) >= 600);
const compile = (model: ReturnType<typeof sequential>, learningRate: number) =>
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
const features = () =>
  sequential(
    [
      layers.conv2d(16, 3, { activation: "relu", inputShape: [28, 28, 1] }),
      layers.maxPooling2d(2),
      layers.conv2d(32, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.flatten(),
    ],
    { name: "features" },
  );
const head = () => [layers.dense(64, { activation: "relu" }), layers.dense(5, { activation: "softmax" })];
const [yFew, yTest] = [few, test].map(({ y }) => y.map(label => label - 5));
/** The test accuracy after each epoch. */
const learn = async (model: ReturnType<typeof sequential>, epochs: number) =>
  (await model.fit(few.x, yFew, { epochs, validationData: [test.x, yTest], verbose: 0 })).history.val_accuracy;

// 1. learn 0 to 4
setSeed(1);
const base = features();
for (const layer of head()) base.add(layer);
compile(base, 1e-3);
await base.fit(low.x, low.y, { epochs: 4, verbose: 0 });
// 2. pop the head, freeze the rest, and put a new head on top: the model becomes a layer of another
for (const _ of head()) base.pop();
base.trainable = false;
const model = sequential([base, ...head()]);
compile(model, 1e-3);
model.summary({ expandNested: true, showTrainable: true });
const before = base.getWeights();
const frozen = await learn(model, 20);
const moved = base.getWeights().flatMap(({ data }, i) => [...data].filter((value, j) => value !== before[i].data[j])).length;
// 3. fine-tune: all weights, at a small rate
base.trainable = true;
compile(model, 3e-4);
const tuned = await learn(model, 5);
// beside it, the same net from scratch
setSeed(1);
const scratch = sequential([features(), ...head()]);
compile(scratch, 1e-3);
const fromScratch = await learn(scratch, 25);

const show = (name: string, series: number[], epochs: number[]) =>
  console.log(name.padEnd(16) + epochs.map(epoch => series[epoch - 1].toFixed(3).padStart(8)).join(""));
console.log(`5 to 9 from 50 samples a class: test accuracy on ${yTest.length} after 1, 3, 10, 20 and 25 epochs`);
show("frozen, tuned", [...frozen, ...tuned], [1, 3, 10, 20, 25]);
show("from scratch", fromScratch, [1, 3, 10, 20, 25]);
expectAtMost("frozen weights that have moved", moved, 0);
expectAtLeast("gain of transfer after 3 epochs", frozen[2] - fromScratch[2], 0.04);
expectAtLeast("after 10", frozen[9] - fromScratch[9], 0);
expectAtLeast("accuracy, fine-tuned", tuned[4], 0.9);
