// Numbers that are scaled and shifted, by operands that may be smaller than they are.
import { map, option } from "./map";
import { loadRow, storeRow } from "./row";

/**
 * y[i0,i1,i2,i3] = (x[i0,i1,i2,i3] - center[j]) · scale[j] + shift[j] with j = i0·stride0 + i1·stride1 + i2·stride2 + i3·stride3,
 * for rows [begin, end) of n3 numbers. A stride is 0 where an operand stays the same along an axis, and stride3 is 0 or 1.
 * A center, scale or shift of 0 is left out; y may be x.
 */
export function scaleShift(
  y: usize,
  x: usize,
  center: usize,
  scale: usize,
  shift: usize,
  n1: i32,
  n2: i32,
  n3: i32,
  stride0: i32,
  stride1: i32,
  stride2: i32,
  stride3: i32,
  begin: i32,
  end: i32,
): void {
  assert(stride3 === 0 || stride3 === 1, "the operands must be the same, or side by side, along a row");
  for (let row = begin; row < end; row++) {
    const outer = row / n2;
    const at = ((outer / n1) * stride0 + (outer % n1) * stride1 + (row % n2) * stride2) << 2;
    const begins = row * n3;
    let i = 0;
    if (stride3) {
      for (; i <= n3 - 4; i += 4) {
        const j = at + (i << 2);
        let v = v128.load(x + ((begins + i) << 2));
        if (center) v = f32x4.sub(v, v128.load(center + j));
        if (scale) v = f32x4.mul(v, v128.load(scale + j));
        if (shift) v = f32x4.add(v, v128.load(shift + j));
        v128.store(y + ((begins + i) << 2), v);
      }
    } else {
      const c = center ? v128.load32_splat(center + at) : f32x4.splat(0);
      const s = scale ? v128.load32_splat(scale + at) : f32x4.splat(1);
      const t = shift ? v128.load32_splat(shift + at) : f32x4.splat(0);
      for (; i <= n3 - 4; i += 4) {
        const v = f32x4.mul(f32x4.sub(v128.load(x + ((begins + i) << 2)), c), s);
        v128.store(y + ((begins + i) << 2), f32x4.add(v, t));
      }
    }
    for (; i < n3; i++) {
      const j = at + ((i * stride3) << 2);
      let v = load<f32>(x + ((begins + i) << 2));
      if (center) v -= load<f32>(center + j);
      if (scale) v *= load<f32>(scale + j);
      if (shift) v += load<f32>(shift + j);
      store<f32>(y + ((begins + i) << 2), v);
    }
  }
}

/** `above` where x is not below the threshold, else `below` */
@unmanaged
class Choose {
  f(x: v128, o: v128): v128 {
    return v128.bitselect(option(o, 2), option(o, 1), f32x4.ge(x, option(o, 0)));
  }
}
export function choose(y: usize, x: usize, threshold: f32, below: f32, above: f32, begin: i32, end: i32): void {
  map<Choose>(y, x, begin, end, f32x4(threshold, below, above, 0));
}

/** d = max(√x, 1e-7), or 1 / d where `isInverse` is not 0 */
@unmanaged
class Deviation {
  f(x: v128, isInverse: v128): v128 {
    const d = f32x4.pmax(f32x4.sqrt(x), f32x4.splat(1e-7));
    return v128.bitselect(f32x4.div(f32x4.splat(1), d), d, isInverse);
  }
}
export function deviation(y: usize, x: usize, isInverse: i32, begin: i32, end: i32): void {
  map<Deviation>(y, x, begin, end, i32x4.splat(isInverse ? -1 : 0));
}

/**
 * y = v where x > 0, alpha[j] · v where x < 0, and 0 where x is 0, with j and the range as in scaleShift: with v = x the activation, and
 * with v = dy its way back. y may be v.
 */
export function prelu(
  y: usize,
  v: usize,
  x: usize,
  alpha: usize,
  n1: i32,
  n2: i32,
  n3: i32,
  stride0: i32,
  stride1: i32,
  stride2: i32,
  stride3: i32,
  begin: i32,
  end: i32,
): void {
  assert(stride3 === 0 || stride3 === 1, "the slopes must be the same, or side by side, along a row");
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const outer = row / n2;
    const slopes = alpha + (((outer / n1) * stride0 + (outer % n1) * stride1 + (row % n2) * stride2) << 2);
    const at = row * (n3 << 2);
    for (let i = 0; i < n3; i += 4) {
      const from = loadRow(x + at, i, n3, zero);
      const value = loadRow(v + at, i, n3, zero);
      const slope = stride3 ? loadRow(slopes, i, n3, zero) : v128.load32_splat(slopes);
      const below = v128.and(f32x4.mul(slope, value), f32x4.ne(from, zero));
      storeRow(y + at, i, n3, v128.bitselect(value, below, f32x4.gt(from, zero)));
    }
  }
}
