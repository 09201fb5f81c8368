import * as reference from "../reference.js";
import { random, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

function at(m: number, n: number, bench = false): Case {
  const inputs = { x: uniform(m * n), bias: uniform(n, 2), dy: uniform(m * n, 3) };
  return {
    label: `m=${m} n=${n}`,
    inputs,
    outputs: { y: m * n, db: n },
    inPlace: { y: "x" },
    calls: [
      { kernel: "addBias", args: { y: "y", x: "x", bias: "bias", n }, range: m },
      { kernel: "biasGrad", args: { db: "db", dy: "dy", m, n }, range: n },
    ],
    expected: () => ({ y: reference.addBias(inputs.x, inputs.bias), db: reference.biasGrad(inputs.dy, n) }),
    tolerance: UNIT * (8 + Math.sqrt((m / 3) * (m / 64 + 64))), // size of the sums of m numbers in ±1, times their number of roundings at random
    gradient: { forward: i => reference.addBias(inputs.x, i.bias), dy: "dy", of: { db: "bias" } },
    flops: 2 * m * n,
    bytes: m * n * 12,
    bench,
  };
}

/** The middle columns of rows that are longer. */
function columnsAt(m: number, n: number, rowStride: number): Case {
  const dy = uniform(m * rowStride);
  return {
    label: `m=${m} n=${n} rowStride=${rowStride}`,
    inputs: { dy },
    outputs: { db: n },
    calls: [{ kernel: "columnSums", args: { db: "db", dy: "dy", m, n, rowStride }, range: n }],
    expected: () => ({ db: reference.biasGrad(dy, rowStride).subarray(0, n) }),
    tolerance: UNIT * (8 + Math.sqrt((m / 3) * (m / 64 + 64))),
  };
}

export const columnSums: Row = {
  kernels: ["columnSums"],
  cases: [1, 3, 4, 5, 16, 17, 37].flatMap(n => [columnsAt(5, n, n), columnsAt(70, n, n + 7)]),
};

export const bias: Row = {
  kernels: ["addBias", "biasGrad"],
  cases: [
    ...[0, 1, 3, 4, 5, 15, 16, 17, 31, 37].map(n => at(5, n)),
    ...[0, 1, 63, 64, 65, 200].map(m => at(m, 20)),
    at(32 * 26 * 26, 32, true),
    at(32 * 11 * 11, 64, true),
    at(32, 10, true),
  ],
  random: random.matrix.map(([m, n]) => at(m, n)),
};
