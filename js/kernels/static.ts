import type { Build } from "./build.js";
import relaxed from "./relaxed.wasm";
import simd from "./simd.wasm";

export { builds } from "./build.js";

/** The kernels where a runtime compiles no code of its own, and its bundler does: Cloudflare's workers. */
export function loadKernels(build: Build): WebAssembly.Module {
  return build === "simd" ? simd : relaxed;
}
