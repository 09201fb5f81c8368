import { isVector, read, statements, types } from "./ir.js";
import { describe, wordsOf } from "./vectors.js";

/** The names of functions that give a vector of what they do to each lane of theirs: they can be called for one lane after the other. */
export function findLanewise(functions) {
  const found = new Set(functions.filter(({ results }) => results === types.v128).map(({ name }) => name));
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { name, body } of functions) if (found.has(name) && ![...statements(body)].every(isFit)) found.delete(name);
  }
  return found;

  function isFit({ kind, value: expression }) {
    if (["Nop", "Break", "Unreachable"].includes(kind)) return true;
    if (kind !== "LocalSet" && kind !== "Return") return false;
    const value = read(expression);
    if (value.kind === "Call") return found.has(value.target) && value.operands.every(isTheSameOnAll);
    if (!isVector(expression)) return value.kind !== "Load" && !value.kind.startsWith("SIMD") && value.op !== "v128.any_true";
    const { isLanewise, gives, operands } = describe(value);
    return isLanewise && gives !== "f64" && [expression, ...operands.map(({ value }) => value)].every(isTheSameOnAll);
  }
}

/** Whether a value is no constant with lanes that differ. */
function isTheSameOnAll(expression) {
  const value = read(expression);
  return value.kind !== "Const" || !isVector(expression) || new Set(wordsOf(value)).size === 1;
}
