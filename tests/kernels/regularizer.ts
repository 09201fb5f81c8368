import * as reference from "../reference.js";
import { awayFromZero, EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** The lecture's largest weight matrix: 1600 x 64. */
const LECTURE = 1600 * 64;

function at(n: number, l1: number, l2: number): Case {
  const inputs = { w: awayFromZero(n).map((w, i) => (i % 7 === 3 ? 0 : w)) };
  const initial = { penalty: Float64Array.of(10), dw: uniform(n, 2) };
  return {
    label: `n=${n} l1=${l1} l2=${l2}`,
    inputs,
    initial,
    outputs: { penalty: { f64: 1 }, dw: n },
    calls: [
      { kernel: "l1l2", args: { penalty: "penalty", w: "w", l1, l2, n } },
      { kernel: "l1l2Grad", args: { dw: "dw", w: "w", l1, l2 }, range: n },
    ],
    expected: () => ({
      penalty: [10 + reference.l1l2(inputs.w, l1, l2)],
      dw: reference.add(initial.dw, reference.l1l2Grad(inputs.w, l1, l2)),
    }),
    tolerance: 2 * UNIT,
    // what dw held before is the gradient of Σ dw · w
    gradient: { forward: ({ w }) => reference.penalties(w, l1, l2).map((p, i) => p + initial.dw[i] * w[i]), of: { dw: "w" } },
    flops: n * 7,
    bytes: n * 16,
    bench: n === LECTURE,
  };
}

export const l1l2: Row = {
  kernels: ["l1l2", "l1l2Grad"],
  cases: [...EDGES, LECTURE].flatMap(n => [at(n, 0.5, 0.25), at(n, 0, 0.125), at(n, 0.5, 0)]),
};
