import type { Build } from "./build.js";
import relaxed from "./relaxed.wasm?module";
import simd from "./simd.wasm?module";

export { builds } from "./build.js";

/** As static.ts, where bundlers want it said that a module is wanted: Vercel's edge functions. */
export function loadKernels(build: Build): WebAssembly.Module {
  return build === "simd" ? simd : relaxed;
}
