import type { JavaScriptKernels } from "./kernels/build.js";
import { instantiate } from "./kernels/scalar.js";

/**
 * The kernels in plain JavaScript, for hosts without WebAssembly: `initEngine(kernels)` before the first model is used. Results are the bits of the
 * simd build, on one thread. Where a bundle is made under the condition `fastly`, the engine takes them by itself.
 */
export const kernels: JavaScriptKernels = instantiate;
