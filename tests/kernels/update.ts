import * as reference from "../reference.js";
import { EDGES, UNIT, uniform } from "./data.js";
import type { Call, Case, Row } from "./row.js";

/** The parameters of the lecture's convolutional net. */
const LECTURE = 121_930;

type Parts = Pick<Case, "inputs" | "initial" | "outputs" | "calls" | "expected"> & Partial<Case>;

function row(kernels: Row["kernels"], at: (n: number) => Parts, sizes = [...EDGES, LECTURE]): Row {
  return { kernels, cases: sizes.map(n => ({ label: `n=${n}`, tolerance: 2 * UNIT, bytes: n * 12, bench: n === LECTURE, ...at(n) })) };
}

export const meanGradient = row(["meanGradient"], n => {
  const initial = { dw: uniform(n), sum: uniform(n, 2) };
  return {
    inputs: {},
    initial,
    outputs: { dw: n, sum: n },
    calls: [{ kernel: "meanGradient", args: { dw: "dw", sum: "sum", count: 3 }, range: n }],
    expected: () => ({ dw: reference.zip(initial.dw, initial.sum, (a, b) => (a + b) / 3), sum: new Float32Array(n) }),
  };
});

export const clipValue = row(["clipValue"], n => {
  const initial = { x: uniform(n).map((v, i) => (i === 2 ? Number.NaN : v)) };
  return {
    inputs: {},
    initial,
    outputs: { x: n },
    calls: [{ kernel: "clipValue", args: { x: "x", limit: 0.25 }, range: n }],
    expected: () => ({ x: reference.map(initial.x, v => Math.min(Math.max(v, -0.25), 0.25)) }),
  };
});

/** Gradients whose norm is over the limit, and of some that is not; one call for each chunk of 4096. */
export const clipNorm = row(
  ["squareSums", "clipFactor", "scaleBy"],
  n => {
    const initial = { x: uniform(n) };
    const chunks = Math.ceil(n / 4096);
    const limit = 1.5;
    const sums = Array.from({ length: chunks }, (_, c) => reference.squareSum(initial.x.subarray(c * 4096, (c + 1) * 4096)));
    const calls: Call[] = [
      { kernel: "squareSums", args: { sums: "sums", x: "x", n }, range: chunks },
      { kernel: "clipFactor", args: { factor: "factor", sums: "sums", n: chunks, limit } },
      { kernel: "scaleBy", args: { x: "x", factor: "factor" }, range: n },
    ];
    return {
      inputs: {},
      initial,
      outputs: { sums: { f64: chunks }, factor: 1, x: n },
      calls,
      expected: () => {
        const factor = reference.clipFactor(sums, limit);
        return { sums, factor: [factor], x: reference.map(initial.x, v => v * factor) };
      },
      flops: n * 3,
    };
  },
  [...EDGES, 4095, 4096, 4097, 9001, LECTURE],
);

export const decay = row(["decay"], n => {
  const initial = { w: uniform(n) };
  const inputs = { amount: Float32Array.of(3e-6) }; // 1 - 3e-6 is off by half of itself in float32
  return {
    inputs,
    initial,
    outputs: { w: n },
    calls: [{ kernel: "decay", args: { w: "w", amount: "amount" }, range: n }],
    expected: () => ({ w: reference.map(initial.w, w => w - inputs.amount[0] * w) }),
    tolerance: UNIT,
  };
});

export const movingAverage: Row = {
  kernels: ["movingAverage"],
  cases: [0.01, 1].flatMap(
    share =>
      row(["movingAverage"], n => {
        const inputs = { x: uniform(n), share: Float32Array.of(share) };
        const initial = { average: uniform(n, 2) };
        return {
          label: `n=${n} share=${share}`,
          inputs,
          initial,
          outputs: { average: n },
          calls: [{ kernel: "movingAverage", args: { average: "average", x: "x", share: "share" }, range: n }],
          expected: () => ({ average: reference.zip(initial.average, inputs.x, (a, x) => a + inputs.share[0] * (x - a)) }),
          tolerance: share === 1 ? 0 : 2 * UNIT,
        };
      }).cases,
  ),
};
