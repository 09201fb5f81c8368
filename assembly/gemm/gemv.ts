import { loadTail, madd, storeTail } from "../simd";

/**
 * y[m,n] = act(x[m,k] · w[k,n] + bias[n]) for few rows: w is read in place, once for each row; the range is over columns.
 * bias may be 0; activation is 0 (linear) or 1 (relu).
 */
export function gemv(y: usize, x: usize, w: usize, bias: usize, m: i32, n: i32, k: i32, activation: i32, begin: i32, end: i32): void {
  assert(0 <= begin && begin <= end && end <= n, "gemv: the range is over columns");
  const zero = f32x4.splat(0);
  const floor = f32x4.splat(activation ? 0 : -Infinity);
  const step = n << 2;
  for (let i = 0; i < m; ++i, x += k << 2) {
    const stop = x + (k << 2);
    let to = y + ((i * n + begin) << 2);
    let from = w + (begin << 2);
    let add = bias ? bias + (begin << 2) : 0;
    let columns = end - begin;
    // eight vectors of columns: as many independent sums as it takes to hide the latency of an addition
    for (; columns >= 32; columns -= 32, to += 128, from += 128) {
      let s0 = zero;
      let s1 = zero;
      let s2 = zero;
      let s3 = zero;
      let s4 = zero;
      let s5 = zero;
      let s6 = zero;
      let s7 = zero;
      if (add) {
        s0 = v128.load(add);
        s1 = v128.load(add, 16);
        s2 = v128.load(add, 32);
        s3 = v128.load(add, 48);
        s4 = v128.load(add, 64);
        s5 = v128.load(add, 80);
        s6 = v128.load(add, 96);
        s7 = v128.load(add, 112);
        add += 128;
      }
      for (let p = x, row = from; p < stop; p += 4, row += step) {
        const xp = v128.load32_splat(p);
        s0 = madd(xp, v128.load(row), s0);
        s1 = madd(xp, v128.load(row, 16), s1);
        s2 = madd(xp, v128.load(row, 32), s2);
        s3 = madd(xp, v128.load(row, 48), s3);
        s4 = madd(xp, v128.load(row, 64), s4);
        s5 = madd(xp, v128.load(row, 80), s5);
        s6 = madd(xp, v128.load(row, 96), s6);
        s7 = madd(xp, v128.load(row, 112), s7);
      }
      v128.store(to, f32x4.pmax(s0, floor));
      v128.store(to, f32x4.pmax(s1, floor), 16);
      v128.store(to, f32x4.pmax(s2, floor), 32);
      v128.store(to, f32x4.pmax(s3, floor), 48);
      v128.store(to, f32x4.pmax(s4, floor), 64);
      v128.store(to, f32x4.pmax(s5, floor), 80);
      v128.store(to, f32x4.pmax(s6, floor), 96);
      v128.store(to, f32x4.pmax(s7, floor), 112);
    }
    for (; columns > 0; columns -= 8, to += 32, from += 32) {
      let s0 = zero;
      let s1 = zero;
      if (add) {
        s0 = loadTail(add, columns);
        s1 = loadTail(add + 16, columns - 4);
        add += 32;
      }
      for (let p = x, row = from; p < stop; p += 4, row += step) {
        const xp = v128.load32_splat(p);
        s0 = madd(xp, loadTail(row, columns), s0);
        s1 = madd(xp, loadTail(row + 16, columns - 4), s1);
      }
      storeTail(to, f32x4.pmax(s0, floor), columns);
      storeTail(to + 16, f32x4.pmax(s1, floor), columns - 4);
    }
  }
}
