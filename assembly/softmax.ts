import { loadRow, rowExp, rowMax, rowScale, rowSum, storeRow } from "./row";
import { exp, log, madd, reduceAdd } from "./simd";

/** y[r,:] = e^(x[r,:] - m) / Σ e^(x[r,:] - m) with m = max x[r,:], for rows r in [begin, end) of n; y may be x */
export function softmax(y: usize, x: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const from = x + ((row * n) << 2);
    const to = y + ((row * n) << 2);
    rowScale(to, to, 1 / rowExp(to, from, rowMax(from, n), n), n);
  }
}

/** dx[r,:] = y[r,:] · (dy[r,:] - Σ dy[r,:] · y[r,:]), for rows r in [begin, end) of n; dx may be dy */
export function softmaxGrad(dx: usize, dy: usize, y: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    let sums = zero;
    for (let i = 0; i < n; i += 4) sums = madd(loadRow(dy + at, i, n, zero), loadRow(y + at, i, n, zero), sums);
    const mean = f32x4.splat(reduceAdd(sums));
    for (let i = 0; i < n; i += 4) {
      const d = f32x4.sub(loadRow(dy + at, i, n, zero), mean);
      storeRow(dx + at, i, n, f32x4.mul(loadRow(y + at, i, n, zero), d));
    }
  }
}

/** y[r,:] = x[r,:] - m - ln Σ e^(x[r,:] - m) with m = max x[r,:], for rows r in [begin, end) of n; y may be x */
export function logSoftmax(y: usize, x: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const most = rowMax(x + at, n);
    const logSum = log(f32x4.splat(rowExp(0, x + at, most, n)));
    for (let i = 0; i < n; i += 4) {
      storeRow(y + at, i, n, f32x4.sub(f32x4.sub(loadRow(x + at, i, n, zero), f32x4.splat(most)), logSum));
    }
  }
}

/** dx[r,:] = dy[r,:] - e^y[r,:] · Σ dy[r,:], for rows r in [begin, end) of n; dx may be dy */
export function logSoftmaxGrad(dx: usize, dy: usize, y: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const total = f32x4.splat(rowSum(dy + at, n));
    for (let i = 0; i < n; i += 4) {
      const share = f32x4.mul(exp(loadRow(y + at, i, n, zero)), total);
      storeRow(dx + at, i, n, f32x4.sub(loadRow(dy + at, i, n, zero), share));
    }
  }
}
