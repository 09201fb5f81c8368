// Vectors as scalars. A lane is a function that makes its expression, since an expression has one place only.
import { types } from "./ir.js";
import { wordsOf } from "./vectors.js";

const NOTHING = { f32: m => m.f32.const(0), i32: m => m.i32.const(0), f64: m => m.f64.const(0), bool: m => m.i32.const(0) };
const EVERYTHING = { f32: m => m.f32.const(Number.NaN), i32: m => m.i32.const(-1), bool: m => m.i32.const(1) };

/** The lanes of a vector, all of one kind. */
export class Lanes {
  constructor(m, kind, lanes) {
    this.m = m;
    this.kind = kind;
    this.lanes = lanes;
  }

  /** Whether each lane is all bits or none. */
  get isMask() {
    return this.kind === "bool";
  }

  /** The same bits as another kind. */
  as(kind) {
    return kind === this.kind
      ? this
      : new Lanes(
          this.m,
          kind,
          this.lanes.map(lane => convert(this.m, lane, this.kind, kind)),
        );
  }

  at(lane) {
    return this.lanes[lane]();
  }
}

/** A constant: its bits are of any kind. */
export class ConstantLanes {
  constructor(m, value, width) {
    this.m = m;
    this.words = wordsOf(value);
    this.width = width;
  }

  get kind() {
    return "i32";
  }

  get isMask() {
    return this.words.every(word => word === 0 || word === -1);
  }

  as(kind) {
    const { m, words, width } = this;
    const bits = new DataView(Int32Array.from(words).buffer);
    const make = {
      i32: i => m.i32.const(words[i]),
      bool: i => m.i32.const(-words[i]),
      f32: i => m.f32.const(bits.getFloat32(4 * i, true)),
      f64: i => m.f64.const(bits.getFloat64(8 * i, true)),
    }[kind];
    return new Lanes(
      m,
      kind,
      Array.from({ length: Math.min(width, kind === "f64" ? 2 : 4) }, (_, i) => () => make(i)),
    );
  }
}

/** @throws between lanes of different sizes */
function convert(m, lane, from, to) {
  const bits = { i32: lane, bool: () => m.i32.sub(m.i32.const(0), lane()), f32: () => m.i32.reinterpret(lane()) }[from];
  if (bits && to === "i32") return bits;
  if (bits && to === "f32") return () => m.f32.reinterpret(bits());
  throw new Error(`Lanes of ${from} are taken for ${to}, which has no scalar form yet.`);
}

/** One of two vectors, lane by lane. */
export function selectLanes(mask, yes, no) {
  const { m } = mask;
  return new Lanes(
    m,
    yes.kind,
    mask.lanes.map((_, i) => () => m.select(mask.at(i), yes.at(i), no.at(i))),
  );
}

/** mask ? a : b, bit by bit */
export function selectBits(mask, a, b, kind) {
  if (mask.isMask) return selectLanes(mask.as("bool"), a.as(kind), b.as(kind));
  const { m } = mask;
  const [bits, yes, no] = [mask, a, b].map(lanes => lanes.as("i32"));
  const not = i => m.i32.xor(bits.at(i), m.i32.const(-1));
  const lanes = bits.lanes.map((_, i) => () => m.i32.or(m.i32.and(yes.at(i), bits.at(i)), m.i32.and(no.at(i), not(i))));
  return new Lanes(m, "i32", lanes).as(kind);
}

/** and, or, xor, not, andnot (a and not b) */
export function combineBits(op, [a, b], kind) {
  const { m } = a;
  const mask = [b, a].find(operand => operand?.isMask);
  const numbers = [a, b].find(operand => operand && !operand.isMask);
  if (mask && numbers && (op === "and" || op === "or" || (op === "andnot" && mask === b))) {
    const [chosen, kept] = [mask.as("bool"), numbers.as(kind)];
    const fixed = new Lanes(
      m,
      kind,
      kept.lanes.map(() => () => (op === "or" ? EVERYTHING : NOTHING)[kind](m)),
    );
    return op === "and" ? selectLanes(chosen, kept, fixed) : selectLanes(chosen, fixed, kept);
  }
  const common = numbers ? "i32" : "bool";
  const [left, right] = [a.as(common), b?.as(common)];
  const not = lane => (numbers ? m.i32.xor(lane, m.i32.const(-1)) : m.i32.eqz(lane));
  const make = {
    not: i => not(left.at(i)),
    andnot: i => m.i32.and(left.at(i), not(right.at(i))),
  }[op];
  return new Lanes(
    m,
    common,
    left.lanes.map((_, i) => () => (make ? make(i) : m.i32[op](left.at(i), right.at(i)))),
  ).as(kind);
}

/** Whole lanes, by the numbers of their first bytes; beyond the last one it is 0. option() of assembly/map.ts asks for this, and nothing else does. */
export function pickLanes(from, indices) {
  const { m, kind } = from;
  const isAt = (index, lane) => m.i32.eq(m.i32.and(index(), m.i32.const(0xff)), m.i32.const(4 * lane));
  const pick = index => () => from.lanes.reduceRight((rest, lane, i) => m.select(isAt(index, i), lane(), rest), NOTHING[kind](m));
  return new Lanes(m, kind, indices.lanes.map(pick));
}

/** The lanes of two vectors one behind the other. @param mask the bytes of a shuffle @throws when it does not move whole lanes */
export function shuffleLanes(a, b, mask) {
  const numbers = [0, 4, 8, 12].map(at => mask[at] / 4);
  const isWhole = mask.every((byte, i) => byte === 4 * numbers[i >> 2] + (i & 3));
  if (!isWhole) throw new Error(`A shuffle of bytes has no scalar form yet: ${mask}.`);
  const both = [...a.lanes, ...b.lanes];
  return new Lanes(
    a.m,
    a.kind,
    numbers.map(number => both[number]),
  );
}

/** The operation of an instruction on numbers. @param scalars its operands that are no vectors, as functions */
export function calculate(m, instruction, operands, scalars, width) {
  const { op, gives } = instruction;
  const [shape, name] = op.split(".");
  const [a, b] = operands;
  const each = make =>
    new Lanes(
      m,
      gives,
      a.lanes.map((_, i) => () => make(i)),
    );
  const type = m[{ f32x4: "f32", i32x4: "i32", f64x2: "f64" }[shape]];
  if (name === "splat") return new Lanes(m, gives, Array(gives === "f64" ? 2 : width).fill(scalars[0]));
  if (name === "replace_lane") return each(i => (i === instruction.index ? scalars[0]() : a.at(i)));
  if (name === "convert_i32x4_s") return each(i => m.f32.convert_s.i32(a.at(i)));
  if (name === "promote_low_f32x4")
    return new Lanes(
      m,
      gives,
      [0, 1].map(i => () => m.f64.promote(a.at(i))),
    );
  if (name === "pmin") return each(i => m.select(type.lt(b.at(i), a.at(i)), b.at(i), a.at(i)));
  if (name === "pmax") return each(i => m.select(type.lt(a.at(i), b.at(i)), b.at(i), a.at(i)));
  if (name.startsWith("extmul")) {
    const high = i => m.call("mulHigh", [a.at(i), b.at(i)], types.i32);
    const pair = name.includes("high") ? [2, 3] : [0, 1];
    return new Lanes(
      m,
      gives,
      pair.flatMap(i => [() => m.i32.mul(a.at(i), b.at(i)), () => high(i)]),
    );
  }
  if (instruction.kind === "SIMDShift") return each(i => type[name](a.at(i), scalars[0]()));
  return each(i => type[name](...operands.map(operand => operand.at(i))));
}
