import * as ort from "onnxruntime-web/wasm";
import { type Floats, layersOf, type Net, type Values, weightsOf } from "../nets.js";
import { type Operation, onnxModel } from "./onnx.js";
import type { Convolution, Peer, Product, Task } from "./peer.js";

ort.env.wasm.numThreads = 1;

/** ONNX Runtime Web on its WebAssembly backend. It predicts only; images go channels first, as it likes them. */
export const onnxruntime: Peer = {
  name: "onnxruntime-web",

  product({ m, n, k, transposeA, transposeB, a, b }: Product) {
    const shapes = { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
    const inputs = ["a", "b"];
    const operation: Operation =
      transposeA || transposeB
        ? { op: "Gemm", inputs, output: "y", attributes: { transA: Number(transposeA), transB: Number(transposeB) } }
        : { op: "MatMul", inputs, output: "y" };
    return taskOf(onnxModel(shapes, {}, [operation]), { a: { shape: shapes.a, data: a }, b: { shape: shapes.b, data: b } });
  },

  async convolution({ batch, height, width, channels, filters, size, x, w }: Convolution) {
    const image = swapped(x, batch, height * width, channels);
    const kernel = { shape: [filters, channels, size, size], data: filtersFirst(w, size * size, channels, filters) };
    const model = onnxModel({ x: [batch, channels, height, width] }, { w: kernel }, [{ op: "Conv", inputs: ["x", "w"], output: "y" }]);
    const task = await taskOf(model, { x: { shape: [batch, channels, height, width], data: image } });
    const pixels = (height - size + 1) * (width - size + 1);
    return { ...task, result: async () => swapped((await task.result()) as Floats, batch, filters, pixels) };
  },

  inference(net: Net, x: Values) {
    const input = channelsFirstShape(x.shape);
    if (net.inputShape.length === 3 && net.inputShape[2] !== 1) throw new Error("only grey images keep their order of pixels");
    return taskOf(predictor(net, input), { x: { shape: input, data: x.data } });
  },
};

async function taskOf(model: Uint8Array, inputs: Record<string, Values>): Promise<Task> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  // In Node it leaves a global Worker behind, from which jax-js would conclude that it has threads.
  Reflect.deleteProperty(globalThis, "Worker");
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { data, shape }]) => [name, new ort.Tensor("float32", data, shape)]));
  return {
    work: async () => void (await session.run(feeds)),
    result: async () => (await session.run(feeds)).y.data as Floats,
    dispose: () => void session.release(),
  };
}

/** The net with its weights as an ONNX model from x to y. */
function predictor(net: Net, input: number[]): Uint8Array {
  const constants: Record<string, Values> = {};
  const operations: Operation[] = [];
  const weights = weightsOf(net);
  let last = "x";
  let image: number[] | undefined;
  const add = (op: string, others: string[] = [], attributes?: Operation["attributes"]) => {
    const output = `${op}${operations.length}`;
    operations.push({ op, inputs: [last, ...others], output, attributes });
    last = output;
  };
  const constant = (values: Values) => {
    const name = `w${Object.keys(constants).length}`;
    constants[name] = values;
    return name;
  };
  for (const { layer, input } of layersOf(net)) {
    switch (layer.type) {
      case "dense": {
        const [kernel, bias] = weights.splice(0, 2);
        add("Gemm", [constant(image ? { ...kernel, data: rowsChannelsFirst(kernel.data, image) } : kernel), constant(bias)]);
        image = undefined;
        break;
      }
      case "conv2d": {
        const [kernel, bias] = weights.splice(0, 2);
        const [height, width, channels, filters] = kernel.shape;
        const data = filtersFirst(kernel.data, height * width, channels, filters);
        add("Conv", [constant({ shape: [filters, channels, height, width], data }), constant(bias)]);
        break;
      }
      case "maxPooling2d":
        add("MaxPool", [], { kernel_shape: [layer.poolSize, layer.poolSize], strides: [layer.poolSize, layer.poolSize] });
        break;
      case "flatten":
        add("Flatten");
        image = input;
        break;
      case "dropout":
        break;
    }
    if ("activation" in layer) add(layer.activation === "relu" ? "Relu" : "Softmax");
  }
  operations.at(-1)!.output = "y";
  return onnxModel({ x: input }, constants, operations);
}

const channelsFirstShape = (shape: number[]) => (shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape);

/** [outer, rows, columns, inner] → [outer, columns, rows, inner] */
function swapped(from: Floats, outer: number, rows: number, columns: number, inner = 1): Floats {
  const to = new Float32Array(from.length);
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const at = ((o * rows + r) * columns + c) * inner;
        to.set(from.subarray(at, at + inner), ((o * columns + c) * rows + r) * inner);
      }
    }
  }
  return to;
}

/** [taps, channels, filters] → [filters, channels, taps] */
const filtersFirst = (w: Floats, taps: number, channels: number, filters: number) =>
  swapped(swapped(w, 1, taps * channels, filters), filters, taps, channels);

/** The rows of a dense kernel over a flattened [height, width, channels], in the order of an image that was flattened channels first. */
const rowsChannelsFirst = (kernel: Floats, [height, width, channels]: number[]) =>
  swapped(kernel, 1, height * width, channels, kernel.length / (height * width * channels));
