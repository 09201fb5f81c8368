// Activations whose slope y does not tell: of the form x · gate(x), but the last.
// They compute f'(x) along with y, since most of the work is the same; on the way back `multiply` takes it from there.
import { aligned, erf, exp, madd, sigmoid, tanh, wholeVectors } from "../simd";

/** y[i] = f(x[i]), and slope[i] = f'(x[i]) unless slope is 0; y or slope may be x */
function mapWithSlope<Op>(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(slope), "slope must be aligned to 16 bytes");
  assert(aligned(x), "x must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) changetype<Op>(0).at(y + i, slope ? slope + i : 0, v128.load(x + i));
}

/** silu(x) = x · σ(x);  silu' = σ · (1 + x · (1 - σ)) */
@unmanaged
class Silu {
  at(y: usize, slope: usize, x: v128): void {
    const one = f32x4.splat(1);
    const gate = sigmoid(x);
    v128.store(y, f32x4.mul(x, gate));
    if (slope) v128.store(slope, f32x4.mul(gate, madd(x, f32x4.sub(one, gate), one)));
  }
}
export function silu(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  mapWithSlope<Silu>(y, slope, x, begin, end);
}

/** gelu(x) = x · Φ(x) with Φ(x) = (1 + erf(x / √2)) / 2;  gelu' = Φ + x · e^(-x²/2) / √(2π) */
@unmanaged
class Gelu {
  at(y: usize, slope: usize, x: v128): void {
    const half = f32x4.splat(0.5);
    const gate = madd(erf(f32x4.mul(x, f32x4.splat(Mathf.SQRT1_2))), half, half);
    v128.store(y, f32x4.mul(x, gate));
    if (!slope) return;
    const density = exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
    v128.store(slope, madd(f32x4.mul(x, density), f32x4.splat(0.3989422804014327), gate));
  }
}
export function gelu(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  mapWithSlope<Gelu>(y, slope, x, begin, end);
}

/** geluTanh(x) = x · (1 + t) / 2 with t = tanh(ax + bx³), a = √(2/π), b = 0.044715a;  geluTanh' = (1 + t) / 2 + x/2 · (1 - t²) · (a + 3bx²) */
@unmanaged
class GeluTanh {
  at(y: usize, slope: usize, x: v128): void {
    const half = f32x4.splat(0.5);
    const a = f32x4.splat(0.7978845608028654);
    const near = f32x4.pmax(f32x4.pmin(x, f32x4.splat(10)), f32x4.splat(-10)); // from ±10 on, t is ±1
    const bend = f32x4.mul(f32x4.mul(near, near), f32x4.splat(0.035677408136300125));
    const t = tanh(f32x4.mul(near, f32x4.add(a, bend)));
    const gate = madd(t, half, half);
    v128.store(y, f32x4.mul(x, gate));
    if (!slope) return;
    const inner = madd(bend, f32x4.splat(3), a);
    v128.store(slope, madd(f32x4.mul(f32x4.mul(near, half), f32x4.sub(f32x4.splat(1), f32x4.mul(t, t))), inner, gate));
  }
}
export function geluTanh(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  mapWithSlope<GeluTanh>(y, slope, x, begin, end);
}

/** mish(x) = x · tanh(ln(1 + e^x)) = x · n / (n + 2) with n = e(e + 2), e = e^x;  mish' = n / (n + 2) + x · 4e(1 + e) / (n + 2)² */
@unmanaged
class Mish {
  at(y: usize, slope: usize, x: v128): void {
    const two = f32x4.splat(2);
    const near = f32x4.pmin(x, f32x4.splat(20)); // from 20 on, the gate is 1
    const e = exp(near);
    const n = f32x4.mul(e, f32x4.add(e, two));
    const share = f32x4.div(f32x4.splat(1), f32x4.add(n, two));
    const gate = f32x4.mul(n, share);
    v128.store(y, f32x4.mul(x, gate));
    if (!slope) return;
    const bend = f32x4.mul(f32x4.mul(f32x4.splat(4), madd(e, e, e)), f32x4.mul(share, share));
    v128.store(slope, madd(near, bend, gate));
  }
}
export function mish(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  mapWithSlope<Mish>(y, slope, x, begin, end);
}

/** tanhShrink(x) = x - tanh(x);  tanhShrink' = tanh²(x) */
@unmanaged
class TanhShrink {
  at(y: usize, slope: usize, x: v128): void {
    const t = tanh(x);
    v128.store(y, f32x4.sub(x, t));
    if (slope) v128.store(slope, f32x4.mul(t, t));
  }
}
export function tanhShrink(y: usize, slope: usize, x: usize, begin: i32, end: i32): void {
  mapWithSlope<TanhShrink>(y, slope, x, begin, end);
}
