import { loadTail, madd, storeTail } from "../simd";
import { LINE, line } from "./line";
import { ADD, RELU } from "./tiles";

/** Rows of w that are read from left to right before the next ones: no more pages than the memory system can follow. */
const ROWS = 64;

/**
 * y[m,n] = act(x[m,k] · w[k,n] + bias[n]) for very few rows; the range is over columns.
 * w is read in place, once for each row. bias may be 0; activation is 0 (linear) or 1 (relu).
 */
export function gemv(y: usize, x: usize, w: usize, bias: usize, m: i32, n: i32, k: i32, activation: i32, begin: i32, end: i32): void {
  assert(0 <= begin && begin <= end && end <= n, "gemv: the range is over columns");
  const step = n << 2;
  const wEnd = w + k * step;
  for (let i = 0; i < m; ++i) {
    let p = 0;
    do {
      const count = min(ROWS, k - p);
      const flags = (p > 0 ? ADD : 0) | (activation && p + count === k ? RELU : 0);
      let to = y + ((i * n + begin) << 2);
      let from = w + p * step + (begin << 2);
      let add: usize = bias && p === 0 ? bias + (begin << 2) : 0;
      const a = x + ((i * k + p) << 2);
      let columns = end - begin;
      for (; columns >= LINE; columns -= LINE, to += 128, from += 128) {
        line(to, a, from, step, 32, add, 1, count, 0, flags);
        if (add) add += 128;
      }
      for (; columns > 0; columns -= 8, to += 32, from += 32) {
        narrow(to, a, from, step, add, count, flags, columns, wEnd);
        if (add) add += 32;
      }
      p += ROWS;
    } while (p < k);
  }
}

/** One row of y and up to eight of its columns. */
function narrow(y: usize, a: usize, w: usize, step: usize, bias: usize, count: i32, flags: i32, columns: i32, wEnd: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  if (bias) {
    s0 = loadTail(bias, columns);
    s1 = loadTail(bias + 16, columns - 4);
  }
  const stop = a + (count << 2);
  // Eight columns are read wherever w has that many floats left; those behind the row are not stored.
  for (; a < stop && w + 32 <= wEnd; a += 4, w += step) {
    const x = v128.load32_splat(a);
    s0 = madd(x, v128.load(w), s0);
    s1 = madd(x, v128.load(w, 16), s1);
  }
  for (; a < stop; a += 4, w += step) {
    const x = v128.load32_splat(a);
    s0 = madd(x, loadTail(w, columns), s0);
    s1 = madd(x, loadTail(w + 16, columns - 4), s1);
  }
  if (flags & ADD) {
    s0 = f32x4.add(loadTail(y, columns), s0);
    s1 = f32x4.add(loadTail(y + 16, columns - 4), s1);
  }
  if (flags & RELU) {
    s0 = f32x4.pmax(s0, f32x4.splat(0));
    s1 = f32x4.pmax(s1, f32x4.splat(0));
  }
  storeTail(y, s0, columns);
  storeTail(y + 16, s1, columns - 4);
}
