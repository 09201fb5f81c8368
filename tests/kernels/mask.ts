import * as reference from "../reference.js";
import { EDGES, integers, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

export const maskOf: Row = {
  kernels: ["maskOf"],
  cases: EDGES.map(n => {
    const inputs = { x: integers(n, 3) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { mask: n },
      calls: [{ kernel: "maskOf", args: { mask: "mask", x: "x", value: 2 }, range: n }],
      expected: () => ({ mask: reference.maskRows(inputs.x, 1, 2).mask }),
      tolerance: 0,
    };
  }),
};

/** Rows of which some hold nothing but the value, and some all but one element. */
function rowsOf(rows: number, n: number, value: number): Float32Array {
  return uniform(rows * n).map((x, i) => {
    const row = Math.floor(i / n);
    if (row % 3 === 0) return value;
    return row % 3 === 1 && i % n !== n - 1 ? value : x;
  });
}

export const maskRows: Row = {
  kernels: ["maskRows", "multiplyRows"],
  cases: [1, 2, 3, 4, 5, 7, 8, 9, 17].flatMap(n =>
    [0, -2.5].map((value): Case => {
      const rows = 7;
      const inputs = { x: rowsOf(rows, n, value), dy: uniform(rows * n, 2), factors: uniform(rows, 3) };
      return {
        label: `rows=${rows} n=${n} value=${value}`,
        inputs,
        outputs: { y: rows * n, mask: rows, dx: rows * n },
        calls: [
          { kernel: "maskRows", args: { y: "y", mask: "mask", x: "x", n, value }, range: rows },
          { kernel: "multiplyRows", args: { y: "dx", x: "dy", factors: "factors", n }, range: rows },
        ],
        inPlace: { dx: "dy" },
        expected: () => ({ ...reference.maskRows(inputs.x, n, value), dx: reference.multiplyRows(inputs.dy, inputs.factors, n) }),
        tolerance: 1e-7,
      };
    }),
  ),
};

export const maskWeights: Row = {
  kernels: ["maskWeights"],
  cases: [
    ...EDGES.flatMap(n => [true, false].map(weighted => ({ n, weighted, mask: integers(n, 2, 5) }))),
    { n: 9, weighted: true, mask: new Float32Array(9) },
  ].map(({ n, weighted, mask }) => {
    const inputs = { mask, ...(weighted ? { weights: uniform(n, 2, 0, 2) } : {}) };
    return {
      label: `n=${n}${weighted ? " weighted" : ""}${mask.some(Boolean) ? "" : " nothing counts"}`,
      inputs,
      outputs: { out: n },
      calls: [{ kernel: "maskWeights", args: { out: "out", mask: "mask", weights: weighted ? "weights" : 0, n } }],
      expected: () => ({ out: reference.maskWeights(mask, inputs.weights ?? new Float32Array(n).fill(1)) }),
      tolerance: 1e-6,
    };
  }),
};
