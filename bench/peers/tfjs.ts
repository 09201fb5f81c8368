import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type Layer, type Net, type Values, weightsOf } from "../nets.js";
import type { Convolution, Peer, Product, Task, Training } from "./peer.js";

setThreadsCount(1);
tf.enableProdMode();

/** TensorFlow.js with one of its backends. Only the backend that was asked last is ready to run. */
export function tfjs(backend: "wasm" | "cpu"): Peer {
  const ready = () => tf.setBackend(backend);
  return {
    name: `tfjs-${backend}`,
    async product({ m, n, k, transposeA, transposeB, ...data }: Product) {
      await ready();
      const a = tf.tensor2d(data.a, transposeA ? [k, m] : [m, k]);
      const b = tf.tensor2d(data.b, transposeB ? [n, k] : [k, n]);
      return repeated(() => tf.matMul(a, b, transposeA, transposeB), [a, b]);
    },
    async convolution(shape: Convolution) {
      await ready();
      const x = tf.tensor4d(shape.x, [shape.batch, shape.height, shape.width, shape.channels]);
      const w = tf.tensor4d(shape.w, [shape.size, shape.size, shape.channels, shape.filters]);
      return repeated(() => tf.conv2d(x, w, 1, shape.padding), [x, w]);
    },
    async training(net: Net, { x: samples, y: labels }: { x: Values; y: Values }): Promise<Training> {
      if (backend === "cpu" && net.layers.some(({ type }) => type === "embedding"))
        throw new Error("its gradient of an embedding holds a copy of the batch for each word, and runs out of memory");
      await ready();
      const model = build(net);
      const { optimizer: o, loss } = net;
      const optimizer = o.type === "adam" ? tf.train.adam(o.learningRate) : tf.train.momentum(o.learningRate, o.momentum);
      model.compile({ optimizer, loss: LOSSES[loss] });
      const [x, y] = [tensorOf(samples), tensorOf(labels)];
      const held = [x, y];
      return {
        step: async () => Number(await model.trainOnBatch(x, y)),
        fit(steps) {
          const [xs, ys] = [x, y].map(t => tf.tile(t, [steps, ...t.shape.slice(1).map(() => 1)]));
          held.push(xs, ys);
          return async () => void (await model.fit(xs, ys, { batchSize: samples.shape[0], epochs: 1, verbose: 0, yieldEvery: "never" }));
        },
        dispose() {
          model.dispose();
          tf.dispose(held);
        },
      };
    },
    async inference(net: Net, values: Values): Promise<Task> {
      await ready();
      const model = build(net);
      const x = tensorOf(values);
      return repeated(() => model.predictOnBatch(x) as tf.Tensor, [x, model]);
    },
  };
}

const LOSSES: Record<Net["loss"], string> = {
  categorical_crossentropy: "categoricalCrossentropy",
  binary_crossentropy: "binaryCrossentropy",
  mean_squared_error: "meanSquaredError",
};

function repeated(compute: () => tf.Tensor, held: { dispose(): void }[]): Task {
  return {
    work: () => compute().dispose(),
    result: async () => tf.tidy(() => compute().dataSync().slice()) as Float32Array,
    dispose: () => held.forEach(one => void one.dispose()),
  };
}

const tensorOf = ({ data, shape }: Values) => tf.tensor(data, shape);

function build(net: Net): tfl.Sequential {
  const model = tfl.sequential({ layers: net.layers.map((layer, i) => layerOf(layer, i === 0 ? { inputShape: net.inputShape } : {})) });
  const weights = weightsOf(net).map(tensorOf);
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

function layerOf(layer: Layer, first: { inputShape?: number[] }): tfl.layers.Layer {
  switch (layer.type) {
    case "dense":
      return tfl.layers.dense({ units: layer.units, activation: layer.activation, ...first });
    case "conv2d":
      return tfl.layers.conv2d({ filters: layer.filters, kernelSize: layer.kernelSize, activation: layer.activation, ...first });
    case "maxPooling2d":
      return tfl.layers.maxPooling2d({ poolSize: layer.poolSize });
    case "flatten":
      return tfl.layers.flatten();
    case "dropout":
      return tfl.layers.dropout({ rate: layer.rate });
    case "embedding":
      return tfl.layers.embedding({ inputDim: layer.inputDim, outputDim: layer.outputDim, ...first });
    case "lstm":
      // It would compute an orthogonal matrix, slowly, that setWeights replaces.
      return tfl.layers.lstm({ units: layer.units, recurrentActivation: "sigmoid", recurrentInitializer: "zeros", ...first });
  }
}
