import * as reference from "../reference.js";
import { largestProbability, random, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

type Numbers = ArrayLike<number>;

interface Normalizer {
  kernels: ["softmax", "softmaxGrad"] | ["logSoftmax", "logSoftmaxGrad"] | ["sparsemax", "sparsemaxGrad"];
  f: (x: Numbers, n: number) => Float64Array;
  df: (dy: Numbers, y: Numbers, n: number) => Float64Array;
  tolerance: number;
  /** of f and f' together, for each element */
  flops: number;
  /** the size of the results, if it is far from 1 */
  size?: (n: number) => number;
  /** what becomes of the special logits */
  special: number[];
}

/** Logits that need the shift by the maximum, and rows that have no softmax. */
const SPECIAL = Float32Array.of(1e4, 1e4, -1e4, -1e30, 0, -Infinity, 0, Number.NaN, 1);

function row({ kernels, f, df, tolerance, flops, size = () => 1, special }: Normalizer): Row {
  const [kernel, grad] = kernels;
  const at = (m: number, n: number, bench = false): Case => {
    const inputs = { x: uniform(m * n, 1, -8, 8), dy: uniform(m * n, 2) };
    return {
      label: `m=${m} n=${n}`,
      inputs,
      outputs: { y: m * n, dx: m * n },
      inPlace: { y: "x", dx: "dy" },
      calls: [
        { kernel, args: { y: "y", x: "x", n }, range: m },
        { kernel: grad, args: { dx: "dx", dy: "dy", y: "y", n }, range: m },
      ],
      expected: () => {
        const y = f(inputs.x, n);
        return { y, dx: df(inputs.dy, y, n) };
      },
      tolerance,
      sizes: { y: size(n), dx: size(n) },
      gradient: { forward: i => f(i.x, n), dy: "dy", of: { dx: "x" } },
      flops: m * n * flops,
      bytes: m * n * 4 * 7,
      bench,
    };
  };
  const ends: Case = {
    label: "large logits, and rows without a softmax",
    inputs: { x: SPECIAL },
    outputs: { y: 9 },
    calls: [{ kernel, args: { y: "y", x: "x", n: 3 }, range: 3 }],
    expected: () => ({ y: special }),
    tolerance: UNIT,
  };
  return {
    kernels,
    cases: [...[0, 1, 2, 3, 4, 5, 7, 8, 9, 101].map(n => at(3, n)), at(0, 10), at(1, 1000), at(32, 10, true), at(32, 1000, true), ends],
    random: random.matrix.map(([m, n]) => at(m, n)),
  };
}

const { NaN: none } = Number;

export const softmax = row({
  kernels: ["softmax", "softmaxGrad"],
  f: reference.softmax,
  df: reference.softmaxGrad,
  tolerance: 8 * UNIT, // exp errs by 2.4, its sum by about 2, the quotient by 2
  size: largestProbability,
  flops: 32,
  special: [0.5, 0.5, 0, 0, 1, 0, none, none, none],
});

export const logSoftmax = row({
  kernels: ["logSoftmax", "logSoftmaxGrad"],
  f: reference.logSoftmax,
  df: reference.logSoftmaxGrad,
  tolerance: 32 * UNIT, // the gradient multiplies e^y by a sum of up to 1000 numbers
  flops: 46,
  special: [-Math.LN2, -Math.LN2, -2e4 - Math.LN2, -1e30, 0, -Infinity, none, none, none],
});

export const sparsemax = row({
  kernels: ["sparsemax", "sparsemaxGrad"],
  f: reference.sparsemax,
  df: reference.sparsemaxGrad,
  tolerance: 16 * UNIT, // of logits up to 8
  flops: 24,
  special: [0.5, 0.5, 0, 0, 1, 0, 0, none, 1],
});
