// The only file that knows the instruction set.

/** a · b + c, on each of four lanes; rounded once in the relaxed build, twice otherwise */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
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

/** the first `count` floats at p (four when there are more), and zeros for the rest; reads nothing behind them */
export function loadTail(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  if (count === 3) return v128.load32_lane(p, v128.load64_zero(p), 2, 8);
  if (count === 2) return v128.load64_zero(p);
  if (count === 1) return v128.load32_zero(p);
  return f32x4.splat(0);
}

/** the first `count` floats of x (four when there are more) to p; writes nothing behind them */
export function storeTail(p: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(p, x);
  else {
    if (count >= 2) v128.store64_lane(p, x, 0);
    if (count === 3) v128.store32_lane(p, x, 2, 8);
    if (count === 1) v128.store32_lane(p, x, 0);
  }
}
