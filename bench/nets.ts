/** The networks that every peer builds for itself, as plain data in Keras's words. */
export interface Net {
  name: string;
  /** one sample */
  inputShape: number[];
  layers: Layer[];
}

export type Layer =
  | { type: "dense"; units: number; activation: "relu" | "softmax" }
  | { type: "conv2d"; filters: number; kernelSize: number; activation: "relu" }
  | { type: "maxPooling2d"; poolSize: number }
  | { type: "flatten" }
  | { type: "dropout"; rate: number };

export type Floats = Float32Array<ArrayBuffer>;

export interface Values {
  shape: number[];
  data: Floats;
}

export const BATCH = 32;
export const CLASSES = 10;

export const mlp: Net = {
  name: "MLP",
  inputShape: [784],
  layers: [
    { type: "dense", units: 128, activation: "relu" },
    { type: "dense", units: 64, activation: "relu" },
    { type: "dense", units: CLASSES, activation: "softmax" },
  ],
};

export const cnn: Net = {
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
    { type: "dense", units: CLASSES, activation: "softmax" },
  ],
};

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

/** The same initial weights for everybody, in Keras's order and shapes: a kernel and a bias a layer. */
export function weightsOf(net: Net): Values[] {
  const weights: Values[] = [];
  for (const { layer, input } of layersOf(net)) {
    if (layer.type === "dense") weights.push(glorot([input[0], layer.units], input[0], layer.units), zeros([layer.units]));
    if (layer.type === "conv2d") {
      const taps = layer.kernelSize ** 2;
      const shape = [layer.kernelSize, layer.kernelSize, input[2], layer.filters];
      weights.push(glorot(shape, taps * input[2], taps * layer.filters), zeros([layer.filters]));
    }
  }
  return weights;
}

/** Samples that look like digits only in size, with one-hot labels. */
export function samplesOf(net: Net, count: number): { x: Values; y: Values } {
  const y = zeros([count, CLASSES]);
  for (let i = 0; i < count; i++) y.data[i * CLASSES + ((i * 7) % CLASSES)] = 1;
  return { x: uniform([count, ...net.inputShape], 0, 1), y };
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
