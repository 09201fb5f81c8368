// The loop of the losses that go element by element. For rows r in [begin, end) of n:
//   losses[r] = share · Σ loss(y[r,:], target[r,:])
//   dy[r,:]   = share · loss'(y[r,:], target[r,:]) · weights[r] · scale, unless dy is 0; weights 0 stands for ones; dy may be y
// A loss is an unmanaged class with `f` and `df`, to y; their last operand holds the loss's options, one on each lane, or one on all.
import { loadRow, rowWeight, withinRow } from "../row";
import { flush, reduceAdd, storeLanes } from "../simd";

/**
 * dy[i:i+4] = slope · weight, up to the end of a row of n. Below 2^-100 it is 0: what it makes on its way back would be subnormal, which
 * processors take a hundred times as long for.
 */
export function storeGradient(dy: usize, i: i32, n: i32, slope: v128, weight: v128): void {
  const gradient = flush(f32x4.mul(slope, weight));
  const to = dy + (i << 2);
  if (i + 4 <= n) v128.store(to, gradient);
  else storeLanes(to, gradient, n - i);
}

export function elements<Loss>(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
  options: v128 = f32x4.splat(0),
  isMean: bool = true,
): void {
  const share: f32 = isMean ? 1 / <f32>n : 1;
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const weight = f32x4.splat(rowWeight(weights, row, scale) * share);
    const zero = f32x4.splat(0);
    let sums = zero;
    for (let i = 0; i < n; i += 4) {
      const p = loadRow(y + at, i, n, zero);
      const t = loadRow(target + at, i, n, zero);
      sums = f32x4.add(sums, withinRow(i, n, changetype<Loss>(0).f(p, t, options)));
      if (dy) storeGradient(dy + at, i, n, changetype<Loss>(0).df(p, t, options), weight);
    }
    store<f32>(losses + (row << 2), reduceAdd(sums) * share);
  }
}
