import { concat } from "../bytes.js";
import type { Build, Loaded } from "./build.js";
import { fromColumns } from "./columns.js";
import { packed, size } from "./data.js";
import { applyDelta } from "./delta.js";

export { type Build, builds, type JavaScriptKernels, type Loaded } from "./build.js";

/**
 * The kernels where JavaScript carries them: the columns of the simd build, and what makes the relaxed one of it, deflated, as base64.
 * @param names of the kernels, in the order of the build's exports
 */
export async function loadKernels(build: Build, names: readonly string[]): Promise<Loaded> {
  const bytes = await inflate(Uint8Array.from(atob(packed), character => character.charCodeAt(0)));
  const simd = fromColumns(bytes.subarray(0, size), names);
  return build === "simd" ? simd : applyDelta(simd, bytes.subarray(size));
}

/** Chunk by chunk: a Response would gather them, but takes Node four times as long to load as all the rest. */
async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(deflated), writer.close()]);
  const chunks: Uint8Array[] = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  await written;
  return concat(chunks);
}
