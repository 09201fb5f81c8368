// The suite with the kernels in JavaScript, whatever the runtime has.
import { initEngine } from "wasmind";
import { kernels } from "wasmind/js";

initEngine(kernels);

export { suite } from "./suite.js";
