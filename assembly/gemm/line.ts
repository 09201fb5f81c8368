import { madd } from "../simd";

/** What is done to a tile or line before it is stored: C is added to it, negative numbers become 0. */
export const ADD = 1;
export const RELU = 2;

/** Columns of a line. */
export const LINE = 32;

/** One row of C and LINE of its columns: what `tiles` does for four rows, for the rows that are too few to fill a tile. */
export function line(
  c: usize,
  a: usize,
  b: usize,
  bRow: usize,
  bPanel: usize,
  bias: usize,
  segments: i32,
  length: i32,
  aStep: usize,
  flags: i32,
): void {
  const bytes = length << 2;
  const skip = aStep - bytes;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  if (bias) {
    s0 = v128.load(bias);
    s1 = v128.load(bias, 16);
    s2 = v128.load(bias, 32);
    s3 = v128.load(bias, 48);
    s4 = v128.load(bias, 64);
    s5 = v128.load(bias, 80);
    s6 = v128.load(bias, 96);
    s7 = v128.load(bias, 112);
  }
  let w0 = b;
  let w1 = w0 + bPanel;
  let w2 = w1 + bPanel;
  let w3 = w2 + bPanel;
  for (let segment = 0; segment < segments; ++segment, a += skip) {
    for (const stop = a + bytes; a < stop; a += 4) {
      const x = v128.load32_splat(a);
      s0 = madd(x, v128.load(w0), s0);
      s1 = madd(x, v128.load(w0, 16), s1);
      s2 = madd(x, v128.load(w1), s2);
      s3 = madd(x, v128.load(w1, 16), s3);
      s4 = madd(x, v128.load(w2), s4);
      s5 = madd(x, v128.load(w2, 16), s5);
      s6 = madd(x, v128.load(w3), s6);
      s7 = madd(x, v128.load(w3, 16), s7);
      w0 += bRow;
      w1 += bRow;
      w2 += bRow;
      w3 += bRow;
    }
  }
  if (flags & ADD) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2);
    s3 = f32x4.add(v128.load(c, 48), s3);
    s4 = f32x4.add(v128.load(c, 64), s4);
    s5 = f32x4.add(v128.load(c, 80), s5);
    s6 = f32x4.add(v128.load(c, 96), s6);
    s7 = f32x4.add(v128.load(c, 112), s7);
  }
  const floor = f32x4.splat(flags & RELU ? 0 : -Infinity);
  v128.store(c, f32x4.pmax(s0, floor));
  v128.store(c, f32x4.pmax(s1, floor), 16);
  v128.store(c, f32x4.pmax(s2, floor), 32);
  v128.store(c, f32x4.pmax(s3, floor), 48);
  v128.store(c, f32x4.pmax(s4, floor), 64);
  v128.store(c, f32x4.pmax(s5, floor), 80);
  v128.store(c, f32x4.pmax(s6, floor), 96);
  v128.store(c, f32x4.pmax(s7, floor), 112);
}
