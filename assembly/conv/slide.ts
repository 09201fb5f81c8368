// Kernels three columns wide over one channel, the first layer on grey images: a patch of nine numbers is too short for the tiles of a product,
// where every instruction outside of the nine steps counts (61 % of the peak with 3x3 filters on Zen 4). Neighbouring pixels see the same numbers, so
// here each number of x is loaded once for the three pixels that see it, and the three columns of the kernel stay in registers: 92 %.
// Tried: patches transposed into a list first (66 to 77 %: the copies cost what they save), steps unrolled over four pixels (69 %: spilled registers).

import { NR } from "../gemm/tiles";
import { madd } from "../simd";

/** Pixels made together: 9 accumulators are enough to hide an addition's latency; tiles of 7 are there for what nines leave. */
const WIDE = 9;
const NARROW = 7;
/** Pixels of a line from which tiles waste too little to matter. */
export const LEAST_SLIDE = 13;

/**
 * One line of y = act(x ⋆ w + bias) for a kernel [kernelHeight,3] over one channel with stride and dilation 1 along the line: count ≥ 13 pixels from
 * the lines of x at a, which are lineStep bytes apart. panels are those of packB; filters is a multiple of 4; cStep are the bytes from pixel to pixel of y.
 */
export function slide(
  c: usize,
  cStep: usize,
  a: usize,
  lineStep: usize,
  panels: usize,
  bias: usize,
  count: i32,
  filters: i32,
  kernelHeight: i32,
  activation: i32,
): void {
  // 7 · 4 = 28 is 1 more than a multiple of 9.
  let sevens = (4 * count) % WIDE;
  if (sevens * NARROW > count) sevens = 0;
  let x = 0;
  for (; x < sevens * NARROW; x += NARROW)
    span<Narrow>(c + <usize>x * cStep, cStep, a + (x << 2), lineStep, panels, bias, filters, kernelHeight, activation);
  for (; x < count; x += WIDE) {
    // A last tile that is not whole is moved back over the one before it.
    const at = min(x, count - WIDE);
    span<Wide>(c + <usize>at * cStep, cStep, a + (at << 2), lineStep, panels, bias, filters, kernelHeight, activation);
  }
}

/** The pixels of a tile, known when it is compiled. */
class Wide {
  pixels(): i32 {
    return WIDE;
  }
}
class Narrow {
  pixels(): i32 {
    return NARROW;
  }
}

function span<Tile>(
  c: usize,
  cStep: usize,
  a: usize,
  lineStep: usize,
  panels: usize,
  bias: usize,
  filters: i32,
  kernelHeight: i32,
  activation: i32,
): void {
  const isWide = changetype<Tile>(0).pixels() === WIDE;
  const floor = f32x4.splat(activation ? 0 : -Infinity);
  const size = 3 * NR * 4 * kernelHeight;
  for (let f = 0; f < filters; f += 4) {
    const s = bias ? v128.load(bias + (f << 2)) : f32x4.splat(0);
    let s0 = s;
    let s1 = s;
    let s2 = s;
    let s3 = s;
    let s4 = s;
    let s5 = s;
    let s6 = s;
    let s7 = s;
    let s8 = s;
    let w = panels + (f / NR) * size + ((f % NR) << 2);
    const end = w + size;
    let from = a;
    do {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 4 * NR);
      const w2 = v128.load(w, 8 * NR);
      let x = v128.load32_splat(from);
      s0 = madd(x, w0, s0);
      x = v128.load32_splat(from, 4);
      s0 = madd(x, w1, s0);
      s1 = madd(x, w0, s1);
      x = v128.load32_splat(from, 8);
      s0 = madd(x, w2, s0);
      s1 = madd(x, w1, s1);
      s2 = madd(x, w0, s2);
      x = v128.load32_splat(from, 12);
      s1 = madd(x, w2, s1);
      s2 = madd(x, w1, s2);
      s3 = madd(x, w0, s3);
      x = v128.load32_splat(from, 16);
      s2 = madd(x, w2, s2);
      s3 = madd(x, w1, s3);
      s4 = madd(x, w0, s4);
      x = v128.load32_splat(from, 20);
      s3 = madd(x, w2, s3);
      s4 = madd(x, w1, s4);
      s5 = madd(x, w0, s5);
      x = v128.load32_splat(from, 24);
      s4 = madd(x, w2, s4);
      s5 = madd(x, w1, s5);
      s6 = madd(x, w0, s6);
      x = v128.load32_splat(from, 28);
      s5 = madd(x, w2, s5);
      s6 = madd(x, w1, s6);
      if (isWide) s7 = madd(x, w0, s7);
      x = v128.load32_splat(from, 32);
      s6 = madd(x, w2, s6);
      if (isWide) {
        s7 = madd(x, w1, s7);
        s8 = madd(x, w0, s8);
        x = v128.load32_splat(from, 36);
        s7 = madd(x, w2, s7);
        s8 = madd(x, w1, s8);
        x = v128.load32_splat(from, 40);
        s8 = madd(x, w2, s8);
      }
      w += 3 * NR * 4;
      from += lineStep;
    } while (w < end);
    let to = c + (f << 2);
    v128.store(to, f32x4.pmax(s0, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s1, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s2, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s3, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s4, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s5, floor));
    to += cStep;
    v128.store(to, f32x4.pmax(s6, floor));
    if (isWide) {
      to += cStep;
      v128.store(to, f32x4.pmax(s7, floor));
      to += cStep;
      v128.store(to, f32x4.pmax(s8, floor));
    }
  }
}
