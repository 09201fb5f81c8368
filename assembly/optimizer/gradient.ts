// What happens around an update: gradients are gathered over several batches and clipped, weights decay, and their average is kept.
import { aligned, madd, wholeVectors } from "../simd";

/** dw = (dw + sum) / count;  sum = 0, for elements [begin, end) */
export function meanGradient(dw: usize, sum: usize, count: f32, begin: i32, end: i32): void {
  assert(aligned(dw) && aligned(sum), "dw and sum must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(dw + i, f32x4.div(f32x4.add(v128.load(dw + i), v128.load(sum + i)), f32x4.splat(count)));
    v128.store(sum + i, f32x4.splat(0));
  }
}

/** x = clip(x, ±limit), for elements [begin, end) */
export function clipValue(x: usize, limit: f32, begin: i32, end: i32): void {
  assert(aligned(x), "x must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(x + i, f32x4.pmax(f32x4.pmin(v128.load(x + i), f32x4.splat(limit)), f32x4.splat(-limit)));
  }
}

/** how many squares are added up before their sum is stored: the sum's shape must not depend on how the range is split */
const CHUNK = 4096;

/** sums[c] = Σ x[4096 c : 4096 (c + 1)]², in float64, for chunks c in [begin, end) of x[n] */
export function squareSums(sums: usize, x: usize, n: i32, begin: i32, end: i32): void {
  for (let chunk = begin; chunk < end; chunk++) {
    const first = chunk * CHUNK;
    const count = min(CHUNK, n - first);
    const last = x + ((first + count - (count & 3)) << 2);
    let low = f64x2.splat(0);
    let high = low;
    for (let at = x + (first << 2); at < last; at += 16) {
      const a = f64x2.promote_low_f32x4(v128.load64_zero(at));
      const b = f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (let i = count & ~3; i < count; ++i) {
      const value = <f64>load<f32>(x + ((first + i) << 2));
      sum += value * value;
    }
    store<f64>(sums + (chunk << 3), sum);
  }
}

/** factor[0] = limit / max(√Σ sums[n], limit) */
export function clipFactor(factor: usize, sums: usize, n: i32, limit: f64): void {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += load<f64>(sums + (i << 3));
  const norm = sqrt(sum);
  store<f32>(factor, <f32>(limit / max(norm, limit)));
}

/** x *= factor[0], for elements [begin, end) */
export function scaleBy(x: usize, factor: usize, begin: i32, end: i32): void {
  assert(aligned(x), "x must be aligned to 16 bytes");
  const by = f32x4.splat(load<f32>(factor));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(x + i, f32x4.mul(v128.load(x + i), by));
}

/** w -= amount[0] · w, for elements [begin, end) */
export function decay(w: usize, amount: usize, begin: i32, end: i32): void {
  assert(aligned(w), "w must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(amount));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(w + i, madd(v128.load(w + i), down, v128.load(w + i)));
}

/** average = (1 - share[0]) · average + share[0] · x, for elements [begin, end) */
export function movingAverage(average: usize, x: usize, share: usize, begin: i32, end: i32): void {
  assert(aligned(average) && aligned(x), "average and x must be aligned to 16 bytes");
  const part = f32x4.splat(load<f32>(share));
  const rest = f32x4.sub(f32x4.splat(1), part);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(average + i, madd(v128.load(average + i), rest, f32x4.mul(v128.load(x + i), part)));
  }
}
