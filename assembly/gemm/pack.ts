import { NR } from "./tiles";

/**
 * B[k,n] → ceil(n / NR) panels of NR columns and k rows, with zeros in the columns behind n; the range is over panels.
 * Element (p, j) of B is at b + p·rowStride + j·colStride, so a transposed matrix is packed by exchanging its strides.
 */
export function packB(panels: usize, b: usize, rowStride: i32, colStride: i32, k: i32, n: i32, begin: i32, end: i32): void {
  for (let panel = begin; panel < end; ++panel) {
    let to = panels + ((panel * k * NR) << 2);
    for (let p = 0; p < k; ++p) {
      for (let j = panel * NR; j < panel * NR + NR; ++j, to += 4) {
        store<f32>(to, j < n ? load<f32>(b + ((p * rowStride + j * colStride) << 2)) : 0);
      }
    }
  }
}
