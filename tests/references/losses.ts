// Losses in float64 that are no sum over a row: of pairs of rows, and of sequences.
import type { Numbers } from "../reference.js";

const rowsOf = (x: Numbers, n: number) => Array.from({ length: x.length / n }, (_, i) => Array.from(x).slice(i * n, (i + 1) * n));

/** all sequences of `length` numbers below n */
function* sequences(n: number, length: number): Generator<number[]> {
  if (length === 0) yield [];
  else for (const rest of sequences(n, length - 1)) for (let k = 0; k < n; k++) yield [...rest, k];
}

/** What a sequence of classes says: without repetitions, then without blanks. */
const saidBy = (path: number[]) => path.filter((k, t) => k !== 0 && k !== path[t - 1]).join();

/** -log of the probability that the steps y[steps, n] of logits say the labels, added up over every possible sequence */
export function ctc(y: Numbers, labels: Numbers, steps: number, n: number): number {
  const p = rowsOf(y, n).map(row => {
    const most = Math.max(...row);
    const exps = row.map(v => Math.exp(v - most));
    const total = exps.reduce((a, b) => a + b, 0);
    return exps.map(e => e / total);
  });
  const wanted = Array.from(labels)
    .filter(label => label !== 0)
    .join();
  let sum = 0;
  for (const path of sequences(n, steps)) if (saidBy(path) === wanted) sum += path.reduce((product, k, t) => product * p[t][k], 1);
  return -Math.log(sum);
}

/** Keras's formula, row by row; mean: 0 sum, 1 by rows, 2 by weights */
export function circle(y: Numbers, labels: Numbers, n: number, options: { gamma: number; margin: number; removeDiagonal: boolean }) {
  const { gamma, margin, removeDiagonal } = options;
  const rows = rowsOf(y, n);
  const logSumExp = (x: number[]) => (x.length === 0 ? Number.NEGATIVE_INFINITY : Math.log(x.reduce((sum, v) => sum + Math.exp(v), 0)));
  return rows.map((a, i) => {
    const distances = rows.map(b => Math.max(1 - a.reduce((sum, v, k) => sum + v * b[k], 0), 0));
    const same = distances.filter((_, j) => labels[j] === labels[i] && !(removeDiagonal && i === j));
    const others = distances.filter((_, j) => labels[j] !== labels[i]);
    const p = logSumExp(same.map(d => -gamma * Math.max(margin + d, 0) * (margin - d)));
    const q = logSumExp(others.map(d => gamma * Math.max(1 + margin - d, 0) * (1 - margin - d)));
    return Math.max(p + q, 0) + Math.log1p(Math.exp(-Math.abs(p + q)));
  });
}
