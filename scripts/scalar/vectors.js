// What is known of each vector instruction: what it takes its operands' lanes for, and what those of its result are.
import { isVector, read } from "./ir.js";

const KINDS = { f32x4: "f32", i32x4: "i32", f64x2: "f64" };
const COMPARISON = /^(eq|ne|[lg][te](_[su])?)$/;
const ARITHMETIC = /^(abs|neg|sqrt|ceil|floor|trunc|nearest|add|sub|mul|div|min|max|pmin|pmax|shl|shr_s|shr_u)$/;
const BITWISE = /^(and|andnot|or|xor|not)$/;

/**
 * A vector instruction: { op, gives, operands: [{ value, as }], isLanewise }.
 * Lanes are "f32", "i32", "f64" or "bool" (a mask: all bits of a lane or none). "any" are lanes that are moved only, which are what their other uses
 * say; "bits" are those that are combined bit by bit.
 */
export function describe(expression) {
  const instruction = typeof expression === "number" ? read(expression) : expression;
  const { kind, op: name, value, left, right, vec, a, b, c, ifTrue, ifFalse, operands } = instruction;
  const given = (gives, as, values, isLanewise = true) => ({
    ...instruction,
    gives,
    operands: values.filter(isVector).map(value => ({ value, as })),
    isLanewise,
  });
  const [shape, op] = name.split(".");
  const lanes = KINDS[shape];
  switch (kind) {
    case "LocalGet":
      return given("any", "any", [instruction.expression]);
    case "Const":
      return given("any", "any", []);
    case "Select":
      return given("any", "any", [ifTrue, ifFalse]);
    case "Call":
      return given("any", "any", operands);
    case "SIMDShuffle":
      return given("any", "any", [left, right], false);
    case "SIMDExtract":
    case "SIMDReplace":
      if (lanes) return given(lanes, lanes, [vec], false);
      break;
    case "SIMDShift":
      if (lanes && ARITHMETIC.test(op)) return given(lanes, lanes, [vec]);
      break;
    case "Load":
    case "SIMDLoad":
      if (["v128.load", "v128.load32_splat", "v128.load32_zero", "v128.load64_zero"].includes(name))
        return given("memory", "any", [], false);
      break;
    case "SIMDLoadStoreLane":
      if (/^v128\.(load|store)(32|64)_lane$/.test(name)) return given("memory", "any", [vec], false);
      break;
    case "Store":
      return given("none", "any", [value], false);
    case "SIMDTernary":
      if (name === "v128.bitselect") {
        const all = given("any", "any", [a, b]);
        return { ...all, operands: [...all.operands, { value: c, as: "bits" }] };
      }
      break;
    case "Unary":
    case "Binary": {
      const values = kind === "Unary" ? [value] : [left, right];
      if (name === "v128.any_true") return given("none", "bits", values, false);
      if (shape === "v128" && BITWISE.test(op)) return given("bits", "bits", values);
      if (name === "f32x4.convert_i32x4_s") return given("f32", "i32", values);
      if (name === "f64x2.promote_low_f32x4") return given("f64", "f32", values, false);
      if (/^i64x2\.extmul_(low|high)_i32x4_u$/.test(name)) return given("i32", "i32", values, false);
      if (name === "i8x16.swizzle") {
        return { ...given("any", "any", [left], false), operands: [left, right].map((value, i) => ({ value, as: i ? "i32" : "any" })) };
      }
      if (lanes && COMPARISON.test(op)) return given("bool", lanes, values);
      if (lanes && (ARITHMETIC.test(op) || op === "splat")) return given(lanes, lanes, values);
    }
  }
  throw new Error(`There is no scalar form of ${name} (${kind}) yet: scripts/scalar/ needs one.`);
}

/** The bytes of a vector constant, as four words. */
export function wordsOf({ value }) {
  return [...new Int32Array(Uint8Array.from(value).buffer)];
}
