import * as ort from "onnxruntime-web/wasm";
import { type Floats, layersOf, type Net, type Values } from "../nets.js";
import { channelsFirst, filtersFirst, swapped, weightsChannelsFirst } from "./channelsFirst.js";
import { type Operation, onnxModel } from "./onnx.js";
import type { Convolution, Peer, Product, Task } from "./peer.js";

ort.env.wasm.numThreads = 1;

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
    const weights = Object.fromEntries(weightsChannelsFirst(net).map((values, i) => [`w${i}`, values]));
    return taskOf(weights, operationsOf(net), { x: channelsFirst(x) });
  },
};

/** A session of one model from its feeds to y. */
async function taskOf(constants: Record<string, Values>, operations: Operation[], feeds: Record<string, Values>): Promise<Task> {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const model = onnxModel(shapes, constants, operations);
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  // In Node it leaves a global Worker behind, from which jax-js would conclude that it has threads.
  Reflect.deleteProperty(globalThis, "Worker");
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [name, new ort.Tensor("float32", data, shape)]),
  );
  return {
    work: async () => void (await session.run(tensors)),
    result: async () => (await session.run(tensors)).y.data as Float32Array,
    dispose: () => void session.release(),
  };
}

/** The net from x to y, with weights w0, w1, ... in order. */
function operationsOf(net: Net): Operation[] {
  const operations: Operation[] = [];
  let weights = 0;
  const add = (op: string, others: string[] = [], attributes?: Operation["attributes"]) =>
    operations.push({ op, inputs: [operations.at(-1)?.output ?? "x", ...others], output: `${op}${operations.length}`, attributes });
  for (const { layer } of layersOf(net)) {
    if (layer.type === "dense") add("Gemm", [`w${weights++}`, `w${weights++}`]);
    if (layer.type === "conv2d") add("Conv", [`w${weights++}`, `w${weights++}`]);
    if (layer.type === "flatten") add("Flatten");
    if (layer.type === "maxPooling2d") {
      const window = [layer.poolSize, layer.poolSize];
      add("MaxPool", [], { kernel_shape: window, strides: window });
    }
    if ("activation" in layer) add(layer.activation === "relu" ? "Relu" : "Softmax");
  }
  operations.at(-1)!.output = "y";
  return operations;
}
