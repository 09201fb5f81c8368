// Losses of numbers, a mean over the row.
import { log, softplus, tanh } from "../simd";
import { elements } from "./loop";

/** Keras's, which keeps quotients and logarithms finite. */
const EPSILON: f32 = 1e-7;

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
  elements<Squared>(losses, dy, y, target, weights, n, scale, begin, end);
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
  elements<Absolute>(losses, dy, y, target, weights, n, scale, begin, end);
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
  elements<Huber>(losses, dy, y, target, weights, n, scale, begin, end, f32x4.splat(delta));
}

/** 100 · |t - y| / max(|t|, ε) */
@unmanaged
class AbsolutePercentage {
  f(y: v128, t: v128, _: v128): v128 {
    return f32x4.mul(f32x4.splat(100), f32x4.div(f32x4.abs(f32x4.sub(y, t)), f32x4.pmax(f32x4.abs(t), f32x4.splat(EPSILON))));
  }
  df(y: v128, t: v128, _: v128): v128 {
    const slope = f32x4.div(f32x4.splat(100), f32x4.pmax(f32x4.abs(t), f32x4.splat(EPSILON)));
    return f32x4.mul(slope, changetype<Absolute>(0).df(y, t, _));
  }
}
export function meanAbsolutePercentageError(
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
  elements<AbsolutePercentage>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** log(max(x, ε) + 1) */
function logOver(x: v128): v128 {
  return log(f32x4.add(f32x4.pmax(x, f32x4.splat(EPSILON)), f32x4.splat(1)));
}

/** (log(max(y, ε) + 1) - log(max(t, ε) + 1))² */
@unmanaged
class SquaredLogarithmic {
  f(y: v128, t: v128, _: v128): v128 {
    const d = f32x4.sub(logOver(y), logOver(t));
    return f32x4.mul(d, d);
  }
  df(y: v128, t: v128, _: v128): v128 {
    const d = f32x4.sub(logOver(y), logOver(t));
    const slope = f32x4.div(f32x4.add(d, d), f32x4.add(y, f32x4.splat(1)));
    return v128.andnot(slope, f32x4.lt(y, f32x4.splat(EPSILON)));
  }
}
export function meanSquaredLogarithmicError(
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
  elements<SquaredLogarithmic>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** log cosh e = e + log(1 + e^(-2e)) - log 2, with e = y - t;  its slope is tanh e */
@unmanaged
class LogCosh {
  f(y: v128, t: v128, _: v128): v128 {
    const e = f32x4.sub(y, t);
    return f32x4.sub(f32x4.add(e, softplus(f32x4.mul(e, f32x4.splat(-2)))), f32x4.splat(0.6931471805599453));
  }
  df(y: v128, t: v128, _: v128): v128 {
    return tanh(f32x4.sub(y, t));
  }
}
export function logCosh(losses: usize, dy: usize, y: usize, target: usize, weights: usize, n: i32, scale: f32, begin: i32, end: i32): void {
  elements<LogCosh>(losses, dy, y, target, weights, n, scale, begin, end);
}

/** y - t · log(y + ε) */
@unmanaged
class Poisson {
  f(y: v128, t: v128, _: v128): v128 {
    return f32x4.sub(y, f32x4.mul(t, log(f32x4.add(y, f32x4.splat(EPSILON)))));
  }
  df(y: v128, t: v128, _: v128): v128 {
    return f32x4.sub(f32x4.splat(1), f32x4.div(t, f32x4.add(y, f32x4.splat(EPSILON))));
  }
}
export function poisson(losses: usize, dy: usize, y: usize, target: usize, weights: usize, n: i32, scale: f32, begin: i32, end: i32): void {
  elements<Poisson>(losses, dy, y, target, weights, n, scale, begin, end);
}
