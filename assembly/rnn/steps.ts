import { loadRow, rowCopy, storeRow } from "../row";

/** y[step, b, :] = x[b, step, :] for rows of n; with isBackwards the last of x first. The range is over steps. */
export function stepsFirst(y: usize, x: usize, batch: i32, steps: i32, n: i32, isBackwards: i32, begin: i32, end: i32): void {
  for (let step = begin; step < end; step++) {
    const time = isBackwards ? steps - 1 - step : step;
    for (let b = 0; b < batch; b++) {
      rowCopy(y + (((step * batch + b) * n) << 2), x + (((b * steps + time) * n) << 2), n);
    }
  }
}

/** y[r, :] = x[r, :] ⊙ factors[(r / repeat) mod period, :] for rows of n; y may be x. The range is over rows. */
export function scaleRows(y: usize, x: usize, factors: usize, n: i32, repeat: i32, period: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  for (let r = begin; r < end; r++) {
    const at = (r * n) << 2;
    const by = factors + ((((r / repeat) % period) * n) << 2);
    for (let k = 0; k < n; k += 4) storeRow(y + at, k, n, f32x4.mul(loadRow(x + at, k, n, zero), loadRow(by, k, n, zero)));
  }
}
