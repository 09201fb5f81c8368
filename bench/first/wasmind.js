import { floats, report, whole } from "./files.js";

const [file, x] = [whole("model.safetensors"), floats("x.bin")];
const begin = performance.now();
// what Node takes for `wasmind`
const { loadModel } = await import("../../dist/bundled/wasmind.js");
const model = await loadModel(file);
const { data } = await model.predict({ data: x, shape: [1, x.length] });
report(begin, data);
