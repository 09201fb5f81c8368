// Every product of the library, matrix or convolution, forward or back, is computed here. Naively C = A · B is
//
//   for i < m: for j < n: for p < k: C[i,j] += A[i,p] · B[p,j]
//
// which reaches 6 % of the peak of multiplications and additions (n = 256). What is done instead, and what it brought (Node 24, x64):
//
// 1. Four columns at a time, as vectors of B and C, with A[i,p] in all lanes: 42 %. Every step still loads and stores C.
// 2. A tile of 4 x 8 of C stays in registers for all of k, and a step of k takes 6 loads for 16 operations: 98 % on Xeon, 91 % on Zen 4. Where
//    a multiplication and addition are one instruction, a tile of 6 x 8 has the registers, too, and 8 loads serve 24 operations: 97 % on Zen 4.
// 3. B in panels of 8 columns (pack.ts): in place, the rows of a large B lie in as many pages; 20 % → 92 % at n = 1024. Below 256 columns
//    B is read in place as fast.
// 4. k in blocks and rows in lists, so that a panel stays in the L1 cache and the rows in L2. The sums of a block are added to C, which is
//    also what keeps the rounding errors of long sums small.
// 5. A is a list of pointers to rows, each of them some runs of floats: patches of an image, planes of its channels, pixels of a gradient
//    are multiplied where they lie, and a tile goes on over the end of a line. Nothing is copied into patches.
// 6. The loop over a run tests at its end, and C is not looked up before its sums are there.
// 7. Rows that are too few for a tile are multiplied by 32 columns (line.ts): 65 % → 81 % for the nine rows of the gradient of 3x3 filters on one channel.
//
// Tried and dropped: unrolling by hand (the engine unrolls; twice cost 15 % on Node 20, eight times 25 % on Node 24, in spilled registers);
// tiles of 5x8, 3x12, 2x16 (no faster on Node 24, up to 25 % slower on Node 20); 6x8 with multiplications
// of their own (spilled registers); packing A (it is read as fast from rows).

import { loadTail, madd, storeTail } from "../simd";
import { ADD, LINE, line, RELU } from "./line";

export { ADD, RELU };

/**
 * Rows and columns of a tile. x64 has 15 registers to give: 8 accumulators, 2 vectors of B, 1 of A and their product fit, and where multiplication
 * and addition are one instruction, so do 12 accumulators.
 */
export const MR = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
const TALL = MR === 6;
export const NR = 8;
/** Steps of k in a block: a panel of B is 8 KB and stays in the L1 cache while the rows pass by. */
export const KC = 256;
/** Rows in a list, a whole number of tiles: 120 KB of A stay in the L2 cache while the panels of B pass by. */
export const MC = 120;

/** A row of A and the row of C that it makes: where it begins, in bytes. */
@unmanaged
export class Row {
  a: usize;
  c: usize;
}
export const ROW = 8;

/** Every row of the list begins `bytes` later in A. */
export function shift(rows: usize, count: i32, bytes: i32): void {
  for (const end = rows + count * ROW; rows < end; rows += ROW) changetype<Row>(rows).a += bytes;
}

/** Makes the list a whole number of tiles with copies of its last row, which are computed twice and stored with the same bits. */
function fillTile(rows: usize, count: i32): void {
  const last = changetype<Row>(rows + (count - 1) * ROW);
  for (; count % MR !== 0; ++count) {
    const copy = changetype<Row>(rows + count * ROW);
    copy.a = last.a;
    copy.c = last.c;
  }
}

/**
 * C[row, 0:n] = act(A[row, 0:segments·length] · B + bias (+ C)), for every row of a list.
 * A row of A is `segments` runs of `length` floats, the starts of which are `aStep` bytes apart. B is read as panels of NR columns: panel j
 * begins at b + j·bPanel, its rows are bRow bytes apart. The list needs room for a whole number of tiles.
 */
export function product(
  rows: usize,
  count: i32,
  b: usize,
  bRow: usize,
  bPanel: usize,
  bias: usize,
  n: i32,
  segments: i32,
  length: i32,
  aStep: usize,
  flags: i32,
): void {
  const whole = count - (count % MR);
  tiles(rows, whole, b, bRow, bPanel, bias, 0, n, segments, length, aStep, flags);
  if (whole === count) return;
  const rest = rows + whole * ROW;
  let j = 0;
  for (; j + LINE <= n; j += LINE, b += 4 * bPanel) {
    for (let r = whole; r < count; ++r) {
      const row = changetype<Row>(rows + r * ROW);
      line(row.c + (j << 2), row.a, b, bRow, bPanel, bias ? bias + (j << 2) : 0, segments, length, aStep, flags);
    }
  }
  fillTile(rows, count);
  tiles(rest, MR, b, bRow, bPanel, bias, j, n, segments, length, aStep, flags);
}

/** The columns begin.. of `product` for whole tiles; b is the panel of the first of them. */
function tiles(
  rows: usize,
  count: i32,
  b: usize,
  bRow: usize,
  bPanel: usize,
  bias: usize,
  begin: i32,
  n: i32,
  segments: i32,
  length: i32,
  aStep: usize,
  flags: i32,
): void {
  const end = rows + count * ROW;
  const bytes = length << 2;
  const skip = aStep - bytes;
  const size = bRow * segments * length;
  const zero = f32x4.splat(0);
  for (let j = begin; j < n; j += NR) {
    const columns = n - j;
    const bEnd = b + size;
    let bias0 = zero;
    let bias1 = zero;
    if (bias) {
      bias0 = loadTail(bias + (j << 2), columns);
      bias1 = loadTail(bias + (j << 2) + 16, columns - 4);
    }
    for (let row = rows; row < end; row += MR * ROW) {
      let a0 = changetype<Row>(row).a;
      let a1 = changetype<Row>(row + ROW).a;
      let a2 = changetype<Row>(row + 2 * ROW).a;
      let a3 = changetype<Row>(row + 3 * ROW).a;
      let a4 = TALL ? changetype<Row>(row + 4 * ROW).a : 0;
      let a5 = TALL ? changetype<Row>(row + 5 * ROW).a : 0;
      let s00 = bias0;
      let s01 = bias1;
      let s10 = bias0;
      let s11 = bias1;
      let s20 = bias0;
      let s21 = bias1;
      let s30 = bias0;
      let s31 = bias1;
      let s40 = bias0;
      let s41 = bias1;
      let s50 = bias0;
      let s51 = bias1;
      for (let w = b; w < bEnd; ) {
        const stop = a0 + bytes;
        do {
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          let x = v128.load32_splat(a0);
          s00 = madd(x, w0, s00);
          s01 = madd(x, w1, s01);
          x = v128.load32_splat(a1);
          s10 = madd(x, w0, s10);
          s11 = madd(x, w1, s11);
          x = v128.load32_splat(a2);
          s20 = madd(x, w0, s20);
          s21 = madd(x, w1, s21);
          x = v128.load32_splat(a3);
          s30 = madd(x, w0, s30);
          s31 = madd(x, w1, s31);
          if (TALL) {
            x = v128.load32_splat(a4);
            s40 = madd(x, w0, s40);
            s41 = madd(x, w1, s41);
            x = v128.load32_splat(a5);
            s50 = madd(x, w0, s50);
            s51 = madd(x, w1, s51);
            a4 += 4;
            a5 += 4;
          }
          a0 += 4;
          a1 += 4;
          a2 += 4;
          a3 += 4;
          w += bRow;
        } while (a0 < stop);
        a0 += skip;
        a1 += skip;
        a2 += skip;
        a3 += skip;
        if (TALL) {
          a4 += skip;
          a5 += skip;
        }
      }
      const c0 = changetype<Row>(row).c + (j << 2);
      const c1 = changetype<Row>(row + ROW).c + (j << 2);
      const c2 = changetype<Row>(row + 2 * ROW).c + (j << 2);
      const c3 = changetype<Row>(row + 3 * ROW).c + (j << 2);
      const c4 = TALL ? changetype<Row>(row + 4 * ROW).c + (j << 2) : 0;
      const c5 = TALL ? changetype<Row>(row + 5 * ROW).c + (j << 2) : 0;
      if (columns < NR) {
        storeColumns(c0, s00, s01, columns, flags);
        if (c1 !== c0) storeColumns(c1, s10, s11, columns, flags);
        if (c2 !== c1) storeColumns(c2, s20, s21, columns, flags);
        if (c3 !== c2) storeColumns(c3, s30, s31, columns, flags);
        if (TALL && c4 !== c3) storeColumns(c4, s40, s41, columns, flags);
        if (TALL && c5 !== c4) storeColumns(c5, s50, s51, columns, flags);
        continue;
      }
      if (flags & ADD) {
        s00 = f32x4.add(v128.load(c0), s00);
        s01 = f32x4.add(v128.load(c0, 16), s01);
        s10 = f32x4.add(v128.load(c1), s10);
        s11 = f32x4.add(v128.load(c1, 16), s11);
        s20 = f32x4.add(v128.load(c2), s20);
        s21 = f32x4.add(v128.load(c2, 16), s21);
        s30 = f32x4.add(v128.load(c3), s30);
        s31 = f32x4.add(v128.load(c3, 16), s31);
        if (TALL) {
          s40 = f32x4.add(v128.load(c4), s40);
          s41 = f32x4.add(v128.load(c4, 16), s41);
          s50 = f32x4.add(v128.load(c5), s50);
          s51 = f32x4.add(v128.load(c5, 16), s51);
        }
      }
      if (flags & RELU) {
        s00 = f32x4.pmax(s00, zero);
        s01 = f32x4.pmax(s01, zero);
        s10 = f32x4.pmax(s10, zero);
        s11 = f32x4.pmax(s11, zero);
        s20 = f32x4.pmax(s20, zero);
        s21 = f32x4.pmax(s21, zero);
        s30 = f32x4.pmax(s30, zero);
        s31 = f32x4.pmax(s31, zero);
        if (TALL) {
          s40 = f32x4.pmax(s40, zero);
          s41 = f32x4.pmax(s41, zero);
          s50 = f32x4.pmax(s50, zero);
          s51 = f32x4.pmax(s51, zero);
        }
      }
      v128.store(c0, s00);
      v128.store(c0, s01, 16);
      v128.store(c1, s10);
      v128.store(c1, s11, 16);
      v128.store(c2, s20);
      v128.store(c2, s21, 16);
      v128.store(c3, s30);
      v128.store(c3, s31, 16);
      if (TALL) {
        v128.store(c4, s40);
        v128.store(c4, s41, 16);
        v128.store(c5, s50);
        v128.store(c5, s51, 16);
      }
    }
    b += bPanel;
  }
}

/** The store of one row of the last panel, when fewer than NR columns of it belong to C. */
function storeColumns(c: usize, s0: v128, s1: v128, columns: i32, flags: i32): void {
  if (flags & ADD) {
    s0 = f32x4.add(loadTail(c, columns), s0);
    s1 = f32x4.add(loadTail(c + 16, columns - 4), s1);
  }
  if (flags & RELU) {
    s0 = f32x4.pmax(s0, f32x4.splat(0));
    s1 = f32x4.pmax(s1, f32x4.splat(0));
  }
  storeTail(c, s0, columns);
  storeTail(c + 16, s1, columns - 4);
}
