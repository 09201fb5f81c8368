import * as ort from "onnxruntime-web";
import { type Floats, layersOf, type Net, type Values } from "../nets.js";
import { channelsFirst, filtersFirst, swapped, weightsChannelsFirst } from "./channelsFirst.js";
import { type Feed, type Operation, onnxModel } from "./onnx.js";
import { type Convolution, type Peer, type Product, type Task, THREADS } from "./peer.js";

ort.env.wasm.numThreads = THREADS;

/** ONNX Runtime Web on its WebAssembly backend. It predicts only. */
export const onnxruntime: Peer = {
  name: "onnxruntime-web",

  product({ m, n, k, transposeA, transposeB, a, b }: Product) {
    const feeds = { a: { shape: transposeA ? [k, m] : [m, k], data: a }, b: { shape: transposeB ? [n, k] : [k, n], data: b } };
    const inputs = ["a", "b"];
    const operation: Operation =
      transposeA || transposeB
        ? { op: "Gemm", inputs, output: "y", attributes: { transA: Number(transposeA), transB: Number(transposeB) } }
        : { op: "MatMul", inputs, output: "y" };
    return taskOf({}, [operation], feeds);
  },

  async convolution({ batch, height, width, channels, filters, size, padding, x, w }: Convolution) {
    const image = channelsFirst({ shape: [batch, height, width, channels], data: x });
    const kernel = filtersFirst({ shape: [size, size, channels, filters], data: w });
    const operation = { op: "Conv", inputs: ["x", "w"], output: "y", attributes: { pads: Array(4).fill(padding) } };
    const task = await taskOf({ w: kernel }, [operation], { x: image });
    const pixels = (height + 2 * padding - size + 1) * (width + 2 * padding - size + 1);
    return { ...task, result: async () => swapped((await task.result()) as Floats, batch, filters, pixels) };
  },

  inference(net: Net, x: Values) {
    const { model, feed } = modelOf(net, x);
    return sessionOf(model, { x: feed });
  },
};

/** The net as an ONNX file, and its input as that file wants it. */
export function modelOf(net: Net, x: Values): { model: Uint8Array; feed: Feed } {
  const constants: Record<string, Values> = {};
  const operations = operationsOf(net, constants);
  const isText = net.layers[0].type === "embedding";
  const feed = isText ? { shape: x.shape, data: Int32Array.from(x.data) } : channelsFirst(x);
  return { model: onnxModel({ x: feed }, constants, operations), feed };
}

const taskOf = (constants: Record<string, Values>, operations: Operation[], feeds: Record<string, Feed>) =>
  sessionOf(onnxModel(feeds, constants, operations), feeds);

/** A session of one model from its feeds to y. */
async function sessionOf(model: Uint8Array, feeds: Record<string, Feed>): Promise<Task> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  // In Node it leaves a global Worker behind, from which jax-js would conclude that it has threads.
  Reflect.deleteProperty(globalThis, "Worker");
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      data instanceof Int32Array ? new ort.Tensor("int32", data, shape) : new ort.Tensor("float32", data, shape),
    ]),
  );
  return {
    work: async () => void (await session.run(tensors)),
    result: async () => (await session.run(tensors)).y.data as Float32Array,
    dispose: () => void session.release(),
  };
}

/** The net from x to y; its weights, named w0, w1, ..., join the constants. */
function operationsOf(net: Net, constants: Record<string, Values>): Operation[] {
  const operations: Operation[] = [];
  const weights = weightsChannelsFirst(net);
  const add = (op: string, more: Partial<Operation> = {}) =>
    operations.push({
      op,
      output: `${op}${operations.length}`,
      ...more,
      inputs: [operations.at(-1)?.output ?? "x", ...(more.inputs ?? [])],
    });
  const constant = (values: Values) => {
    const name = `w${Object.keys(constants).length}`;
    constants[name] = values;
    return name;
  };
  const taken = (count: number) => weights.splice(0, count).map(constant);
  for (const { layer } of layersOf(net)) {
    switch (layer.type) {
      case "dense":
        add("Gemm", { inputs: taken(2) });
        break;
      case "conv2d":
        add("Conv", { inputs: taken(2) });
        break;
      case "flatten":
        add("Flatten");
        break;
      case "maxPooling2d": {
        const window = [layer.poolSize, layer.poolSize];
        add("MaxPool", { attributes: { kernel_shape: window, strides: window } });
        break;
      }
      case "embedding": {
        const [table] = taken(1);
        operations.push({ op: "Gather", inputs: [table, "x"], output: "embedded" });
        break;
      }
      case "lstm": {
        // Time first; of its outputs the second is the last state, [1, batch, units].
        const [kernel, recurrent, bias] = weights.splice(0, 3);
        const both = { shape: [1, 8 * layer.units], data: new Float32Array(8 * layer.units) };
        both.data.set(gatesInOrder(bias, layer.units).data);
        add("Transpose", { attributes: { perm: [1, 0, 2] } });
        const inputs = [...[kernel, recurrent].map(w => constant(gatesInOrder(w, layer.units))), constant(both)];
        add("LSTM", { inputs, unused: 1, attributes: { hidden_size: layer.units } });
        add("Flatten", { attributes: { axis: 2 } });
        break;
      }
    }
    if ("activation" in layer) add({ relu: "Relu", softmax: "Softmax", sigmoid: "Sigmoid" }[layer.activation]);
  }
  operations.at(-1)!.output = "y";
  return operations;
}

/** Keras's [inputs, gates i f c o] → ONNX's [1, gates i o f c, inputs] */
function gatesInOrder({ shape, data }: Values, units: number): Values {
  const inputs = data.length / (4 * units);
  const columns = swapped(data, 1, inputs, 4 * units);
  const gate = (g: number) => columns.subarray(g * units * inputs, (g + 1) * units * inputs);
  const ordered = new Float32Array(data.length);
  for (const [to, from] of [0, 3, 1, 2].entries()) ordered.set(gate(from), to * units * inputs);
  return { shape: shape.length === 1 ? [1, 4 * units] : [1, 4 * units, inputs], data: ordered };
}
