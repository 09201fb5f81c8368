/** Bytes that kernels work on: a WebAssembly.Memory, or what stands for one. */
export type Memory = Pick<WebAssembly.Memory, "buffer" | "grow">;

export const PAGE = 65536;

/** A memory where there is no WebAssembly. */
class PlainMemory implements Memory {
  buffer: ArrayBuffer;

  constructor(pages: number) {
    this.buffer = new ArrayBuffer(pages * PAGE);
  }

  /** @throws when the runtime has no more memory to give */
  grow(pages: number): number {
    const before = this.buffer;
    this.buffer = new ArrayBuffer(before.byteLength + pages * PAGE);
    new Uint8Array(this.buffer).set(new Uint8Array(before));
    return before.byteLength / PAGE;
  }
}

export function newMemory(pages: number): Memory {
  return typeof WebAssembly === "undefined" ? new PlainMemory(pages) : new WebAssembly.Memory({ initial: pages });
}
