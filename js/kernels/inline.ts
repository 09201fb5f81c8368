import type { Build, Loaded } from "./build.js";
import { packed, size } from "./data.js";
import { applyDelta } from "./delta.js";

export { type Build, builds, type JavaScriptKernels, type Loaded } from "./build.js";

/**
 * The kernels where JavaScript carries them: the simd build and what makes the relaxed one of it, deflated, as base64. That is less than a fifth
 * over one deflated build; both builds as base64 would be 2.7 times it.
 */
export async function loadKernels(build: Build): Promise<Loaded> {
  const text = atob(packed);
  const deflated = new Uint8Array(text.length);
  for (let i = 0; i < deflated.length; i++) deflated[i] = text.charCodeAt(i);
  const bytes = await inflate(deflated);
  const simd = bytes.subarray(0, size);
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
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
