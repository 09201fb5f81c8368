// Losses of probabilities, and of signs, that go element by element.
import { option } from "../map";
import { exp, log, log1p, power, sigmoid } from "../simd";
import { elements } from "./loop";

/** Probabilities are clipped to [ε, 1 - ε] in float32. */
const EPSILON: f32 = 1e-7;

/** options on the first lanes */
function lanes(a: f32, b: f32, c: f32): v128 {
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(a), 1, b), 2, c);
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
  elements<BinaryCrossentropy>(losses, dy, y, target, weights, n, scale, begin, end, f32x4.splat(labelSmoothing));
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
  elements<SigmoidCrossentropy>(losses, dy, y, target, weights, n, scale, begin, end, f32x4.splat(labelSmoothing));
}

/**
 * ω · (1 - q)^γ · -(t log p + (1 - t) log(1 - p)) with p = clip(y, ε, 1 - ε), t smoothed, q = t·y + (1 - t)(1 - y) and
 * ω = t·β + (1 - t)(1 - β), or 1 where β is 0; options are γ, α, β
 */
@unmanaged
class BinaryFocal {
  f(y: v128, target: v128, options: v128): v128 {
    const one = f32x4.splat(1);
    const t = smooth(target, option(options, 1));
    const q = f32x4.add(f32x4.mul(t, y), f32x4.mul(f32x4.sub(one, t), f32x4.sub(one, y)));
    const crossentropy = changetype<BinaryCrossentropy>(0).f(y, target, option(options, 1));
    return f32x4.mul(f32x4.mul(balance(t, option(options, 2)), power(f32x4.sub(one, q), option(options, 0))), crossentropy);
  }
  df(y: v128, target: v128, options: v128): v128 {
    const one = f32x4.splat(1);
    const gamma = option(options, 0);
    const t = smooth(target, option(options, 1));
    const rest = f32x4.sub(one, f32x4.add(f32x4.mul(t, y), f32x4.mul(f32x4.sub(one, t), f32x4.sub(one, y))));
    const crossentropy = changetype<BinaryCrossentropy>(0).f(y, target, option(options, 1));
    const slope = changetype<BinaryCrossentropy>(0).df(y, target, option(options, 1));
    const steep = f32x4.mul(f32x4.mul(gamma, power(rest, f32x4.sub(gamma, one))), f32x4.sub(one, f32x4.add(t, t)));
    const sum = f32x4.add(f32x4.mul(steep, crossentropy), f32x4.mul(power(rest, gamma), slope));
    return f32x4.mul(balance(t, option(options, 2)), sum);
  }
}

/** t·β + (1 - t)(1 - β), or 1 where β is 0 */
function balance(t: v128, beta: v128): v128 {
  const one = f32x4.splat(1);
  const weight = f32x4.add(f32x4.mul(t, beta), f32x4.mul(f32x4.sub(one, t), f32x4.sub(one, beta)));
  return v128.bitselect(one, weight, f32x4.eq(beta, f32x4.splat(0)));
}

/** @param classBalance β: what the class 1 counts, the class 0 counting 1 - β; 0 for both alike */
export function binaryFocalCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  gamma: f32,
  labelSmoothing: f32,
  classBalance: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  elements<BinaryFocal>(losses, dy, y, target, weights, n, scale, begin, end, lanes(gamma, labelSmoothing, classBalance));
}

/** t log(t / p) with p = clip(y, ε, 1) and t clipped, too; no slope where y is clipped */
@unmanaged
class KlDivergence {
  f(y: v128, target: v128, _: v128): v128 {
    const t = clipToOne(target);
    return f32x4.mul(t, f32x4.sub(log(t), log(clipToOne(y))));
  }
  df(y: v128, target: v128, _: v128): v128 {
    const outside = v128.or(f32x4.lt(y, f32x4.splat(EPSILON)), f32x4.gt(y, f32x4.splat(1)));
    return v128.andnot(f32x4.neg(f32x4.div(clipToOne(target), y)), outside);
  }
}

function clipToOne(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(1)), f32x4.splat(EPSILON));
}

/** a sum over the row, not a mean */
export function klDivergence(
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
  elements<KlDivergence>(losses, dy, y, target, weights, n, scale, begin, end, f32x4.splat(0), false);
}

/** max(1 - t·y, 0) */
@unmanaged
class Hinge {
  f(y: v128, t: v128, _: v128): v128 {
    return f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
  }
  df(y: v128, t: v128, _: v128): v128 {
    return v128.and(f32x4.neg(t), f32x4.gt(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0)));
  }
}
export function hinge(losses: usize, dy: usize, y: usize, target: usize, weights: usize, n: i32, scale: f32, begin: i32, end: i32): void {
  elements<Hinge>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** max(1 - t·y, 0)² */
@unmanaged
class SquaredHinge {
  f(y: v128, t: v128, _: v128): v128 {
    const h = changetype<Hinge>(0).f(y, t, _);
    return f32x4.mul(h, h);
  }
  df(y: v128, t: v128, _: v128): v128 {
    return f32x4.mul(f32x4.splat(2), f32x4.mul(changetype<Hinge>(0).f(y, t, _), changetype<Hinge>(0).df(y, t, _)));
  }
}
export function squaredHinge(
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
  elements<SquaredHinge>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** out[n] = 2 · target[n] - 1 when every target is 0 or 1, else target[n] */
export function hingeLabels(out: usize, target: usize, n: i32): void {
  let isBinary = true;
  for (let i = 0; i < n; i++) {
    const t = load<f32>(target + (i << 2));
    isBinary = isBinary && (t === 0 || t === 1);
  }
  for (let i = 0; i < n; i++) {
    const t = load<f32>(target + (i << 2));
    store<f32>(out + (i << 2), isBinary ? 2 * t - 1 : t);
  }
}
