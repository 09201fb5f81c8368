import { floats, report, whole } from "./files.js";

const [file, x] = [whole("model.safetensors"), floats("x")];
const begin = performance.now();
const { loadModel } = await import("../../dist/index.js");
const model = await loadModel(file);
const { data } = await model.predict({ data: x, shape: [1, x.length] });
report(begin, data);
