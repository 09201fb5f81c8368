// The rows' projection onto the simplex (Martins and Astudillo, 2016), rows r in [begin, end) of n.
import { loadRow, rowMax, storeRow } from "./row";
import { reduceAdd } from "./simd";

/**
 * y[r,:] = max(x[r,:] - τ, 0), with τ such that the row adds up to 1; y may be x
 * Newton's steps from below (Michelot, 1986): the mean excess of the numbers above τ moves it up, until none drops out.
 */
export function sparsemax(y: usize, x: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  const lowest = f32x4.splat(-Infinity);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const most = f32x4.splat(rowMax(x + at, n));
    let tau: f32 = -1; // below the maximum; the solution is not lower
    for (;;) {
      let sums = zero;
      let counts = zero;
      for (let i = 0; i < n; i += 4) {
        const over = f32x4.sub(f32x4.sub(loadRow(x + at, i, n, lowest), most), f32x4.splat(tau));
        const isOver = f32x4.gt(over, zero);
        sums = f32x4.add(sums, v128.and(over, isOver));
        counts = f32x4.add(counts, v128.and(f32x4.splat(1), isOver));
      }
      const next: f32 = tau + (reduceAdd(sums) - 1) / reduceAdd(counts);
      if (!(next > tau)) break;
      tau = next;
    }
    for (let i = 0; i < n; i += 4) {
      const over = f32x4.sub(f32x4.sub(loadRow(x + at, i, n, lowest), most), f32x4.splat(tau));
      storeRow(y + at, i, n, f32x4.pmax(over, zero));
    }
  }
}

/** dx[r,:] = dy[r,:] - their mean, both where y[r,:] > 0, else 0; dx may be dy */
export function sparsemaxGrad(dx: usize, dy: usize, y: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    let sums = zero;
    let counts = zero;
    for (let i = 0; i < n; i += 4) {
      const isOver = f32x4.gt(loadRow(y + at, i, n, zero), zero);
      sums = f32x4.add(sums, v128.and(loadRow(dy + at, i, n, zero), isOver));
      counts = f32x4.add(counts, v128.and(f32x4.splat(1), isOver));
    }
    const mean = f32x4.splat(reduceAdd(sums) / reduceAdd(counts));
    for (let i = 0; i < n; i += 4) {
      const isOver = f32x4.gt(loadRow(y + at, i, n, zero), zero);
      storeRow(dx + at, i, n, v128.and(f32x4.sub(loadRow(dy + at, i, n, zero), mean), isOver));
    }
  }
}
