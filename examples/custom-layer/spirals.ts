import { layers, loadModel, optimizers, sequential, setSeed, tensor } from "wasmind";
import { Residual } from "./residual.js";

/** Points on two arms that wind round each other, and which arm each is on. */
export function spirals(points: number) {
  const x = new Float32Array(2 * points);
  const y = new Float32Array(points);
  for (let i = 0; i < points; i++) {
    const arm = i % 2;
    const angle = 0.5 + (3 * Math.PI * i) / points;
    x[2 * i] = (angle / 10) * Math.cos(angle + Math.PI * arm);
    x[2 * i + 1] = (angle / 10) * Math.sin(angle + Math.PI * arm);
    y[i] = arm;
  }
  return { x: tensor(x, [points, 2]), y };
}

/** Trains the net, and reads it back from a file in memory. */
export async function run() {
  setSeed(1);
  const { x, y } = spirals(200);
  const model = sequential([
    layers.dense(32, { activation: "tanh", inputShape: [2] }),
    ...Array.from({ length: 4 }, () => new Residual({ activation: "tanh" })),
    layers.dense(1, { activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "binary_crossentropy", metrics: ["accuracy"] });
  await model.fit(x, y, { epochs: 150, verbose: 0 });
  const again = await loadModel(model.toSafetensors(), { customLayers: { Residual } });
  return { model, again, x, y };
}
