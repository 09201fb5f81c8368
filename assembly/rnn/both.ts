// Sequences that were gone through in both directions: the second half's last step stands beside the first half's first one.
import { rowCopy } from "../row";

/** y[i, t, :] = (a[i, t, :], b[i, steps - 1 - t, :]), rows of n and m. The range is over the batch i. */
export function joinSteps(y: usize, a: usize, b: usize, steps: i32, n: i32, m: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    for (let t = 0; t < steps; t++) {
      const to = y + (((i * steps + t) * (n + m)) << 2);
      rowCopy(to, a + (((i * steps + t) * n) << 2), n);
      rowCopy(to + (n << 2), b + ((((i + 1) * steps - 1 - t) * m) << 2), m);
    }
  }
}

/** joinSteps undone: y is parted into a and b */
export function splitSteps(a: usize, b: usize, y: usize, steps: i32, n: i32, m: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    for (let t = 0; t < steps; t++) {
      const from = y + (((i * steps + t) * (n + m)) << 2);
      rowCopy(a + (((i * steps + t) * n) << 2), from, n);
      rowCopy(b + ((((i + 1) * steps - 1 - t) * m) << 2), from + (n << 2), m);
    }
  }
}

/** y[i, t, :] = x[i, steps - 1 - t, :], rows of n. The range is over the batch i. */
export function reverseSteps(y: usize, x: usize, steps: i32, n: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    for (let t = 0; t < steps; t++) rowCopy(y + (((i * steps + t) * n) << 2), x + ((((i + 1) * steps - 1 - t) * n) << 2), n);
  }
}
