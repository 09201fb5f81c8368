import { loadTail } from "../simd";
import { NR } from "./tiles";

/**
 * B[k,n] → ceil(n / NR) panels of NR columns and k rows, with zeros in the columns behind n; the range is over panels.
 * Element (p, j) of B is at b + p·rowStride + j·colStride, one of which is 1: a transposed matrix is packed by exchanging them.
 */
export function packB(panels: usize, b: usize, rowStride: i32, colStride: i32, k: i32, n: i32, begin: i32, end: i32): void {
  assert(colStride === 1 || rowStride === 1, "packB: the rows or the columns of B must be contiguous");
  for (let panel = begin; panel < end; ++panel) {
    const columns = min(NR, n - panel * NR);
    let from = b + ((panel * NR * colStride) << 2);
    let to = panels + ((panel * NR * k) << 2);
    if (colStride === 1) {
      for (const stop = to + ((NR * k) << 2); to < stop; to += NR << 2, from += rowStride << 2) {
        v128.store(to, loadTail(from, columns));
        v128.store(to, loadTail(from + 16, columns - 4), 16);
      }
    } else {
      if (columns < NR) memory.fill(to, 0, (NR * k) << 2);
      transpose(to, NR, from, colStride, columns, k);
    }
  }
}

/** to[j, i] = from[i, j] for i < rows and j < columns; a row of `from` is fromStride floats long, one of `to` toStride. */
export function transpose(to: usize, toStride: i32, from: usize, fromStride: i32, rows: i32, columns: i32): void {
  if (rows < 4 || columns < 4) {
    for (let j = 0; j < columns; ++j) {
      let source = from + (j << 2);
      let target = to + ((j * toStride) << 2);
      for (const end = target + (rows << 2); target < end; target += 4, source += fromStride << 2) store<f32>(target, load<f32>(source));
    }
    return;
  }
  // A last block that is not whole is moved back over the one before it.
  for (let row = 0; row < rows; row += 4) {
    const i = min(row, rows - 4);
    for (let column = 0; column < columns; column += 4) {
      const j = min(column, columns - 4);
      transpose4(to + ((j * toStride + i) << 2), toStride << 2, from + ((i * fromStride + j) << 2), fromStride << 2);
    }
  }
}

/** to[4,4] = from[4,4] with rows and columns exchanged; steps are bytes from row to row. One caller: so it is compiled into that one's loop. */
function transpose4(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStep);
  const c = v128.load(from + 2 * fromStep);
  const d = v128.load(from + 3 * fromStep);
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab01, cd01, 0, 2));
  v128.store(to + toStep, v128.shuffle<i64>(ab01, cd01, 1, 3));
  v128.store(to + 2 * toStep, v128.shuffle<i64>(ab23, cd23, 0, 2));
  v128.store(to + 3 * toStep, v128.shuffle<i64>(ab23, cd23, 1, 3));
}
