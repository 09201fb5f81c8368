// Losses that take a row as a whole. For rows r in [begin, end) of n:
//   losses[r] = loss(y[r,:], target[r,:])
//   dy[r,:]   = its gradient to y[r,:] · weights[r] · scale, unless dy is 0; weights 0 stands for ones
import { loadRow, rowFill, rowSum, rowWeight, storeRow, withinRow } from "../row";
import { log, power, reduceAdd, reduceMax } from "../simd";
import { storeGradient } from "./loop";

/** Keras's: the least norm, and the bound of probabilities. */
const EPSILON: f32 = 1e-7;

/** Σ a[0:n] · b[0:n] */
function dot(a: usize, b: usize, n: i32): f32 {
  const zero = f32x4.splat(0);
  let sums = zero;
  for (let i = 0; i < n; i += 4) sums = f32x4.add(sums, f32x4.mul(loadRow(a, i, n, zero), loadRow(b, i, n, zero)));
  return reduceAdd(sums);
}

/** -t/|t| · y/|y|, with norms of at least ε */
export function cosineSimilarity(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const square = dot(y + at, y + at, n);
    const norm: f32 = max(Mathf.sqrt(square), EPSILON);
    const share: f32 = 1 / max(Mathf.sqrt(dot(target + at, target + at, n)), EPSILON);
    const cosine = (dot(y + at, target + at, n) * share) / norm;
    store<f32>(losses + (row << 2), -cosine);
    if (!dy) continue;
    const weight = f32x4.splat(rowWeight(weights, row, scale) / norm);
    const toTarget = f32x4.splat(-share);
    const toSelf = f32x4.splat(norm > EPSILON ? cosine / norm : 0);
    for (let i = 0; i < n; i += 4) {
      const pull = f32x4.mul(toTarget, loadRow(target + at, i, n, zero));
      storeGradient(dy + at, i, n, f32x4.add(pull, f32x4.mul(toSelf, loadRow(y + at, i, n, zero))), weight);
    }
  }
}

/** max(max((1 - t)·y) - Σ t·y + 1, 0); classes that share the maximum share its slope */
export function categoricalHinge(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const lowest = f32x4.splat(-Infinity);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    let most = lowest;
    for (let i = 0; i < n; i += 4) most = f32x4.pmax(most, others(y + at, target + at, i, n, lowest));
    const negative = reduceMax(most);
    const loss: f32 = max(negative - dot(y + at, target + at, n) + 1, 0);
    store<f32>(losses + (row << 2), loss);
    if (!dy) continue;
    if (loss === 0) {
      rowFill(dy + at, 0, n);
      continue;
    }
    const peak = f32x4.splat(negative);
    let peaks = zero;
    for (let i = 0; i < n; i += 4) peaks = f32x4.add(peaks, v128.and(one, f32x4.eq(others(y + at, target + at, i, n, lowest), peak)));
    const weight = f32x4.splat(rowWeight(weights, row, scale));
    const share = f32x4.splat(1 / reduceAdd(peaks));
    for (let i = 0; i < n; i += 4) {
      const t = loadRow(target + at, i, n, zero);
      const isPeak = f32x4.eq(others(y + at, target + at, i, n, lowest), peak);
      const up = v128.and(f32x4.mul(share, f32x4.sub(one, t)), isPeak);
      storeGradient(dy + at, i, n, f32x4.sub(up, t), weight);
    }
  }
}

/** (1 - t)·y, with `rest` behind the end of the row */
function others(y: usize, target: usize, i: i32, n: i32, rest: v128): v128 {
  const zero = f32x4.splat(0);
  const x = f32x4.mul(f32x4.sub(f32x4.splat(1), loadRow(target, i, n, zero)), loadRow(y, i, n, zero));
  return v128.bitselect(x, rest, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - i)));
}

/** -α Σ (1 - q)^γ · t log q with q = clip(y / Σ y, ε, 1 - ε), t = target·(1 - s) + s/n; no slope where q is clipped */
export function categoricalFocalCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  alpha: f32,
  gamma: f32,
  labelSmoothing: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const low = f32x4.splat(EPSILON);
  const high = f32x4.splat(1 - EPSILON);
  const keep = f32x4.splat(1 - labelSmoothing);
  const spread = f32x4.splat(labelSmoothing / <f32>n);
  const g = f32x4.splat(gamma);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const total = rowSum(y + at, n);
    const share = f32x4.splat(1 / total);
    let sums = zero;
    let common = zero;
    for (let i = 0; i < n; i += 4) {
      const p = f32x4.mul(loadRow(y + at, i, n, zero), share);
      const q = f32x4.pmax(f32x4.pmin(p, high), low);
      const t = withinRow(i, n, f32x4.add(f32x4.mul(loadRow(target + at, i, n, zero), keep), spread));
      const rest = f32x4.sub(one, q);
      sums = f32x4.add(sums, f32x4.mul(f32x4.mul(power(rest, g), t), log(q)));
      if (!dy) continue;
      // the slope to q, less what q's share in the sum over the row takes
      const steep = f32x4.mul(f32x4.mul(g, power(rest, f32x4.sub(g, one))), log(q));
      const slope = f32x4.mul(t, f32x4.sub(steep, f32x4.div(power(rest, g), q)));
      const inside = v128.and(f32x4.ge(p, low), f32x4.le(p, high));
      const own = v128.and(slope, inside);
      storeRow(dy + at, i, n, own);
      common = f32x4.add(common, f32x4.mul(own, p));
    }
    store<f32>(losses + (row << 2), -alpha * reduceAdd(sums));
    if (!dy) continue;
    const weight = f32x4.splat((rowWeight(weights, row, scale) * alpha) / total);
    const off = f32x4.splat(reduceAdd(common));
    for (let i = 0; i < n; i += 4) storeGradient(dy + at, i, n, f32x4.sub(loadRow(dy + at, i, n, zero), off), weight);
  }
}

/**
 * 1 - I / (I + α(T - I) + β(P - I) + ε) over all rows together, with I = Σ t·y, T = Σ t, P = Σ y: every row's loss is the same.
 * dy = its gradient · scale · Σ weights
 */
export function tversky(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  rows: i32,
  n: i32,
  alpha: f32,
  beta: f32,
  scale: f32,
): void {
  const size = rows * n;
  let both: f64 = 0;
  let truth: f64 = 0;
  let given: f64 = 0;
  for (let i = 0; i < size << 2; i += 4) {
    const t: f64 = load<f32>(target + i);
    const p: f64 = load<f32>(y + i);
    both += t * p;
    truth += t;
    given += p;
  }
  const divisor = both + alpha * (truth - both) + beta * (given - both) + EPSILON;
  const loss: f32 = <f32>(1 - both / divisor);
  let weight: f64 = 0;
  for (let row = 0; row < rows; row++) {
    store<f32>(losses + (row << 2), loss);
    weight += rowWeight(weights, row, scale);
  }
  if (!dy) return;
  // dI/dy = t, dD/dy = t(1 - α - β) + β
  const slope = weight / divisor;
  const quotient = both / divisor;
  for (let i = 0; i < size << 2; i += 4) {
    const t: f64 = load<f32>(target + i);
    store<f32>(dy + i, <f32>(slope * (quotient * (t * (1 - alpha - beta) + beta) - t)));
  }
}
