import { layers, optimizers, type Sequential, sequential, setThreads } from "../../dist/index.js";
import { type Layer, type Net, type Values, weightsOf } from "../nets.js";
import { type Peer, type Task, THREADS, type Training } from "./peer.js";

await setThreads(THREADS);

/** The library itself, through the names that everybody imports. */
export const wasmind: Peer = {
  name: "wasmind",

  async training(net: Net, { x, y }: { x: Values; y: Values }): Promise<Training> {
    const model = await build(net);
    model.compile({ optimizer: optimizerOf(net), loss: net.loss });
    return {
      step: () => model.trainOnBatch(x, y).loss,
      fit(steps, epochs = 1) {
        const [xs, ys] = [repeat(x, steps), repeat(y, steps)];
        return async () => void (await model.fit(xs, ys, { batchSize: x.shape[0], epochs, verbose: 0 }));
      },
    };
  },

  async inference(net: Net, x: Values): Promise<Task> {
    const model = await build(net);
    return { work: () => void model.predictOnBatch(x), result: async () => model.predictOnBatch(x).data };
  },
};

export async function build(net: Net): Promise<Sequential> {
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
    case "embedding":
      return layers.embedding(layer.inputDim, layer.outputDim, first);
    case "lstm":
      return layers.lstm(layer.units, first);
  }
}

export function optimizerOf({ optimizer: { type, ...options } }: Net) {
  return optimizers[type](options);
}

/** The same batch again and again. */
export function repeat({ shape, data }: Values, times: number): Values {
  const all = new Float32Array(data.length * times);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return { shape: [shape[0] * times, ...shape.slice(1)], data: all };
}
