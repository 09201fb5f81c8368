import { floats, report, whole } from "./files.js";

const [file, x] = [whole("model.onnx"), floats("x.bin")];
const begin = performance.now();
const ort = await import("onnxruntime-web");
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
const { y } = await session.run({ x: new ort.Tensor("float32", x, [1, x.length]) });
report(begin, y.data);
