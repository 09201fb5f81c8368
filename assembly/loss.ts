// Losses that are a mean over the row. For rows r in [begin, end) of n:
//   losses[r] = 1/n · Σ loss(y[r,:], target[r,:])
//   dy[r,:]   = 1/n · loss'(y[r,:], target[r,:]) · weights[r] · scale, unless dy is 0; weights 0 stands for ones; dy may be y
// A loss is an unmanaged class with `f` and `df`, to y; their last operand is the loss's option on all lanes.
import { loadRow, rowWeight, storeRow, withinRow } from "./row";
import { exp, log, log1p, reduceAdd, sigmoid } from "./simd";

/** Probabilities are clipped to [ε, 1 - ε] in float32. */
const EPSILON: f32 = 1e-7;

function mean<Loss>(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
  option: f32 = 0,
): void {
  const o = f32x4.splat(option);
  const share: f32 = 1 / <f32>n;
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const weight = f32x4.splat(rowWeight(weights, row, scale) * share);
    const zero = f32x4.splat(0);
    let sums = zero;
    for (let i = 0; i < n; i += 4) {
      const p = loadRow(y + at, i, n, zero);
      const t = loadRow(target + at, i, n, zero);
      sums = f32x4.add(sums, withinRow(i, n, changetype<Loss>(0).f(p, t, o)));
      if (dy) storeRow(dy + at, i, n, f32x4.mul(changetype<Loss>(0).df(p, t, o), weight));
    }
    store<f32>(losses + (row << 2), reduceAdd(sums) * share);
  }
}

/** (y - t)² */
@unmanaged
class Squared {
  f(y: v128, t: v128, _: v128): v128 {
    const d = f32x4.sub(y, t);
    return f32x4.mul(d, d);
  }
  df(y: v128, t: v128, _: v128): v128 {
    const d = f32x4.sub(y, t);
    return f32x4.add(d, d);
  }
}
export function meanSquaredError(
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
  mean<Squared>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** |y - t|, with slope 0 at y = t */
@unmanaged
class Absolute {
  f(y: v128, t: v128, _: v128): v128 {
    return f32x4.abs(f32x4.sub(y, t));
  }
  df(y: v128, t: v128, _: v128): v128 {
    const d = f32x4.sub(y, t);
    const sign = v128.or(v128.and(d, f32x4.splat(-0.0)), f32x4.splat(1));
    return v128.bitselect(sign, d, f32x4.gt(f32x4.abs(d), f32x4.splat(0))); // 0 and NaN stay what they are
  }
}
export function meanAbsoluteError(
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
  mean<Absolute>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** ½e² where |e| ≤ δ, else δ(|e| - ½δ), with e = y - t; that is c(|e| - ½c) with c = min(|e|, δ) */
@unmanaged
class Huber {
  f(y: v128, t: v128, delta: v128): v128 {
    const e = f32x4.abs(f32x4.sub(y, t));
    const c = f32x4.pmin(e, delta);
    return f32x4.mul(c, f32x4.sub(e, f32x4.mul(c, f32x4.splat(0.5))));
  }
  df(y: v128, t: v128, delta: v128): v128 {
    return f32x4.pmax(f32x4.pmin(f32x4.sub(y, t), delta), f32x4.neg(delta));
  }
}
export function huber(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  delta: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  mean<Huber>(losses, dy, y, target, weights, n, scale, begin, end, delta);
}

/** t moved towards ½: t·(1 - α) + α/2 */
function smooth(t: v128, alpha: v128): v128 {
  return f32x4.add(f32x4.mul(t, f32x4.sub(f32x4.splat(1), alpha)), f32x4.mul(alpha, f32x4.splat(0.5)));
}

/** -(t log p + (1 - t) log(1 - p)) with p = clip(y, ε, 1 - ε), t smoothed; no slope where y is clipped */
@unmanaged
class BinaryCrossentropy {
  f(y: v128, target: v128, alpha: v128): v128 {
    const one = f32x4.splat(1);
    const t = smooth(target, alpha);
    const p = f32x4.pmax(f32x4.pmin(y, f32x4.splat(1 - EPSILON)), f32x4.splat(EPSILON));
    return f32x4.neg(f32x4.add(f32x4.mul(t, log(p)), f32x4.mul(f32x4.sub(one, t), log(f32x4.sub(one, p)))));
  }
  df(y: v128, target: v128, alpha: v128): v128 {
    const inside = v128.and(f32x4.ge(y, f32x4.splat(EPSILON)), f32x4.le(y, f32x4.splat(1 - EPSILON)));
    const slope = f32x4.div(f32x4.sub(y, smooth(target, alpha)), f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
    return v128.and(slope, v128.or(inside, f32x4.ne(y, y)));
  }
}
export function binaryCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  labelSmoothing: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  mean<BinaryCrossentropy>(losses, dy, y, target, weights, n, scale, begin, end, labelSmoothing);
}

/** binaryCrossentropy of sigmoid(y), from the logits y: max(y, 0) - y·t + log(1 + e^-|y|);  its slope is sigmoid(y) - t */
@unmanaged
class SigmoidCrossentropy {
  f(y: v128, target: v128, alpha: v128): v128 {
    const linear = f32x4.sub(f32x4.pmax(y, f32x4.splat(0)), f32x4.mul(y, smooth(target, alpha)));
    return f32x4.add(linear, log1p(exp(f32x4.neg(f32x4.abs(y)))));
  }
  df(y: v128, target: v128, alpha: v128): v128 {
    return f32x4.sub(sigmoid(y), smooth(target, alpha));
  }
}
export function sigmoidCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  labelSmoothing: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  mean<SigmoidCrossentropy>(losses, dy, y, target, weights, n, scale, begin, end, labelSmoothing);
}
