export const PAGE = 65536;

/** As much of a WebAssembly.Memory as the engine knows of. */
class PlainMemory implements Pick<WebAssembly.Memory, "buffer" | "grow"> {
  buffer: ArrayBuffer;

  constructor(pages: number) {
    this.buffer = new ArrayBuffer(pages * PAGE);
  }

  grow(pages: number): number {
    const before = new Uint8Array(this.buffer);
    this.buffer = new ArrayBuffer(before.length + pages * PAGE);
    new Uint8Array(this.buffer).set(before);
    return before.length / PAGE;
  }
}

/** A memory for one thread, where there is no WebAssembly, too. */
export function newMemory(pages: number): WebAssembly.Memory {
  return typeof WebAssembly === "undefined"
    ? (new PlainMemory(pages) as unknown as WebAssembly.Memory)
    : new WebAssembly.Memory({ initial: pages });
}
