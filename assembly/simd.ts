// The only file that knows the instruction set.

/**
 * a · b + c, on each of four lanes; rounded once in the relaxed build, twice otherwise. The only relaxed instruction here: relaxed min and max
 * may lose a NaN, which is to stay one, and on x64 pmin and pmax are one instruction already.
 */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** x, or 0 where |x| < 2^-100, which is far above the subnormal numbers */
export function flush(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(7.888609052210118e-31)));
}

/** whether an address can hold a vector */
export function aligned(pointer: usize): bool {
  return (pointer & 15) === 0;
}

/** the smallest number of elements that is n or more and fills vectors: both ends of a range are rounded so, and any split stays one */
export function wholeVectors(n: i32): i32 {
  return (n + 3) & ~3;
}

/** the sum of the four lanes, pairwise: (0 + 2) + (1 + 3) */
export function reduceAdd(x: v128): f32 {
  const pairs = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** the largest of the four lanes; NaN wins nothing */
export function reduceMax(x: v128): f32 {
  const pairs = f32x4.pmax(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  const a = f32x4.extract_lane(pairs, 0);
  const b = f32x4.extract_lane(pairs, 1);
  return max(a, b);
}

/** the first `count` (1 to 3) lanes from memory and `rest` in the others, without a read past them */
export function loadLanes(pointer: usize, count: i32, rest: v128): v128 {
  if (count === 1) return v128.load_lane<f32>(pointer, rest, 0);
  const two = v128.load_lane<f64>(pointer, rest, 0);
  return count === 2 ? two : v128.load_lane<f32>(pointer + 8, two, 2);
}

/** writes the first `count` (1 to 3) lanes and nothing behind them */
export function storeLanes(pointer: usize, x: v128, count: i32): void {
  if (count === 1) {
    v128.store_lane<f32>(pointer, x, 0);
  } else {
    v128.store_lane<f64>(pointer, x, 0);
    if (count === 3) v128.store_lane<f32>(pointer + 8, x, 2);
  }
}

/** the first `count` floats at p (four when there are more), and zeros for the rest; reads nothing behind them */
export function loadTail(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  return count > 0 ? loadLanes(p, count, f32x4.splat(0)) : f32x4.splat(0);
}

/** the first `count` floats of x (four when there are more) to p; writes nothing behind them */
export function storeTail(p: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(p, x);
  else if (count > 0) storeLanes(p, x, count);
}

// Functions. NaN stays NaN in all of them: in pmin(x, bound) and pmax(x, bound) the first operand wins where no comparison holds.
// Coefficients are minimax fits (Remez exchange in 40 digits) made for this file, with the exact leading terms held fixed.

/** 1.5 · 2^23: adding it rounds to a whole number, which then stands in the lowest bits of the sum */
const ROUNDER: f32 = 12582912;

/** x = n·ln 2 + r with whole n and |r| ≤ ln 2 / 2: the sum of n and ROUNDER */
function wholeLog2(x: v128): v128 {
  return madd(x, f32x4.splat(Mathf.LOG2E), f32x4.splat(ROUNDER));
}

/** r of the same x, from that sum; ln 2 comes in two parts, and n times the first is exact */
function restOfLog2(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  return madd(n, f32x4.splat(2.12194440054691e-4), madd(n, f32x4.splat(-0.693359375), x));
}

/** (2e^r - 2) / r = 2 + r·q(r) for |r| ≤ ln 2 / 2, q of degree 4 (relative error of e^r: 3.1e-9) */
function expSlope(r: v128): v128 {
  let p = madd(r, f32x4.splat(2 * 0.00138146135492), f32x4.splat(2 * 0.00836870983589));
  p = madd(r, p, f32x4.splat(2 * 0.0416683873617));
  p = madd(r, p, f32x4.splat(2 * 0.166665206897));
  p = madd(r, p, f32x4.splat(2 * 0.499999934517));
  return madd(r, p, f32x4.splat(2));
}

/** e^x = 2e^r · 2^(n-1): at most 1.2 ulp; overflows to Infinity where float32 does, and is 0 from e^x < 2^-125.5 down: no subnormal numbers */
export function exp(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.9)), f32x4.splat(-87.5));
  const shifted = wholeLog2(bounded);
  const r = restOfLog2(bounded, shifted);
  // 2^(n-1) has the exponent bits n + 126; n = -126 gives 0
  return f32x4.mul(madd(r, expSlope(r), f32x4.splat(2)), i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(126 << 23)));
}

/** e^x - 1 = 2^n · (e^r - 1) + (2^n - 1) for x ≤ 88: at most 2 ulp, near 0 too */
export function expm1(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(-87));
  const shifted = wholeLog2(bounded);
  const r = restOfLog2(bounded, shifted);
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  const small = f32x4.mul(f32x4.mul(r, f32x4.splat(0.5)), expSlope(r));
  return madd(small, power, f32x4.sub(power, f32x4.splat(1)));
}

/**
 * ln x: at most 1 ulp for normal x; -Infinity at 0 (and for subnormal x), NaN below it, Infinity at Infinity.
 * x = 2^e · (1 + f) with 1 + f in [√½, √2);  with s = f / (2 + f):  ln(1 + f) = f - f²/2 + s(f²/2 + R(s²)), R of three terms (error 4e-10).
 */
export function log(x: v128): v128 {
  const SQRT_HALF: i32 = 0x3f3504f3;
  const bits = i32x4.sub(x, i32x4.splat(SQRT_HALF));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const f = f32x4.sub(i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(SQRT_HALF)), f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  const half = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
  let series = madd(z, f32x4.splat(0.298730730835), f32x4.splat(0.399774955872));
  series = madd(z, series, f32x4.splat(0.66666776717));
  const small = madd(s, madd(z, series, half), f32x4.mul(e, f32x4.splat(-2.12194440054691e-4)));
  let y = madd(e, f32x4.splat(0.693359375), f32x4.sub(f, f32x4.sub(half, small)));
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.lt(x, f32x4.splat(f32.MIN_NORMAL_VALUE)));
  return v128.or(y, f32x4.lt(x, f32x4.splat(0)));
}

/**
 * ln(1 + u) for 0 ≤ u ≤ 1: at most 2 ulp.
 * With s = u / (2 + u) ≤ 1/3:  2s + s³q(s²), q of degree 3 (relative error 4.6e-9).
 */
export function log1p(u: v128): v128 {
  const s = f32x4.div(u, f32x4.add(u, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let q = madd(z, f32x4.splat(0.280244556835), f32x4.splat(0.279991418077));
  q = madd(z, q, f32x4.splat(0.400216990086));
  q = madd(z, q, f32x4.splat(0.666664131337));
  return madd(f32x4.mul(s, z), q, f32x4.add(s, s));
}

/**
 * tanh x: at most 6 ulp, and never beyond ±1.
 * x·P(x²) / Q(x²), both of degree 4 with leading 1 (relative error 2.2e-8 for |x| ≤ 9.02; from there on it passes ±1, and is cut).
 */
export function tanh(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(9.6)), f32x4.splat(-9.6));
  const z = f32x4.mul(bounded, bounded);
  let p = madd(z, f32x4.splat(1.3384301374e-8), f32x4.splat(2.06358298247e-5));
  p = madd(z, p, f32x4.splat(0.00349745811554));
  p = madd(z, p, f32x4.splat(0.133826876315));
  p = madd(z, p, f32x4.splat(1));
  let q = madd(z, f32x4.splat(7.79025342374e-7), f32x4.splat(0.000328851807474));
  q = madd(z, q, f32x4.splat(0.0258843625894));
  q = madd(z, q, f32x4.splat(0.467160088787));
  q = madd(z, q, f32x4.splat(1));
  const y = f32x4.div(f32x4.mul(bounded, p), q);
  return f32x4.pmax(f32x4.pmin(y, f32x4.splat(1)), f32x4.splat(-1));
}

/** sigmoid x = 1 / (1 + e^-x): at most 2.5 ulp for x ≥ -87 (below, float32 has subnormal numbers only, and this goes to 0) */
export function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp(f32x4.neg(x))));
}

/**
 * sin 2πx for |x| < 2^22: the error is at most 2.1e-7 beyond that of x.
 * With s the distance of x to the nearest multiple of ½:  s·q(s²), q of degree 4 (relative error 5.3e-9), with the sign of x's half turn.
 */
export function sin2pi(x: v128): v128 {
  const turn = f32x4.sub(x, f32x4.nearest(x));
  const half = f32x4.abs(turn);
  const s = f32x4.pmin(half, f32x4.sub(f32x4.splat(0.5), half));
  const z = f32x4.mul(s, s);
  let q = madd(z, f32x4.splat(39.7109184608), f32x4.splat(-76.5749921845));
  q = madd(z, q, f32x4.splat(81.6022312409));
  q = madd(z, q, f32x4.splat(-41.3416774784));
  q = madd(z, q, f32x4.splat(6.28318527379));
  return v128.or(f32x4.mul(s, q), v128.and(turn, f32x4.splat(-0.0)));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|): at most 3 ulp for x ≥ -87 (below, it goes to 0) */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/**
 * erf x: at most 3 ulp, and never beyond ±1.
 * erf t = 1 - e^(-t·p(t)) for 0 ≤ t ≤ 3.95, p of degree 8 (relative error of erf 4.0e-9); from there on erf rounds to 1.
 */
export function erf(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(3.95));
  let p = madd(t, f32x4.splat(-9.256259895756e-6), f32x4.splat(0.0001176412362533));
  p = madd(t, p, f32x4.splat(-0.0006328367664916));
  p = madd(t, p, f32x4.splat(0.001667027351472));
  p = madd(t, p, f32x4.splat(-0.000160395992667));
  p = madd(t, p, f32x4.splat(-0.01915306393085));
  p = madd(t, p, f32x4.splat(0.1027778305136));
  p = madd(t, p, f32x4.splat(0.6366193819662));
  p = madd(t, p, f32x4.splat(1.128379171611));
  const y = f32x4.abs(expm1(f32x4.neg(f32x4.mul(t, p))));
  return v128.or(y, v128.and(x, f32x4.splat(-0.0)));
}

/** x^a = e^(a·ln x) for 0 ≤ x ≤ 1: an error of about (1 + |a·ln x|) ulp; 0^0 is 1, as 0^a is 0 for a > 0 */
export function power(x: v128, a: v128): v128 {
  const y = exp(f32x4.mul(a, log(x)));
  return v128.bitselect(f32x4.splat(1), y, f32x4.eq(a, f32x4.splat(0)));
}
