// SimpleRNN beside LSTM: of 40 signs one is marked, and must be remembered while all others pass by.
import { layers, optimizers, sequential, setSeed, tensor } from "wasmind";
import { expectAtLeast, expectAtMost } from "./shared.js";

const [samples, steps] = [1000, 40];

/** At each step a sign, +1 or -1, and a mark, 1 at one step and 0 at the others. The label is the marked sign. */
function sequences(seed: number) {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const data = new Float32Array(samples * steps * 2);
  const labels = Array.from({ length: samples }, (_, i) => {
    for (let step = 0; step < steps; step++) data[(i * steps + step) * 2] = random() < 0.5 ? -1 : 1;
    const marked = (i * steps + Math.floor(random() * steps)) * 2;
    data[marked + 1] = 1;
    return Number(data[marked] === 1);
  });
  return { x: tensor(data, [samples, steps, 2]), labels };
}
const [train, test] = [sequences(1), sequences(2)];

const recurrent = { simpleRnn: () => layers.simpleRnn(16), lstm: () => layers.lstm(16), gru: () => layers.gru(16) };
const accuracies: Record<string, number> = {};
console.log("test accuracy after 4, 8, 12 and 16 epochs");
for (const [name, layer] of Object.entries(recurrent)) {
  setSeed(1);
  const model = sequential([layers.input({ shape: [steps, 2] }), layer(), layers.dense(1, { activation: "sigmoid" })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
  const validationData: [typeof test.x, number[]] = [test.x, test.labels];
  const { history } = await model.fit(train.x, train.labels, { epochs: 16, validationData, verbose: 0 });
  console.log(name.padEnd(10) + [3, 7, 11, 15].map(epoch => history.val_accuracy[epoch].toFixed(3).padStart(7)).join(""));
  accuracies[name] = history.val_accuracy[15];
}
expectAtMost("SimpleRNN guesses", accuracies.simpleRnn, 0.65);
expectAtLeast("LSTM", accuracies.lstm, 0.98);
expectAtLeast("GRU", accuracies.gru, 0.98);
