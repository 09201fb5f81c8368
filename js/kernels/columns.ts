import { ByteReader, concat, leb128 } from "../bytes.js";

/** Sections of a module by their numbers. */
const EXPORTS = 7;
const CODE = 10;
/** The kind of instruction that ends a function. */
const END = 0;

/**
 * A WebAssembly module from its columns, in which bytes of one kind lie side by side: they deflate to a quarter less. scripts/columns.js makes
 * them. First come two lists, with their lengths before them and all numbers in LEB128: for each column its length, and how many bytes a value
 * has, 0 for LEB128; for each kind of instruction its opcode and the columns of its operands. Then the columns:
 *   0  the module up to its exports     1  their kinds and indices     2  what stands behind the code
 *   3  the functions' groups of locals  4  their instructions by kind  5 ...  operands
 * @param names of the exports
 */
export function fromColumns(bytes: Uint8Array, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const reader = new ByteReader(bytes);
  const list = <T>(read: () => T): T[] => Array.from({ length: reader.number() }, read);
  const sizes = list(() => ({ length: reader.number(), width: reader.number() }));
  const kinds = list(() => ({ opcode: reader.take(reader.number()), operands: reader.take(reader.number()) }));
  const columns = sizes.map(({ length, width }) => ({ width, reader: new ByteReader(reader.take(length)) }));
  const [head, exports, tail, locals, code] = columns.map(({ reader }) => reader);

  const encoder = new TextEncoder();
  const exported = names.map(name => {
    const text = encoder.encode(name);
    return [leb128(text.length), text, exports.take(1), exports.take(exports.lengthOfNumber)];
  });

  // Byte by byte into one array: views of a few bytes each would take twice as long.
  const out = new Uint8Array(3 * bytes.length);
  let to = 0;
  const copy = (from: ByteReader, count: number) => {
    for (let i = 0; i < count; i++) out[to++] = from.bytes[from.at++];
  };
  const functions: ArrayLike<number>[][] = [];
  while (code.at < code.bytes.length) {
    const begin = to;
    copy(locals, 1 + 2 * locals.bytes[locals.at]);
    for (let kind = -1; kind !== END; ) {
      kind = code.bytes[code.at++];
      const { opcode, operands } = kinds[kind];
      for (let i = 0; i < opcode.length; i++) out[to++] = opcode[i];
      for (let i = 0; i < operands.length; i++) {
        const { width, reader } = columns[operands[i]];
        copy(reader, width || reader.lengthOfNumber);
      }
    }
    functions.push([leb128(to - begin), out.subarray(begin, to)]);
  }
  return concat([head.bytes, ...section(EXPORTS, exported), ...section(CODE, functions), tail.bytes]);
}

function section(id: number, items: readonly ArrayLike<number>[][]): ArrayLike<number>[] {
  const content = concat([leb128(items.length), ...items.flat()]);
  return [[id], leb128(content.length), content];
}
