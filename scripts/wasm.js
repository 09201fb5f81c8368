// Takes WebAssembly modules apart into instructions and puts them together. It knows what kernels are made of, and refuses the rest.

const EXPORTS = 7;
const CODE = 10;

/** What operands there are, and how many bytes they take; 0: LEB128. */
export const widths = {
  type: 1,
  label: 0,
  function: 0,
  local: 0,
  global: 0,
  align: 0,
  offset: 0,
  i32: 0,
  i64: 0,
  f32: 4,
  f64: 8,
  lane: 1,
  lanes: 16,
  v128: 16,
};

const memory = ["align", "offset"];
const constant = { 65: "i32", 66: "i64", 67: "f32", 68: "f64" };

/** The operands of an instruction. @param opcode without the prefix, if it has one */
function operandsOf(prefix, opcode) {
  if (prefix === 0xfd) {
    if (opcode === 12) return ["v128"];
    if (opcode === 13) return ["lanes"];
    if (opcode <= 11 || opcode === 92 || opcode === 93) return memory;
    if (opcode >= 84 && opcode <= 91) return [...memory, "lane"];
    return opcode >= 21 && opcode <= 34 ? ["lane"] : [];
  }
  if (prefix === 0xfc) {
    if (opcode <= 7) return [];
    if (opcode === 10) return ["lane", "lane"]; // memory.copy
    if (opcode === 11) return ["lane"]; // memory.fill
  } else {
    if (opcode >= 0x02 && opcode <= 0x04) return ["type"];
    if (opcode === 0x0c || opcode === 0x0d) return ["label"];
    if (opcode === 0x10) return ["function"];
    if (opcode >= 0x20 && opcode <= 0x22) return ["local"];
    if (opcode === 0x23 || opcode === 0x24) return ["global"];
    if (opcode >= 0x28 && opcode <= 0x3e) return memory;
    if (opcode in constant) return [constant[opcode]];
    if (opcode < 0x1c && opcode !== 0x0e && opcode !== 0x11) return [];
    if (opcode >= 0x45 && opcode <= 0xc4) return [];
  }
  throw new Error(`The instruction ${prefix} ${opcode} is not known here.`);
}

/** A module as { head, exports, functions, tail }: bytes up to the exports, { name, kind, index }, { locals, code }, bytes behind the functions. */
export function readModule(bytes) {
  let at = 8;
  const take = count => bytes.subarray(at, (at += count));
  const leb = () => {
    const from = at;
    while (bytes[at++] > 127);
    return bytes.subarray(from, at);
  };
  const number = () => leb().reduceRight((value, byte) => value * 128 + (byte & 127), 0);
  const list = read => Array.from({ length: number() }, read);
  const section = (id, read) => {
    if (bytes[at++] !== id) throw new Error(`The section ${id} is not where it was expected.`);
    number();
    return list(read);
  };
  const instruction = () => {
    const from = at;
    const first = bytes[at++];
    const operands = first === 0xfc || first === 0xfd ? operandsOf(first, number()) : operandsOf(0, first);
    return { opcode: bytes.subarray(from, at), operands: operands.map(kind => [kind, widths[kind] ? take(widths[kind]) : leb()]) };
  };
  while (bytes[at] !== EXPORTS) {
    at++;
    take(number());
  }
  const head = bytes.subarray(0, at);
  const exports = section(EXPORTS, () => ({ name: take(number()).toString(), kind: take(1), index: leb() }));
  const functions = section(CODE, () => {
    const end = number() + at;
    const locals = list(() => take(2));
    const code = [];
    while (at < end) code.push(instruction());
    return { locals, code };
  });
  return { head, exports, functions, tail: bytes.subarray(at) };
}

/** The bytes of what `readModule` gives. */
export function writeModule({ head, exports, functions, tail }) {
  const exported = exports.map(({ name, kind, index }) => [leb128(name.length), Buffer.from(name), kind, index]);
  const bodies = functions.map(({ locals, code }) => {
    const body = join([
      leb128(locals.length),
      ...locals,
      ...code.flatMap(({ opcode, operands }) => [opcode, ...operands.map(([, bytes]) => bytes)]),
    ]);
    return [leb128(body.length), body];
  });
  return join([head, ...section(EXPORTS, exported), ...section(CODE, bodies), tail]);
}

function section(id, items) {
  const content = join([leb128(items.length), ...items.flat()]);
  return [[id], leb128(content.length), content];
}

export function leb128(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

export const join = parts => Buffer.concat(parts.map(part => Uint8Array.from(part)));
