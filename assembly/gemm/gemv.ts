import { loadTail, madd, storeTail } from "../simd";

/**
 * y[m,n] = act(x[m,k] · w[k,n] + bias[n]) for few rows: w is read in place, once for each row; the range is over columns.
 * bias may be 0; activation is 0 (linear) or 1 (relu).
 */
export function gemv(y: usize, x: usize, w: usize, bias: usize, m: i32, n: i32, k: i32, activation: i32, begin: i32, end: i32): void {
  for (let i = 0; i < m; ++i) {
    for (let j = begin; j < end; j += 4) {
      const columns = end - j;
      let s = bias ? loadTail(bias + (j << 2), columns) : f32x4.splat(0);
      for (let p = 0; p < k; ++p) {
        s = madd(v128.load32_splat(x + ((i * k + p) << 2)), loadTail(w + ((p * n + j) << 2), columns), s);
      }
      if (activation) s = f32x4.pmax(s, f32x4.splat(0));
      storeTail(y + ((i * n + j) << 2), s, columns);
    }
  }
}
