/** Of this much garbage V8 takes notice in any case. */
const MOST = 64 * 2 ** 20;

/**
 * Memory as large as a shared one, to be held as long as that: nobody touches it, so that it takes up addresses alone. V8's garbage collector does
 * not count shared memories: a thousand of them could be garbage, and it would see no reason to look.
 */
export function ballastOf(memory: WebAssembly.Memory): ArrayBuffer {
  return new ArrayBuffer(Math.min(memory.buffer.byteLength, MOST));
}
