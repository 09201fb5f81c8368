import { join, leb128, readModule, widths } from "./wasm.js";

const END = "end";

/** What `fromColumns` in js/kernels/columns.ts makes a module of. @param names of its exports, in order */
export function toColumns(bytes, names) {
  const { head, exports, functions, tail } = readModule(bytes);
  if (exports.map(({ name }) => name).join() !== names.join()) throw new Error("The module exports something else than was declared.");
  const columns = [
    { width: 1, parts: [head] },
    { width: 1, parts: exports.flatMap(({ kind, index }) => [kind, index]) },
    { width: 1, parts: [tail] },
    { width: 1, parts: functions.flatMap(({ locals }) => [leb128(locals.length), ...locals]) },
    { width: 1, parts: [] },
  ];
  const places = new Map();
  const placeOf = operand => {
    if (!places.has(operand)) places.set(operand, columns.push({ width: widths[operand], parts: [] }) - 1);
    return places.get(operand);
  };

  const instructions = functions.flatMap(({ code }) => code.map((instruction, i) => withKey(instruction, i === code.length - 1)));
  const kinds = byFrequency(instructions);
  const numbers = new Map(kinds.map(({ key }, i) => [key, i]));
  for (const { key, operands } of instructions) {
    columns[4].parts.push([numbers.get(key)]);
    for (const [operand, bytes] of operands) columns[placeOf(operand)].parts.push(bytes);
  }
  const list = items => [leb128(items.length), ...items.flat()];
  const contents = columns.map(({ parts }) => join(parts));
  const sizes = columns.map(({ width }, i) => [leb128(contents[i].length), [width]]);
  const known = kinds.map(({ opcode, operands }) => [
    [opcode.length],
    opcode,
    [operands.length],
    operands.map(([operand]) => placeOf(operand)),
  ]);
  return join([...list(sizes), ...list(known), ...contents]);
}

/** @param isLast whether it ends a function: that is a kind of its own */
function withKey(instruction, isLast) {
  return { ...instruction, key: isLast ? END : instruction.opcode.join() };
}

/** One instruction of each kind: what ends functions, then the most frequent ones. */
function byFrequency(instructions) {
  const found = new Map();
  for (const { key, ...instruction } of instructions) found.set(key, { key, ...instruction, count: (found.get(key)?.count ?? 0) + 1 });
  const kinds = [...found.values()].sort((a, b) => (b.key === END) - (a.key === END) || b.count - a.count);
  if (kinds.length > 256) throw new Error("There are more kinds of instructions than a byte can tell apart.");
  return kinds;
}
