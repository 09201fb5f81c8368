import * as reference from "../reference.js";
import { largestProbability, random, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

function at(m: number, n: number, bench = false): Case {
  const inputs = { x: uniform(m * n, 1, -8, 8), dy: uniform(m * n, 2) };
  return {
    label: `m=${m} n=${n}`,
    inputs,
    outputs: { y: m * n, dx: m * n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "softmax", args: { y: "y", x: "x", n }, range: m },
      { kernel: "softmaxGrad", args: { dx: "dx", dy: "dy", y: "y", n }, range: m },
    ],
    expected: () => {
      const y = reference.softmax(inputs.x, n);
      return { y, dx: reference.softmaxGrad(inputs.dy, y, n) };
    },
    tolerance: 8 * UNIT, // exp errs by 2.4, its sum by about 2, the quotient by 2
    sizes: { y: largestProbability(n), dx: largestProbability(n) },
    gradient: { forward: i => reference.softmax(i.x, n), dy: "dy", of: { dx: "x" } },
    flops: m * n * 32,
    bytes: m * n * 4 * 7,
    bench,
  };
}

/** Logits that need the shift by the maximum, and rows that have no softmax. */
const special: Case = {
  label: "large logits, and rows without a softmax",
  inputs: { x: Float32Array.of(1e4, 1e4, -1e4, -1e30, 0, -Infinity, 0, Number.NaN, 1) },
  outputs: { y: 9 },
  calls: [{ kernel: "softmax", args: { y: "y", x: "x", n: 3 }, range: 3 }],
  expected: () => ({ y: [0.5, 0.5, 0, 0, 1, 0, Number.NaN, Number.NaN, Number.NaN] }),
  tolerance: UNIT,
};

export const softmax: Row = {
  kernels: ["softmax", "softmaxGrad"],
  cases: [...[0, 1, 2, 3, 4, 5, 7, 8, 9, 101].map(n => at(3, n)), at(0, 10), at(1, 1000), at(32, 10, true), at(32, 1000, true), special],
  random: random.matrix.map(([m, n]) => at(m, n)),
};
