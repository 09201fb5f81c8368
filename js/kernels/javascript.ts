import type { Build, JavaScriptKernels } from "./build.js";
import { instantiate } from "./scalar.js";

export const builds: readonly Build[] = ["js"];

/** The kernels where there is no WebAssembly: the simd build as plain JavaScript, a number at a time, to the same bits. */
export function loadKernels(): JavaScriptKernels {
  return instantiate;
}
