import { floats, report } from "./files.js";

const [w, x] = [floats("weights"), floats("x.bin")];
const begin = performance.now();
await import("@tensorflow/tfjs-backend-wasm");
const tf = await import("@tensorflow/tfjs-core");
const { layers, sequential } = await import("@tensorflow/tfjs-layers");
await tf.setBackend("wasm");
const model = sequential({
  layers: [
    layers.dense({ units: 128, activation: "relu", inputShape: [784], kernelInitializer: "zeros" }),
    layers.dense({ units: 64, activation: "relu", kernelInitializer: "zeros" }),
    layers.dense({ units: 10, activation: "softmax", kernelInitializer: "zeros" }),
  ],
});
let at = 0;
const take = shape => tf.tensor(w.subarray(at, (at += shape.reduce((a, b) => a * b))), shape);
model.setWeights([take([784, 128]), take([128]), take([128, 64]), take([64]), take([64, 10]), take([10])]);
const data = await model.predict(tf.tensor(x, [1, x.length])).data();
report(begin, data);
