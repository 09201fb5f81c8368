// One file of kernels serves both kinds of memory. Kernels know no threads, so their code is the same; only the import's declaration says
// whether a memory is shared, and it is rewritten here before the module is compiled.

import { ByteReader, concat, leb128 } from "../bytes.js";

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
  const reader = new ByteReader(module);
  reader.at = 8;
  while (reader.at < module.length) {
    const [id] = reader.take(1);
    const before = module.subarray(0, reader.at);
    const content = reader.take(reader.number());
    if (id === IMPORTS) {
      const imports = sharedImports(content);
      return concat([before, leb128(imports.length), imports, module.subarray(reader.at)]);
    }
  }
  throw new Error("The module imports no memory.");
}

function sharedImports(section: Uint8Array): Uint8Array {
  const reader = new ByteReader(section);
  const count = reader.number();
  for (let string = 0; string < 2; string++) reader.take(reader.number());
  const [kind] = reader.take(1);
  if (count !== 1 || kind !== MEMORY) throw new Error("The module imports something else than one memory.");
  const names = section.subarray(0, reader.at);
  reader.take(1);
  return concat([names, [HAS_MAXIMUM | IS_SHARED], leb128(reader.number()), leb128(MOST_PAGES)]);
}
