// What is known of each vector instruction: what it takes its operands' lanes for, and what those of its result are.
import { isVector } from "./ir.js";

const KINDS = { f32x4: "f32", i32x4: "i32", f64x2: "f64" };
const COMPARISON = /^(eq|ne|[lg][te](_[su])?)$/;
const ARITHMETIC = /^(abs|neg|sqrt|ceil|floor|trunc|nearest|add|sub|mul|div|min|max|pmin|pmax|splat|shl|shr_s|shr_u)$/;

/**
 * Adds to a vector instruction what is known of it: { gives, operands: [{ value, as }], isLanewise }, its operands being those that are vectors.
 * Lanes are "f32", "i32", "f64" or "bool" (a mask: all bits of a lane or none). "any" are lanes that are only moved, and are what their other uses say;
 * "raw" are those of memory, which may be anything; "bits" are combined bit by bit.
 * @throws with its name when it is not known
 */
export function describe(instruction) {
  const { kind, op, value, left, right, vec } = instruction;
  const known = (gives, as, values, isLanewise = true) => {
    const operands = values.filter(isVector).map((value, i) => ({ value, as: Array.isArray(as) ? as[i] : as }));
    return { ...instruction, gives, operands, isLanewise };
  };
  const [shape, name] = op.split(".");
  const lanes = KINDS[shape];
  switch (kind) {
    case "LocalGet":
      return known("any", "any", [instruction.expression]);
    case "Const":
      return known("any", "any", []);
    case "Select":
      return known("any", "any", [instruction.ifTrue, instruction.ifFalse]);
    case "Call":
      return known("any", "any", instruction.operands);
    case "Store":
      return known("none", "any", [value], false);
    case "SIMDShuffle":
      return known("any", "any", [left, right], false);
    case "SIMDExtract":
    case "SIMDReplace":
      if (lanes) return known(lanes, lanes, [vec], false);
      break;
    case "SIMDShift":
      if (lanes && ARITHMETIC.test(name)) return known(lanes, lanes, [vec]);
      break;
    case "Load":
    case "SIMDLoad":
      if (/^v128\.load(32_splat|32_zero|64_zero)?$/.test(op)) return known("raw", "any", [], false);
      break;
    case "SIMDLoadStoreLane":
      if (/^v128\.(load|store)(32|64)_lane$/.test(op)) return known("raw", "any", [vec], false);
      break;
    case "SIMDTernary":
      if (op === "v128.bitselect") return known("any", ["any", "any", "bits"], [instruction.a, instruction.b, instruction.c]);
      break;
    case "Unary":
      if (op === "v128.any_true") return known("none", "bits", [value], false);
      if (op === "v128.not") return known("bits", "bits", [value]);
      if (op === "f32x4.convert_i32x4_s") return known("f32", "i32", [value]);
      if (op === "f64x2.promote_low_f32x4") return known("f64", "f32", [value], false);
      if (lanes && ARITHMETIC.test(name)) return known(lanes, lanes, [value]);
      break;
    case "Binary":
      if (/^v128\.(and|andnot|or|xor)$/.test(op)) return known("bits", "bits", [left, right]);
      if (/^i64x2\.extmul_(low|high)_i32x4_u$/.test(op)) return known("i32", "i32", [left, right], false);
      if (op === "i8x16.swizzle") return known("any", ["any", "i32"], [left, right], false);
      if (lanes && COMPARISON.test(name)) return known("bool", lanes, [left, right]);
      if (lanes && ARITHMETIC.test(name)) return known(lanes, lanes, [left, right]);
  }
  throw new Error(`There is no scalar form of ${op} (${kind}) yet: scripts/scalar/ needs one.`);
}

/** The bytes of a vector constant, as four words. */
export function wordsOf({ value }) {
  return [...new Int32Array(Uint8Array.from(value).buffer)];
}
