// y[i] = f(x[i]) and dx[i] = f'(x[i]) · dy[i] for i in [begin, end), where f' is taken from y so that x need not be kept.
// An operation is an unmanaged class with `f` and `df`: the compiler inlines both into the two loops, and leaves no call.
// Their second operand is the activation's option on all lanes; those without one ignore it.
import * as simd from "./simd";
import { aligned, wholeVectors } from "./simd";

function map<Op>(y: usize, x: usize, begin: i32, end: i32, option: f32 = 0): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(x), "x must be aligned to 16 bytes");
  const o = f32x4.splat(option);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(y + i, changetype<Op>(0).f(v128.load(x + i), o));
}

function mapGrad<Op>(dx: usize, dy: usize, y: usize, begin: i32, end: i32, option: f32 = 0): void {
  assert(aligned(dx), "dx must be aligned to 16 bytes");
  assert(aligned(dy), "dy must be aligned to 16 bytes");
  assert(aligned(y), "y must be aligned to 16 bytes");
  const o = f32x4.splat(option);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), changetype<Op>(0).df(v128.load(y + i), o)));
  }
}

/** relu(x) = max(x, 0), NaN stays NaN;  relu' = 1 where y > 0 */
@unmanaged
class Relu {
  f(x: v128, _: v128): v128 {
    return f32x4.pmax(x, f32x4.splat(0));
  }
  df(y: v128, _: v128): v128 {
    return v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1));
  }
}
export function relu(y: usize, x: usize, begin: i32, end: i32): void {
  map<Relu>(y, x, begin, end);
}
export function reluGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Relu>(dx, dy, y, begin, end);
}

/** leakyRelu(x) = x where x > 0, else slope · x, with slope ≥ 0;  leakyRelu' = 1 where y > 0, else slope */
@unmanaged
class LeakyRelu {
  f(x: v128, slope: v128): v128 {
    return v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, f32x4.splat(0)));
  }
  df(y: v128, slope: v128): v128 {
    return v128.bitselect(f32x4.splat(1), slope, f32x4.gt(y, f32x4.splat(0)));
  }
}
export function leakyRelu(y: usize, x: usize, slope: f32, begin: i32, end: i32): void {
  assert(slope >= 0, "slope must not be negative, or y does not tell the sign of x");
  map<LeakyRelu>(y, x, begin, end, slope);
}
export function leakyReluGrad(dx: usize, dy: usize, y: usize, slope: f32, begin: i32, end: i32): void {
  assert(slope >= 0, "slope must not be negative, or y does not tell the sign of x");
  mapGrad<LeakyRelu>(dx, dy, y, begin, end, slope);
}

/** sigmoid(x) = 1 / (1 + e^-x);  sigmoid' = y · (1 - y) */
@unmanaged
class Sigmoid {
  f(x: v128, _: v128): v128 {
    return simd.sigmoid(x);
  }
  df(y: v128, _: v128): v128 {
    return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
  }
}
export function sigmoid(y: usize, x: usize, begin: i32, end: i32): void {
  map<Sigmoid>(y, x, begin, end);
}
export function sigmoidGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Sigmoid>(dx, dy, y, begin, end);
}

/** tanh(x);  tanh' = 1 - y² */
@unmanaged
class Tanh {
  f(x: v128, _: v128): v128 {
    return simd.tanh(x);
  }
  df(y: v128, _: v128): v128 {
    return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
  }
}
export function tanh(y: usize, x: usize, begin: i32, end: i32): void {
  map<Tanh>(y, x, begin, end);
}
export function tanhGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Tanh>(dx, dy, y, begin, end);
}

/** y[i] = factor · x[i] */
@unmanaged
class Scale {
  f(x: v128, factor: v128): v128 {
    return f32x4.mul(x, factor);
  }
}
export function scale(y: usize, x: usize, factor: f32, begin: i32, end: i32): void {
  map<Scale>(y, x, begin, end, factor);
}

/** y[i] = a[i] + b[i] */
export function add(y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(a), "a must be aligned to 16 bytes");
  assert(aligned(b), "b must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(y + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
}
