import convnetjs, { type Definition, type Vol } from "convnetjs";
import { type Layer, type Net, type Values, weightsOf } from "../nets.js";
import { swapped } from "./channelsFirst.js";
import type { Peer, Training } from "./peer.js";

/** ConvNetJS: plain JavaScript in float64, a sample at a time. */
export const convnet: Peer = {
  name: "convnetjs",

  /** It has no Adam, and its dropout scales otherwise than everybody's. */
  nearest(net: Net) {
    const layers = net.layers.filter(({ type }) => type !== "dropout");
    const optimizer = { type: "sgd", learningRate: 0.01, momentum: 0.9 } as const;
    return { net: { ...net, layers, optimizer }, remark: "SGD, without dropout" };
  },

  async training(net: Net, { x, y }: { x: Values; y: Values }): Promise<Training> {
    if (net.optimizer.type !== "sgd") throw new Error("it has no Adam");
    const model = build(net);
    const batch = x.shape[0];
    const { learningRate, momentum } = net.optimizer;
    const trainer = new convnetjs.Trainer(model, { method: "sgd", learning_rate: learningRate, momentum, batch_size: batch });
    const samples = Array.from({ length: batch }, (_, i) => volumeOf(x, i));
    const classes = y.data.length / batch;
    const labels = samples.map((_, i) => y.data.subarray(i * classes, (i + 1) * classes).indexOf(1));
    const step = () => samples.reduce((sum, sample, i) => sum + trainer.train(sample, labels[i]).cost_loss, 0) / batch;
    return { step, fit: steps => () => void Array.from({ length: steps }, step) };
  },
};

function build(net: Net) {
  const [height, width, channels] = net.inputShape.length === 3 ? net.inputShape : [1, 1, net.inputShape[0]];
  const model = new convnetjs.Net();
  model.makeLayers([{ type: "input", out_sx: width, out_sy: height, out_depth: channels }, ...net.layers.flatMap(definitionOf)]);
  const weights = weightsOf(net);
  const made = model.layers.filter(layer => layer.filters);
  for (const layer of net.layers) {
    if (layer.type !== "dense" && layer.type !== "conv2d") continue;
    const [kernel, bias] = weights.splice(0, 2);
    const { filters, biases } = made.shift()!;
    const size = kernel.data.length / filters!.length;
    const columns = swapped(kernel.data, 1, size, filters!.length);
    for (const [i, { w }] of filters!.entries()) for (let j = 0; j < size; j++) w[j] = columns[i * size + j];
    for (const [i, b] of bias.data.entries()) biases!.w[i] = b;
  }
  return model;
}

function definitionOf(layer: Layer): Definition[] {
  switch (layer.type) {
    case "dense":
      if (layer.activation === "softmax") return [{ type: "softmax", num_classes: layer.units }];
      return [{ type: "fc", num_neurons: layer.units, activation: layer.activation, bias_pref: 0 }];
    case "conv2d":
      return [{ type: "conv", sx: layer.kernelSize, filters: layer.filters, activation: layer.activation, pad: 0, bias_pref: 0 }];
    case "maxPooling2d":
      return [{ type: "pool", sx: layer.poolSize, stride: layer.poolSize }];
    case "flatten":
      return [];
    default:
      throw new Error(`it has no layer such as ${layer.type}`);
  }
}

/** Sample i as [height, width, depth], the order of Keras. */
function volumeOf({ shape: [batch, ...shape], data }: Values, i: number): Vol {
  const [height, width, depth] = shape.length === 3 ? shape : [1, 1, shape[0]];
  const volume = new convnetjs.Vol(width, height, depth, 0);
  const size = data.length / batch;
  for (let j = 0; j < size; j++) volume.w[j] = data[i * size + j];
  return volume;
}
