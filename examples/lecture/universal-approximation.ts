// Universal approximation: one hidden layer follows any curve, given neurons enough.
import { layers, optimizers, sequential, setSeed, tensor } from "wasmind";
import { expectAtLeast, expectAtMost } from "./shared.js";

const points = Float32Array.from({ length: 200 }, (_, i) => i / 100 - 1);
const curve = points.map(x => Math.sin(3 * x) + 0.4 * Math.sin(11 * x) - Math.abs(x));
const [x, y] = [tensor(points, [200, 1]), tensor(curve, [200, 1])];

async function fitted(neurons: number) {
  setSeed(1);
  const model = sequential([
    layers.dense(neurons, {
      activation: "tanh",
      inputShape: [1],
      kernelInitializer: { className: "RandomUniform", config: { minval: -12, maxval: 12 } },
      biasInitializer: { className: "RandomUniform", config: { minval: -8, maxval: 8 } },
    }),
    layers.dense(1),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "mse" });
  await model.fit(x, y, { epochs: 600, batchSize: 50, verbose: 0 });
  return { outputs: (await model.predict(x)).data, mse: (await model.evaluate(x, y, { verbose: 0 })).loss };
}

/** A curve as text, 64 characters wide and 11 lines high. */
function draw(values: Float32Array): string {
  const lines = Array.from({ length: 11 }, () => Array<string>(64).fill(" "));
  for (let column = 0; column < 64; column++) {
    const value = values[Math.floor((column * values.length) / 64)];
    lines[Math.min(10, Math.max(0, Math.round(5 - value * 3.5)))][column] = "•";
  }
  return lines.map(line => line.join("").trimEnd()).join("\n");
}

console.log(`The curve:\n${draw(curve)}`);
const errors: Record<number, number> = {};
for (const neurons of [2, 8, 64]) {
  const { outputs, mse } = await fitted(neurons);
  errors[neurons] = mse;
  console.log(`\n${neurons} neurons, mean squared error ${mse.toFixed(5)}:\n${draw(outputs)}`);
}
console.log();
expectAtLeast("error of 2 neurons", errors[2], 0.02);
expectAtMost("error of 64 neurons", errors[64], 0.001);
