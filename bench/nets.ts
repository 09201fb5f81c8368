/** The networks that every peer builds for itself, as plain data in Keras's words. */
export interface Net {
  name: string;
  /** one sample */
  inputShape: number[];
  layers: Layer[];
  loss: "categorical_crossentropy" | "binary_crossentropy" | "mean_squared_error";
  optimizer: Optimizer;
}

export type Layer =
  | { type: "dense"; units: number; activation: "relu" | "softmax" | "sigmoid" }
  | { type: "conv2d"; filters: number; kernelSize: number; activation: "relu" }
  | { type: "maxPooling2d"; poolSize: number }
  | { type: "flatten" }
  | { type: "dropout"; rate: number }
  | { type: "embedding"; inputDim: number; outputDim: number }
  | { type: "lstm"; units: number };

export type Optimizer = { type: "adam"; learningRate: number } | { type: "sgd"; learningRate: number; momentum: number };

export type Floats = Float32Array<ArrayBuffer>;

export interface Values {
  shape: number[];
  data: Floats;
}

export const BATCH = 32;

const adam: Optimizer = { type: "adam", learningRate: 0.001 };
const classifier = { loss: "categorical_crossentropy", optimizer: adam } as const;

export const mlp: Net = {
  ...classifier,
  name: "MLP",
  inputShape: [784],
  layers: [
    { type: "dense", units: 128, activation: "relu" },
    { type: "dense", units: 64, activation: "relu" },
    { type: "dense", units: 10, activation: "softmax" },
  ],
};

/** The lecture's. */
export const cnn: Net = {
  ...classifier,
  name: "CNN",
  inputShape: [28, 28, 1],
  layers: [
    { type: "conv2d", filters: 32, kernelSize: 3, activation: "relu" },
    { type: "maxPooling2d", poolSize: 2 },
    { type: "conv2d", filters: 64, kernelSize: 3, activation: "relu" },
    { type: "maxPooling2d", poolSize: 2 },
    { type: "flatten" },
    { type: "dropout", rate: 0.5 },
    { type: "dense", units: 64, activation: "relu" },
    { type: "dense", units: 10, activation: "softmax" },
  ],
};

/** A series of 140 numbers in five classes, as an electrocardiogram. */
export const lstm: Net = {
  ...classifier,
  name: "LSTM",
  inputShape: [140, 1],
  layers: [
    { type: "lstm", units: 64 },
    { type: "dense", units: 32, activation: "relu" },
    { type: "dense", units: 5, activation: "softmax" },
  ],
};

/** Texts of 200 words, for or against. */
export const emb: Net = {
  name: "EMB",
  inputShape: [200],
  layers: [
    { type: "embedding", inputDim: 10_000, outputDim: 64 },
    { type: "lstm", units: 64 },
    { type: "dense", units: 1, activation: "sigmoid" },
  ],
  loss: "binary_crossentropy",
  optimizer: adam,
};

export const nets = [mlp, cnn, lstm, emb];

/** The net as it predicts: what it computes no longer depends on chance, so that peers can be compared. */
export function withoutDropout(net: Net): Net {
  return { ...net, layers: net.layers.filter(layer => layer.type !== "dropout") };
}

export function outputShape(layer: Layer, input: number[]): number[] {
  switch (layer.type) {
    case "dense":
      return [layer.units];
    case "conv2d":
      return [input[0] - layer.kernelSize + 1, input[1] - layer.kernelSize + 1, layer.filters];
    case "maxPooling2d":
      return [Math.floor(input[0] / layer.poolSize), Math.floor(input[1] / layer.poolSize), input[2]];
    case "flatten":
      return [sizeOf(input)];
    case "dropout":
      return input;
    case "embedding":
      return [...input, layer.outputDim];
    case "lstm":
      return [layer.units];
  }
}

/** Each layer with the shape of one sample that comes in. */
export function* layersOf(net: Net): Generator<{ layer: Layer; input: number[] }> {
  let input = net.inputShape;
  for (const layer of net.layers) {
    yield { layer, input };
    input = outputShape(layer, input);
  }
}

/** The same initial weights for everybody, in Keras's order and shapes. */
export function weightsOf(net: Net): Values[] {
  return [...layersOf(net)].flatMap(({ layer, input }) => {
    switch (layer.type) {
      case "dense":
        return [glorot([input[0], layer.units], input[0], layer.units), zeros([layer.units])];
      case "conv2d": {
        const taps = layer.kernelSize ** 2;
        const shape = [layer.kernelSize, layer.kernelSize, input[2], layer.filters];
        return [glorot(shape, taps * input[2], taps * layer.filters), zeros([layer.filters])];
      }
      case "embedding":
        return [uniform([layer.inputDim, layer.outputDim], -0.05, 0.05)];
      case "lstm": {
        const [features, gates] = [input[1], 4 * layer.units];
        const bias = zeros([gates]);
        bias.data.fill(1, layer.units, 2 * layer.units); // of the forget gate
        return [glorot([features, gates], features, gates), glorot([layer.units, gates], layer.units, gates), bias];
      }
      default:
        return [];
    }
  });
}

/** Samples that look like the real ones only in size and range, with one-hot labels, or 0 and 1 where there is one output. */
export function samplesOf(net: Net, count: number): { x: Values; y: Values } {
  const { inputDim = 0 } = net.layers.find(layer => layer.type === "embedding") ?? {};
  const x = uniform([count, ...net.inputShape], 0, inputDim || 1);
  if (inputDim) x.data.forEach((value, i) => void (x.data[i] = Math.floor(value)));
  const [classes] = net.layers.reduce((shape, layer) => outputShape(layer, shape), net.inputShape);
  const y = zeros([count, classes]);
  for (let i = 0; i < count; i++) {
    if (classes === 1) y.data[i] = i % 2;
    else y.data[i * classes + ((i * 7) % classes)] = 1;
  }
  return { x, y };
}

/** Numbers in [low, high), the same on every run. */
export function uniform(shape: number[], low: number, high: number): Values {
  let state = sizeOf(shape);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    data[i] = low + ((high - low) * ((bits ^ (bits >>> 14)) >>> 8)) / 2 ** 24;
  }
  return { shape, data };
}

export const sizeOf = (shape: number[]) => shape.reduce((product, size) => product * size, 1);

const zeros = (shape: number[]): Values => ({ shape, data: new Float32Array(sizeOf(shape)) });

function glorot(shape: number[], fanIn: number, fanOut: number): Values {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(shape, -limit, limit);
}
