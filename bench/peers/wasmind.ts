import { layers, optimizers, type Sequential, sequential } from "../../dist/index.js";
import { BATCH, type Layer, type Net, type Values, weightsOf } from "../nets.js";
import type { Peer, Task, Training } from "./peer.js";

/** The library itself, through the names that everybody imports. */
export const wasmind: Peer = {
  name: "wasmind",

  async training(net: Net, { x, y }: { x: Values; y: Values }): Promise<Training> {
    const model = await build(net);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.001 }), loss: "categorical_crossentropy" });
    return {
      step: () => model.trainOnBatch(x, y).loss,
      async fit(steps) {
        await model.fit(repeat(x, steps), repeat(y, steps), { batchSize: BATCH, epochs: 1, verbose: 0 });
      },
    };
  },

  async inference(net: Net, x: Values): Promise<Task> {
    const model = await build(net);
    return { work: () => void model.predictOnBatch(x), result: async () => model.predictOnBatch(x).data };
  },
};

async function build(net: Net): Promise<Sequential> {
  const model = sequential(net.layers.map((layer, i) => layerOf(layer, i === 0 ? { inputShape: net.inputShape } : {})));
  model.setWeights(weightsOf(net));
  return model.ready();
}

function layerOf(layer: Layer, first: { inputShape?: number[] }) {
  switch (layer.type) {
    case "dense":
      return layers.dense(layer.units, { activation: layer.activation, ...first });
    case "conv2d":
      return layers.conv2d(layer.filters, layer.kernelSize, { activation: layer.activation, ...first });
    case "maxPooling2d":
      return layers.maxPooling2d(layer.poolSize);
    case "flatten":
      return layers.flatten();
    case "dropout":
      return layers.dropout(layer.rate);
  }
}

function repeat({ shape, data }: Values, times: number): Values {
  const all = new Float32Array(data.length * times);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return { shape: [shape[0] * times, ...shape.slice(1)], data: all };
}
