// Masks hold a 1 for each step that counts, and a 0 for each that is skipped.
import { loadRow, storeRow, withinRow } from "./row";

/** mask[i] = 1 where x[i] ≠ value, else 0 */
export function maskOf(mask: usize, x: usize, value: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(mask + (i << 2), load<f32>(x + (i << 2)) !== value ? 1 : 0);
}

/** mask[i] = 1 where any of x[i,n] ≠ value, else 0;  y[i,n] = mask[i] · x[i,n]; the range is over rows */
export function maskRows(y: usize, mask: usize, x: usize, n: i32, value: f32, begin: i32, end: i32): void {
  const skipped = f32x4.splat(value);
  for (let i = begin; i < end; i++) {
    const from = x + ((i * n) << 2);
    let any = i32x4.splat(0);
    for (let j = 0; j < n; j += 4) any = v128.or(any, withinRow(j, n, f32x4.ne(loadRow(from, j, n, skipped), skipped)));
    const counts = v128.any_true(any);
    store<f32>(mask + (i << 2), counts ? 1 : 0);
    if (counts) memory.copy(y + ((i * n) << 2), from, n << 2);
    else memory.fill(y + ((i * n) << 2), 0, n << 2);
  }
}

/** y[i,n] = factors[i] · x[i,n]; y may be x; the range is over rows */
export function multiplyRows(y: usize, x: usize, factors: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let i = begin; i < end; i++) {
    const factor = v128.load32_splat(factors + (i << 2));
    const at = (i * n) << 2;
    for (let j = 0; j < n; j += 4) storeRow(y + at, j, n, f32x4.mul(factor, loadRow(x + at, j, n, zero)));
  }
}

/** out[n] = mask[n] · weights[n] · n / Σ mask, where weights 0 stands for ones: a mean over n is then one over what counts. All 0 without any. */
export function maskWeights(out: usize, mask: usize, weights: usize, n: i32): void {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += load<f32>(mask + (i << 2));
  const factor: f32 = sum > 0 ? <f32>(<f64>n / sum) : 0;
  for (let i = 0; i < n; i++) {
    const weight: f32 = weights ? load<f32>(weights + (i << 2)) : 1;
    store<f32>(out + (i << 2), load<f32>(mask + (i << 2)) * weight * factor);
  }
}
