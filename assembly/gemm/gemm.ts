import { ADD, KC, MC, NR, RELU, ROW, Row, tiles } from "./tiles";

/**
 * C[m,n] = act(A[m,k] · B[k,n] + bias[n] (+ C[m,n] when `accumulate`)); the range is over rows of C.
 * B is read as panels of 8 columns: panel j begins at b + j·bPanelStride, its rows are bRowStride apart. From packB these are (8·k, 8);
 * a matrix that is not packed can be read in place as (8, n), when n is a multiple of 8.
 * Element (i, p) of A is at a + i·aRowStride + p·aColStride. bias may be 0; activation is 0 (linear) or 1 (relu).
 * scratch: 132 KB for each thread.
 */
export function gemm(
  c: usize,
  a: usize,
  b: usize,
  bias: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  aRowStride: i32,
  aColStride: i32,
  bRowStride: i32,
  bPanelStride: i32,
  ldc: i32,
  activation: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  assert(0 <= begin && begin <= end && end <= m, "gemm: the range is over the rows of C");
  assert(bRowStride === NR || n % NR === 0, "gemm: B must be packed unless n is a multiple of 8");
  const packed = scratch + MC * ROW;
  for (let i = begin; i < end; i += MC) {
    const mc = min(MC, end - i);
    for (let r = 0; r < mc; ++r) {
      const row = changetype<Row>(scratch + r * ROW);
      row.a = aColStride === 1 ? a + (((i + r) * aRowStride) << 2) : packed + ((r * KC) << 2);
      row.c = c + (((i + r) * ldc) << 2);
    }
    let p = 0;
    do {
      const kc = min(KC, k - p);
      if (aColStride !== 1) packA(packed, a + ((i * aRowStride + p * aColStride) << 2), aRowStride, aColStride, mc, kc);
      const flags = (accumulate || p > 0 ? ADD : 0) | (activation && p + kc === k ? RELU : 0);
      tiles(
        scratch,
        mc,
        aColStride === 1 ? (p as usize) << 2 : 0,
        b + ((p * bRowStride) << 2),
        bRowStride << 2,
        bPanelStride << 2,
        p > 0 ? 0 : bias,
        n,
        1,
        kc,
        0,
        flags,
      );
      p += KC;
    } while (p < k);
  }
}

/** A[mc,kc] → rows of KC floats, whatever its strides */
function packA(packed: usize, a: usize, rowStride: i32, colStride: i32, mc: i32, kc: i32): void {
  for (let r = 0; r < mc; ++r) {
    for (let p = 0; p < kc; ++p) {
      store<f32>(packed + ((r * KC + p) << 2), load<f32>(a + ((r * rowStride + p * colStride) << 2)));
    }
  }
}
