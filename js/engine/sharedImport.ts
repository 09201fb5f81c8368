// One file of kernels serves both kinds of memory. Kernels know no threads, so their code is the same; only the import's declaration says
// whether a memory is shared, and it is rewritten here before the module is compiled.

/** Pages of 64 KiB that a 32-bit address reaches. */
export const MOST_PAGES = 65536;

const IMPORTS = 2;
const MEMORY = 2;
const HAS_MAXIMUM = 1;
const IS_SHARED = 2;

/**
 * The same module with its one import, a memory, declared as shared: its maximum is that of 32 bits, so that a memory of any maximum fits.
 * Layout: "\0asm" version | sections, each: id, size, content. Imports: count, then module's name, name, kind, limits: flags, least (, most).
 * @throws when the module imports anything but one memory
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < module.length; ) {
    const content = readNumber(module, at + 1);
    const end = content.next + content.value;
    if (module[at] === IMPORTS) {
      const imports = sharedImports(module.subarray(content.next, end));
      return join([module.subarray(0, at + 1), toNumber(imports.length), imports, module.subarray(end)]);
    }
    at = end;
  }
  throw new Error("The module imports no memory.");
}

function sharedImports(section: Uint8Array): Uint8Array {
  const count = readNumber(section, 0);
  let kind = count.next;
  for (let string = 0; string < 2; string++) {
    const length = readNumber(section, kind);
    kind = length.next + length.value;
  }
  if (count.value !== 1 || section[kind] !== MEMORY) throw new Error("The module imports something else than one memory.");
  const least = readNumber(section, kind + 2);
  const limits = [...toNumber(HAS_MAXIMUM | IS_SHARED), ...toNumber(least.value), ...toNumber(MOST_PAGES)];
  return join([section.subarray(0, kind + 1), limits]);
}

/** An unsigned number in LEB128: seven bits a byte, the lowest first; the eighth bit says that more follow. */
function readNumber(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7, at++) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return { value, next: at + 1 };
  }
}

function toNumber(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

function join(parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
