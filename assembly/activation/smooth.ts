// Smooth activations whose slope y tells.
import { map, mapGrad, option } from "../map";
import * as simd from "../simd";
import { expm1, madd } from "../simd";

/**
 * elu(x) = scale · (x where x ≥ 0, else alpha · (e^(stretch · x) - 1)), with alpha ≥ 0;  elu' = scale where y ≥ 0, else stretch · (y + scale · alpha)
 * elu has scale and stretch 1, selu stretch 1, celu scale 1 and stretch 1 / alpha.
 */
@unmanaged
class Elu {
  f(x: v128, o: v128): v128 {
    const below = f32x4.mul(option(o, 0), expm1(f32x4.mul(f32x4.pmin(x, f32x4.splat(0)), option(o, 1))));
    return f32x4.mul(option(o, 2), v128.bitselect(below, x, f32x4.lt(x, f32x4.splat(0))));
  }
  df(y: v128, o: v128): v128 {
    const below = f32x4.mul(option(o, 1), madd(option(o, 2), option(o, 0), y));
    return v128.bitselect(below, option(o, 2), f32x4.lt(y, f32x4.splat(0)));
  }
}
export function elu(y: usize, x: usize, alpha: f32, stretch: f32, scale: f32, begin: i32, end: i32): void {
  assert(alpha >= 0 && scale > 0, "alpha must not be negative, or y does not tell the sign of x");
  map<Elu>(y, x, begin, end, f32x4(alpha, stretch, scale, 0));
}
export function eluGrad(dx: usize, dy: usize, y: usize, alpha: f32, stretch: f32, scale: f32, begin: i32, end: i32): void {
  mapGrad<Elu>(dx, dy, y, begin, end, f32x4(alpha, stretch, scale, 0));
}

/** exponential(x) = e^x;  exponential' = y */
@unmanaged
class Exponential {
  f(x: v128, _: v128): v128 {
    return simd.exp(x);
  }
  df(y: v128, _: v128): v128 {
    return y;
  }
}
export function exponential(y: usize, x: usize, begin: i32, end: i32): void {
  map<Exponential>(y, x, begin, end);
}
export function exponentialGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Exponential>(dx, dy, y, begin, end);
}

/**
 * softplus(x) = sign · ln(1 + e^(sign · x)), with sign 1, or -1 for the logarithm of the sigmoid
 * softplus' = 1 - e^(-sign · y)
 */
@unmanaged
class Softplus {
  f(x: v128, sign: v128): v128 {
    return f32x4.mul(simd.softplus(f32x4.mul(x, sign)), sign);
  }
  df(y: v128, sign: v128): v128 {
    return f32x4.neg(expm1(f32x4.neg(f32x4.mul(y, sign))));
  }
}
export function softplus(y: usize, x: usize, sign: f32, begin: i32, end: i32): void {
  map<Softplus>(y, x, begin, end, f32x4.splat(sign));
}
export function softplusGrad(dx: usize, dy: usize, y: usize, sign: f32, begin: i32, end: i32): void {
  mapGrad<Softplus>(dx, dy, y, begin, end, f32x4.splat(sign));
}

/** softsign(x) = x / (1 + |x|);  softsign' = (1 - |y|)² */
@unmanaged
class Softsign {
  f(x: v128, _: v128): v128 {
    return f32x4.div(x, f32x4.add(f32x4.splat(1), f32x4.abs(x)));
  }
  df(y: v128, _: v128): v128 {
    const rest = f32x4.sub(f32x4.splat(1), f32x4.abs(y));
    return f32x4.mul(rest, rest);
  }
}
export function softsign(y: usize, x: usize, begin: i32, end: i32): void {
  map<Softsign>(y, x, begin, end);
}
export function softsignGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Softsign>(dx, dy, y, begin, end);
}

/** squareplus(x) = (x + √(x² + b)) / 2, with b > 0, where |x| < 1e19;  squareplus' = y² / (y² + b/4) */
@unmanaged
class Squareplus {
  f(x: v128, b: v128): v128 {
    const root = f32x4.sqrt(madd(x, x, b));
    const large = f32x4.mul(f32x4.add(f32x4.abs(x), root), f32x4.splat(0.5));
    const small = f32x4.div(f32x4.mul(b, f32x4.splat(0.25)), large); // the same, without the difference of two large numbers
    return v128.bitselect(small, large, f32x4.lt(x, f32x4.splat(0)));
  }
  df(y: v128, b: v128): v128 {
    const square = f32x4.mul(y, y);
    return f32x4.div(square, madd(b, f32x4.splat(0.25), square));
  }
}
export function squareplus(y: usize, x: usize, b: f32, begin: i32, end: i32): void {
  map<Squareplus>(y, x, begin, end, f32x4.splat(b));
}
export function squareplusGrad(dx: usize, dy: usize, y: usize, b: f32, begin: i32, end: i32): void {
  mapGrad<Squareplus>(dx, dy, y, begin, end, f32x4.splat(b));
}
