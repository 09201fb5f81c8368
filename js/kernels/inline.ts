import { packed, sizes } from "./data.js";
import { applyDelta } from "./delta.js";

/** The builds of the kernels: with relaxed SIMD a multiplication and an addition are one instruction, rounded once. */
export type Build = "simd" | "relaxed";

/**
 * The kernels where JavaScript carries them: the simd build and what makes the relaxed one of it, deflated, as base64. That is less than a fifth
 * over one deflated build; both builds as base64 would be 2.7 times it.
 */
export async function loadKernels(build: Build): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module> {
  const text = atob(packed);
  const deflated = new Uint8Array(text.length);
  for (let i = 0; i < deflated.length; i++) deflated[i] = text.charCodeAt(i);
  const bytes = await inflate(deflated);
  const simd = bytes.subarray(0, sizes.simd);
  return build === "simd" ? simd : applyDelta(simd, bytes.subarray(sizes.simd));
}

/**
 * By zlib where there is one, which takes Node a third of the time to load of its streams. Chunk by chunk elsewhere: a Response would gather them, but
 * is slower still.
 */
async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  if (zlib) return zlib.inflateRawSync(deflated);
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
