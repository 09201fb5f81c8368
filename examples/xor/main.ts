// The smallest problem that needs a hidden layer: npx tsx examples/xor/main.ts
import { layers, optimizers, sequential } from "wasmind";

// biome-ignore format: a truth table
const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [0, 1, 1, 0];

const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [2] }), layers.dense(1, { activation: "sigmoid" })]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "binary_crossentropy" });
await model.fit(x, y, { epochs: 300, verbose: 0 });
console.log(await model.predict(x));
