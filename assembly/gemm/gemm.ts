import { transpose } from "./pack";
import { ADD, KC, MC, NR, product, RELU, ROW, Row } from "./tiles";

/** Steps of k by which a block may be longer: so few would not be worth a block of their own. */
const SPARE = 16;

/**
 * C[m,n] = act(A[m,k] · B[k,n] + bias[n] (+ C[m,n] when `accumulate`)); the range is over rows of C.
 * Element (i, p) of A is at a + i·aRowStride + p·aColStride, one of which is 1. bias may be 0; activation is 0 (linear) or 1 (relu).
 * B is read as panels of NR = 8 columns: panel j begins at b + j·bPanelStride, its rows are bRowStride apart. From packB these are 8·k and 8;
 * a matrix that is not packed is read in place with 8 and n, when n is a multiple of 8.
 * scratch: 32880 floats for each thread.
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
  assert(aColStride === 1 || aRowStride === 1, "gemm: the rows or the columns of A must be contiguous");
  assert(bRowStride === NR || n % NR === 0, "gemm: B must be packed unless n is a multiple of 8");
  const rows = scratch;
  const aPack = scratch + MC * ROW;
  const blocks = max(1, (k + KC - SPARE - 1) / KC);
  const step = (k + blocks - 1) / blocks;
  for (let i = begin; i < end; i += MC) {
    const mc = min(MC, end - i);
    for (let block = 0; block < blocks; ++block) {
      const p = block * step;
      const kc = min(step, k - p);
      let from = a + ((i * aRowStride + p * aColStride) << 2);
      let stride = aRowStride;
      if (aColStride !== 1) {
        transpose(aPack, kc, from, aColStride, kc, mc);
        from = aPack;
        stride = kc;
      }
      for (let r = 0; r < mc; ++r) {
        const row = changetype<Row>(rows + r * ROW);
        row.a = from + ((r * stride) << 2);
        row.c = c + (((i + r) * ldc) << 2);
      }
      const flags = (accumulate || block > 0 ? ADD : 0) | (activation && block === blocks - 1 ? RELU : 0);
      const panels = b + ((p * bRowStride) << 2);
      product(rows, mc, panels, bRowStride << 2, bPanelStride << 2, block > 0 ? 0 : bias, n, 1, kc, 0, flags);
    }
  }
}
