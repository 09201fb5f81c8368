// Element-wise kernels: those of every model here, the rarer activations in activation/.
import { map, mapGrad, zip } from "./map";
import * as simd from "./simd";

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
  map<LeakyRelu>(y, x, begin, end, f32x4.splat(slope));
}
export function leakyReluGrad(dx: usize, dy: usize, y: usize, slope: f32, begin: i32, end: i32): void {
  assert(slope >= 0, "slope must not be negative, or y does not tell the sign of x");
  mapGrad<LeakyRelu>(dx, dy, y, begin, end, f32x4.splat(slope));
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
  map<Scale>(y, x, begin, end, f32x4.splat(factor));
}

/** y[i] = a[i] + b[i] */
@unmanaged
class Add {
  f(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}
export function add(y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  zip<Add>(y, a, b, begin, end);
}

/** y[i] = a[i] · b[i] */
@unmanaged
class Multiply {
  f(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}
export function multiply(y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  zip<Multiply>(y, a, b, begin, end);
}
