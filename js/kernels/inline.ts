import { packed, size } from "./data.js";
import { applyDelta } from "./delta.js";

/** The builds of the kernels: with relaxed SIMD a multiplication and an addition are one instruction, rounded once. */
export type Build = "simd" | "relaxed";

/**
 * The kernels where JavaScript carries them: the simd build and what makes the relaxed one of it, deflated, as base64. That is less than a fifth
 * over one deflated build; both builds as base64 would be 2.7 times it.
 */
export async function loadKernels(build: Build): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module> {
  const deflated = Uint8Array.from(atob(packed), char => char.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const simd = bytes.subarray(0, size);
  return build === "simd" ? simd : applyDelta(simd, bytes.subarray(size));
}
