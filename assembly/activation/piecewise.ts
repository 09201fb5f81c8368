// Activations made of straight pieces (and, in sparsePlus, one parabola).
import { map, mapGrad, option } from "../map";

/** ramp(x) = slope · x + offset, clipped to [low, high];  ramp' = slope where low < y < high, else 0 */
@unmanaged
class Ramp {
  f(x: v128, o: v128): v128 {
    const line = f32x4.add(f32x4.mul(x, option(o, 0)), option(o, 1));
    return f32x4.pmax(f32x4.pmin(line, option(o, 3)), option(o, 2));
  }
  df(y: v128, o: v128): v128 {
    return v128.and(option(o, 0), v128.and(f32x4.gt(y, option(o, 1)), f32x4.lt(y, option(o, 2))));
  }
}
export function ramp(y: usize, x: usize, slope: f32, offset: f32, low: f32, high: f32, begin: i32, end: i32): void {
  map<Ramp>(y, x, begin, end, f32x4(slope, offset, low, high));
}
export function rampGrad(dx: usize, dy: usize, y: usize, slope: f32, low: f32, high: f32, begin: i32, end: i32): void {
  mapGrad<Ramp>(dx, dy, y, begin, end, f32x4(slope, low, high, 0));
}

/** rectify(x) = min(x, high) where x > threshold, else slope · x + offset;  rectify' = 1 where threshold < x ≤ high, slope where x ≤ threshold */
@unmanaged
class Rectify {
  f(x: v128, o: v128): v128 {
    const below = f32x4.add(f32x4.mul(x, option(o, 2)), option(o, 3));
    return v128.bitselect(below, f32x4.pmin(x, option(o, 1)), f32x4.le(x, option(o, 0)));
  }
  df(x: v128, o: v128): v128 {
    const above = v128.and(f32x4.splat(1), f32x4.le(x, option(o, 1)));
    return v128.bitselect(option(o, 2), above, f32x4.le(x, option(o, 0)));
  }
}
export function rectify(y: usize, x: usize, threshold: f32, high: f32, slope: f32, offset: f32, begin: i32, end: i32): void {
  map<Rectify>(y, x, begin, end, f32x4(threshold, high, slope, offset));
}
export function rectifyGrad(dx: usize, dy: usize, x: usize, threshold: f32, high: f32, slope: f32, begin: i32, end: i32): void {
  mapGrad<Rectify>(dx, dy, x, begin, end, f32x4(threshold, high, slope, 0));
}

/** hardShrink(x) = x where |x| > threshold, else 0;  hardShrink' = 1 where y ≠ 0 */
@unmanaged
class HardShrink {
  f(x: v128, threshold: v128): v128 {
    return v128.andnot(x, f32x4.le(f32x4.abs(x), threshold));
  }
  df(y: v128, _: v128): v128 {
    return v128.and(f32x4.splat(1), f32x4.ne(y, f32x4.splat(0)));
  }
}
export function hardShrink(y: usize, x: usize, threshold: f32, begin: i32, end: i32): void {
  map<HardShrink>(y, x, begin, end, f32x4.splat(threshold));
}

/** softShrink(x) = sign(x) · max(|x| - threshold, 0);  softShrink' = 1 where y ≠ 0, too */
@unmanaged
class SoftShrink {
  f(x: v128, threshold: v128): v128 {
    const size = f32x4.pmax(f32x4.sub(f32x4.abs(x), threshold), f32x4.splat(0));
    return v128.or(size, v128.and(x, f32x4.splat(-0.0)));
  }
}
export function softShrink(y: usize, x: usize, threshold: f32, begin: i32, end: i32): void {
  map<SoftShrink>(y, x, begin, end, f32x4.splat(threshold));
}

/** the gradient of hardShrink and of softShrink */
export function shrinkGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<HardShrink>(dx, dy, y, begin, end);
}

/** hardSilu(x) = x · clip(x / 6 + ½, 0, 1);  hardSilu' = (2x + 3) / 6 between -3 and 3, 0 below, 1 above */
@unmanaged
class HardSilu {
  f(x: v128, _: v128): v128 {
    const gate = f32x4.add(f32x4.mul(x, f32x4.splat(1 / 6)), f32x4.splat(0.5));
    return f32x4.mul(x, f32x4.pmax(f32x4.pmin(gate, f32x4.splat(1)), f32x4.splat(0)));
  }
  df(x: v128, _: v128): v128 {
    const inside = f32x4.add(f32x4.mul(x, f32x4.splat(1 / 3)), f32x4.splat(0.5));
    const above = v128.bitselect(f32x4.splat(1), inside, f32x4.ge(x, f32x4.splat(3)));
    return v128.andnot(above, f32x4.le(x, f32x4.splat(-3)));
  }
}
export function hardSilu(y: usize, x: usize, begin: i32, end: i32): void {
  map<HardSilu>(y, x, begin, end);
}
export function hardSiluGrad(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  mapGrad<HardSilu>(dx, dy, x, begin, end);
}

/** sparsePlus(x) = (x + 1)² / 4 between -1 and 1, 0 below, x above;  sparsePlus' = min(√y, 1) */
@unmanaged
class SparsePlus {
  f(x: v128, _: v128): v128 {
    const one = f32x4.splat(1);
    const half = f32x4.mul(f32x4.pmax(f32x4.add(x, one), f32x4.splat(0)), f32x4.splat(0.5));
    return v128.bitselect(x, f32x4.mul(half, half), f32x4.ge(x, one));
  }
  df(y: v128, _: v128): v128 {
    return f32x4.pmin(f32x4.sqrt(y), f32x4.splat(1));
  }
}
export function sparsePlus(y: usize, x: usize, begin: i32, end: i32): void {
  map<SparsePlus>(y, x, begin, end);
}
export function sparsePlusGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<SparsePlus>(dx, dy, y, begin, end);
}
