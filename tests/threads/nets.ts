// Nets that call most kernels, small enough to be trained with many numbers of threads.
import { layers, type Sequential, sequential, type Tensor } from "../../js/index.js";
import { uniform } from "../kernels/data.js";

interface Job {
  model: Sequential;
  x: Tensor;
  y: Tensor | Uint8Array;
}

const COUNT = 50;
const classes = Uint8Array.from({ length: COUNT }, (_, i) => (i * 5) % 3);
const floats = (...shape: number[]): Tensor => ({ data: uniform(COUNT * shape.reduce((a, b) => a * b), 1), shape: [COUNT, ...shape] });
const ids = (steps: number, entries: number): Tensor => ({
  data: Float32Array.from({ length: COUNT * steps }, (_, i) => (i * i) % entries),
  shape: [COUNT, steps],
});

function classifier(x: Tensor, chain: Parameters<typeof sequential>[0], optimizer = "adam"): Job {
  const model = sequential([layers.input({ shape: x.shape.slice(1) }), ...chain!, layers.dense(3, { activation: "softmax" })]);
  model.compile({ optimizer, loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] });
  return { model, x, y: classes };
}

/** By name, each as it is before its first step: call setSeed before. */
export const jobs: Record<string, () => Job> = {
  MLP: () =>
    classifier(floats(53), [
      layers.dense(37, { activation: "relu", kernelRegularizer: "l2" }),
      layers.dropout(0.3),
      layers.dense(21, { activation: "gelu" }),
      layers.dense(9, { activation: "tanh", activityRegularizer: "l1" }),
    ]),
  CNN: () =>
    classifier(floats(15, 14, 1), [
      layers.randomFlip("horizontal"),
      layers.conv2d(8, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(16, 3, { activation: "relu", padding: "same" }),
      layers.averagePooling2d(2),
      layers.depthwiseConv2d(3, { activation: "sigmoid" }),
      layers.flatten(),
    ]),
  "strides and dilation": () =>
    classifier(
      floats(17, 16, 3),
      [
        layers.conv2d(6, 3, { strides: 2, activation: "elu" }),
        layers.conv2dTranspose(5, 3, { strides: 2 }),
        layers.conv2d(7, 2, { dilationRate: 2 }),
        layers.globalAveragePooling2d(),
      ],
      "rmsprop",
    ),
  LSTM: () => classifier(floats(11, 3), [layers.lstm(19, { returnSequences: true, recurrentDropout: 0.2 }), layers.lstm(8)]),
  GRU: () => classifier(floats(9, 4), [layers.gru(10), layers.dense(7, { activation: "selu" })], "sgd"),
  embedding: () => classifier(ids(12, 40), [layers.embedding(40, 18, { maskZero: true }), layers.simpleRnn(9)]),
  "moments, norms and constraints": () =>
    classifier(floats(9, 8, 2), [
      layers.conv2d(20, 3, { kernelConstraint: "unit_norm", biasConstraint: "non_neg" }),
      layers.batchNormalization(),
      layers.prelu({ sharedAxes: [1, 2] }),
      layers.groupNormalization({ groups: 5 }),
      layers.permute([3, 1, 2]),
      layers.reshape([20, -1]),
      layers.layerNormalization(),
      layers.batchNormalization({ axis: 1 }),
      layers.rmsNormalization(),
      layers.softmax({ axis: 1 }),
      layers.unitNormalization(),
      layers.flatten(),
    ]),
  normalization: () => {
    const normalization = layers.normalization();
    const x = floats(30);
    const job = classifier(x, [normalization, layers.dense(24, { activation: "softplus" })], "nadam");
    normalization.adapt(x);
    return job;
  },
};
