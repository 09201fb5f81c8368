import { loadRow, storeRow } from "./row";
import { wholeVectors } from "./simd";

/** y[r,:] = x[r,:] + bias[n], for rows r in [begin, end); y may be x */
export function addBias(y: usize, x: usize, bias: usize, n: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  const last = (n - 4) << 2;
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    let i = 0;
    for (; i <= last; i += 16) v128.store(y + at + i, f32x4.add(v128.load(x + at + i), v128.load(bias + i)));
    i >>= 2;
    if (i < n) storeRow(y + at, i, n, f32x4.add(loadRow(x + at, i, n, zero), loadRow(bias, i, n, zero)));
  }
}

/** Rows that are added one after the other; then the sum joins the total. Errors grow with BLOCK + m / BLOCK instead of m. */
const BLOCK = 64;

/** db[j] = Σ dy[:,j] over m rows of n, for columns j in [begin, end), both rounded up to whole vectors; the order of the sum is fixed */
export function biasGrad(db: usize, dy: usize, m: i32, n: i32, begin: i32, end: i32): void {
  columnSums(db, dy, m, n, n, begin, end);
}

/** biasGrad of n columns whose rows are rowStride apart; dy[0] need not be aligned */
export function columnSums(db: usize, dy: usize, m: i32, n: i32, rowStride: i32, begin: i32, end: i32): void {
  assert(end <= n, "end must not be beyond the columns");
  const last = min(wholeVectors(end), n);
  let j = wholeVectors(begin);
  for (; j <= last - 16; j += 16) addColumns16(db, dy, m, rowStride, j);
  for (; j < last; j += 4) addColumns4(db, dy, m, n, rowStride, j);
}

function addColumns16(db: usize, dy: usize, m: i32, rowStride: i32, j: i32): void {
  let total0 = f32x4.splat(0);
  let total1 = total0;
  let total2 = total0;
  let total3 = total0;
  for (let block = 0; block < m; block += BLOCK) {
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    for (let row = block; row < min(block + BLOCK, m); row++) {
      const at = dy + ((row * rowStride + j) << 2);
      sum0 = f32x4.add(sum0, v128.load(at));
      sum1 = f32x4.add(sum1, v128.load(at, 16));
      sum2 = f32x4.add(sum2, v128.load(at, 32));
      sum3 = f32x4.add(sum3, v128.load(at, 48));
    }
    total0 = f32x4.add(total0, sum0);
    total1 = f32x4.add(total1, sum1);
    total2 = f32x4.add(total2, sum2);
    total3 = f32x4.add(total3, sum3);
  }
  const to = db + (j << 2);
  v128.store(to, total0);
  v128.store(to, total1, 16);
  v128.store(to, total2, 32);
  v128.store(to, total3, 48);
}

function addColumns4(db: usize, dy: usize, m: i32, n: i32, rowStride: i32, j: i32): void {
  const zero = f32x4.splat(0);
  let total = zero;
  for (let block = 0; block < m; block += BLOCK) {
    let sum = zero;
    for (let row = block; row < min(block + BLOCK, m); row++) sum = f32x4.add(sum, loadRow(dy + ((row * rowStride) << 2), j, n, zero));
    total = f32x4.add(total, sum);
  }
  storeRow(db, j, n, total);
}
