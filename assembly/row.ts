// Rows of any length n, one behind the other: a row need not begin at an aligned address, and nothing behind its end may be touched.
import { exp, loadLanes, loadTail, madd, reduceAdd, reduceMax, storeLanes, storeTail } from "./simd";

/** x[i:i+4] of a row of n; the lanes behind its end hold `rest` */
export function loadRow(x: usize, i: i32, n: i32, rest: v128): v128 {
  const from = x + (i << 2);
  return i + 4 <= n ? v128.load(from) : loadLanes(from, n - i, rest);
}

/** y[i:i+4] = v, up to the end of a row of n */
export function storeRow(y: usize, i: i32, n: i32, v: v128): void {
  const to = y + (i << 2);
  if (i + 4 <= n) v128.store(to, v);
  else storeLanes(to, v, n - i);
}

/** v, with zeros in the lanes behind the end of a row of n, if v stands at i */
export function withinRow(i: i32, n: i32, v: v128): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - i)));
}

/** max x[0:n]; NaN is passed over */
export function rowMax(x: usize, n: i32): f32 {
  const lowest = f32x4.splat(-Infinity);
  let most = lowest;
  let i = 0;
  for (; i <= n - 4; i += 4) most = f32x4.pmax(most, v128.load(x + (i << 2)));
  if (i < n) most = f32x4.pmax(most, loadLanes(x + (i << 2), n - i, lowest));
  return reduceMax(most);
}

/** Σ x[0:n] */
export function rowSum(x: usize, n: i32): f32 {
  const zero = f32x4.splat(0);
  let sums = zero;
  for (let i = 0; i < n; i += 4) sums = f32x4.add(sums, loadRow(x, i, n, zero));
  return reduceAdd(sums);
}

/** y[0:n] = e^(x[0:n] - shift), and their sum; y may be x, or 0 if only the sum is wanted */
export function rowExp(y: usize, x: usize, shift: f32, n: i32): f32 {
  const most = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i <= n - 4; i += 4) {
    const e = exp(f32x4.sub(v128.load(x + (i << 2)), most));
    if (y) v128.store(y + (i << 2), e);
    sums = f32x4.add(sums, e);
  }
  if (i < n) {
    const e = exp(f32x4.sub(loadLanes(x + (i << 2), n - i, f32x4.splat(-Infinity)), most));
    if (y) storeLanes(y + (i << 2), e, n - i);
    sums = f32x4.add(sums, e);
  }
  return reduceAdd(sums);
}

/** y[0:n] = factor · x[0:n]; y may be x */
export function rowScale(y: usize, x: usize, factor: f32, n: i32): void {
  const by = f32x4.splat(factor);
  let i = 0;
  for (; i <= n - 4; i += 4) v128.store(y + (i << 2), f32x4.mul(v128.load(x + (i << 2)), by));
  if (i < n) storeLanes(y + (i << 2), f32x4.mul(loadLanes(x + (i << 2), n - i, by), by), n - i);
}

/** y[0:n] = x[0:n] */
export function rowCopy(y: usize, x: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) storeRow(y, i, n, loadRow(x, i, n, zero));
}

/** y[0:n] = value */
export function rowFill(y: usize, value: f32, n: i32): void {
  for (let i = 0; i < n; i += 4) storeRow(y, i, n, f32x4.splat(value));
}

/** weights[row] · scale, the factor of a row's gradient; weights 0 stands for ones */
export function rowWeight(weights: usize, row: i32, scale: f32): f32 {
  return weights ? load<f32>(weights + (row << 2)) * scale : scale;
}

/** y[0:n] (+)= factor · Σ over i < lines and j < pixels of the rows of n at x + i·line + j·pixel bytes; += if isSum */
export function addRows(y: usize, x: usize, n: i32, lines: i32, pixels: i32, line: i32, pixel: i32, factor: v128, isSum: bool): void {
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i <= n - 16; i += 16, y += 64, x += 64) {
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let from = x;
    for (let l = 0; l < lines; l++, from += line) {
      let p = from;
      for (let j = 0; j < pixels; j++, p += pixel) {
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p, 16));
        s2 = f32x4.add(s2, v128.load(p, 32));
        s3 = f32x4.add(s3, v128.load(p, 48));
      }
    }
    v128.store(y, madd(s0, factor, isSum ? v128.load(y) : zero));
    v128.store(y, madd(s1, factor, isSum ? v128.load(y, 16) : zero), 16);
    v128.store(y, madd(s2, factor, isSum ? v128.load(y, 32) : zero), 32);
    v128.store(y, madd(s3, factor, isSum ? v128.load(y, 48) : zero), 48);
  }
  for (; i < n; i += 4, y += 16, x += 16) {
    const rest = n - i;
    let sum = zero;
    let from = x;
    for (let l = 0; l < lines; l++, from += line) {
      let p = from;
      for (let j = 0; j < pixels; j++, p += pixel) sum = f32x4.add(sum, loadTail(p, rest));
    }
    storeTail(y, madd(sum, factor, isSum ? loadTail(y, rest) : zero), rest);
  }
}
