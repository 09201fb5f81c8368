import brainjs from "brain.js";
import { type Net, type Values, weightsOf } from "../nets.js";
import { swapped } from "./channelsFirst.js";
import type { Peer, Training } from "./peer.js";

/** What its types leave out: the way to train on one sample. */
interface Network {
  sizes: number[];
  weights: number[][][];
  biases: number[][];
  initialize(): void;
  updateTrainingOptions(options: { learningRate: number; momentum: number }): void;
  trainPattern(sample: { input: number[]; output: number[] }, withError: true): number;
}

/** brain.js: plain JavaScript in float64. It updates after every sample, so its step on a batch is as many updates as there are samples. */
export const brain: Peer = {
  name: "brain.js",
  samplesAnUpdate: 1,

  /** One activation for all layers, squared errors and SGD is what it has. */
  nearest(net: Net) {
    const layers = net.layers.map(layer => (layer.type === "dense" ? { ...layer, activation: "sigmoid" as const } : layer));
    const optimizer = { type: "sgd", learningRate: 0.1, momentum: 0 } as const;
    return { net: { ...net, layers, optimizer, loss: "mean_squared_error" }, remark: "sigmoid, SGD, an update a sample" };
  },

  async training(net: Net, { x, y }: { x: Values; y: Values }): Promise<Training> {
    const other = net.layers.find(({ type }) => type !== "dense");
    if (other) throw new Error(`it has no layer such as ${other.type} in a net for classes`);
    const sizes = [net.inputShape[0], ...net.layers.map(layer => (layer.type === "dense" ? layer.units : 0))];
    const model = new brainjs.NeuralNetwork({ activation: "sigmoid" }) as unknown as Network;
    model.sizes = sizes;
    model.initialize();
    const outputs = sizes.at(-1)!;
    // It takes half the sum of squares where Keras takes their mean, and refuses a momentum of 0.
    model.updateTrainingOptions({ learningRate: (net.optimizer.learningRate * 2) / outputs, momentum: Number.MIN_VALUE });
    const weights = weightsOf(net);
    for (let layer = 1; layer < sizes.length; layer++) {
      const [kernel, bias] = weights.splice(0, 2);
      const columns = swapped(kernel.data, 1, sizes[layer - 1], sizes[layer]);
      model.weights[layer] = Array.from({ length: sizes[layer] }, (_, i) => [
        ...columns.subarray(i * sizes[layer - 1], (i + 1) * sizes[layer - 1]),
      ]);
      model.biases[layer] = [...bias.data];
    }
    const row = ({ shape, data }: Values, i: number) => [
      ...data.subarray((i * data.length) / shape[0], ((i + 1) * data.length) / shape[0]),
    ];
    const patterns = Array.from({ length: x.shape[0] }, (_, i) => ({ input: row(x, i), output: row(y, i) }));
    const step = () => patterns.reduce((sum, pattern) => sum + model.trainPattern(pattern, true), 0) / patterns.length;
    return { step, fit: steps => () => void Array.from({ length: steps }, step) };
  },
};
