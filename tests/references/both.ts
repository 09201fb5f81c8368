// Two sequences of rows, [batch, steps, n] and [batch, steps, m], the second of which runs the other way.
import type { Numbers } from "../reference.js";

/** x[batch, steps, n] as rows, with the steps of each sequence in the other order */
function reversedRows(x: Numbers, steps: number, n: number): number[][] {
  const rows = Array.from({ length: x.length / n }, (_, r) => Array.from({ length: n }, (_, j) => x[r * n + j]));
  return Array.from({ length: rows.length / steps }, (_, i) => rows.slice(i * steps, (i + 1) * steps).reverse()).flat();
}

export const reverseSteps = (x: Numbers, steps: number, n: number) => Float64Array.from(reversedRows(x, steps, n).flat());

export function joinSteps(a: Numbers, b: Numbers, steps: number, n: number, m: number) {
  const rows = reversedRows(b, steps, m).map((row, r) => [...Array.from(a).slice(r * n, (r + 1) * n), ...row]);
  return Float64Array.from(rows.flat());
}

export function splitSteps(y: Numbers, steps: number, n: number, m: number) {
  const rows = Array.from({ length: y.length / (n + m) }, (_, r) => Array.from(y).slice(r * (n + m), (r + 1) * (n + m)));
  const a = Float64Array.from(rows.flatMap(row => row.slice(0, n)));
  return {
    a,
    b: reverseSteps(
      rows.flatMap(row => row.slice(n)),
      steps,
      m,
    ),
  };
}
