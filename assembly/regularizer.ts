import { loadRow } from "./row";
import { aligned, madd, wholeVectors } from "./simd";

/** penalty[0] += l1 · Σ |w[n]| + l2 · Σ w[n]², in float64 */
export function l1l2(penalty: usize, w: usize, l1: f32, l2: f32, n: i32): void {
  const zero = f32x4.splat(0);
  let absolute = f64x2.splat(0);
  let squared = f64x2.splat(0);
  for (let i = 0; i < n; i += 4) {
    const x = loadRow(w, i, n, zero);
    const low = f64x2.promote_low_f32x4(x);
    const high = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0));
    absolute = f64x2.add(absolute, f64x2.add(f64x2.abs(low), f64x2.abs(high)));
    squared = f64x2.add(squared, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
  }
  const sum = f64x2.add(f64x2.mul(absolute, f64x2.splat(l1)), f64x2.mul(squared, f64x2.splat(l2)));
  store<f64>(penalty, load<f64>(penalty) + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** dw[i] += l1 · sign(w[i]) + 2 · l2 · w[i], for elements [begin, end); sign(0) = 0 */
export function l1l2Grad(dw: usize, w: usize, l1: f32, l2: f32, begin: i32, end: i32): void {
  assert(aligned(dw) && aligned(w), "dw and w must be aligned to 16 bytes");
  const zero = f32x4.splat(0);
  const up = f32x4.splat(l1);
  const slope = f32x4.splat(2 * l2);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const x = v128.load(w + i);
    const sign = f32x4.sub(v128.and(f32x4.gt(x, zero), up), v128.and(f32x4.lt(x, zero), up));
    v128.store(dw + i, f32x4.add(v128.load(dw + i), madd(x, slope, sign)));
  }
}
