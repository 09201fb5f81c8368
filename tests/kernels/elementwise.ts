import * as reference from "../reference.js";
import { EDGES, UNIT, uniform } from "./data.js";
import { LECTURE, pointwise } from "./pointwise.js";
import type { Row } from "./row.js";

export const relu = pointwise({
  kernels: ["relu", "reluGrad"],
  f: reference.relu,
  df: reference.reluGrad,
  tolerance: 0,
  flops: 3,
});

export const leakyRelu = pointwise({
  kernels: ["leakyRelu", "leakyReluGrad"],
  f: reference.leakyRelu(0.25),
  df: reference.leakyReluGrad(0.25),
  tolerance: 0, // a slope that float32 holds exactly
  flops: 5,
  option: { slope: 0.25 },
});

export const sigmoid = pointwise({
  kernels: ["sigmoid", "sigmoidGrad"],
  f: reference.sigmoid,
  df: reference.sigmoidGrad,
  tolerance: 3 * UNIT,
  flops: 27,
});

export const tanh = pointwise({
  kernels: ["tanh", "tanhGrad"],
  f: reference.tanh,
  df: reference.tanhGrad,
  tolerance: 12 * UNIT, // tanh' = 1 - y² doubles the 6 ulp of y
  flops: 30,
});

const zip = (kernel: "add" | "multiply", f: (a: number, b: number) => number): Row => ({
  kernels: [kernel],
  cases: [...EDGES, LECTURE].map(n => {
    const inputs = { a: uniform(n), b: uniform(n, 2) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { y: n },
      inPlace: { y: "a" },
      calls: [{ kernel, args: { y: "y", a: "a", b: "b" }, range: n }],
      expected: () => ({ y: reference.zip(inputs.a, inputs.b, f) }),
      tolerance: UNIT,
      flops: n,
      bytes: n * 12,
      bench: n === LECTURE,
    };
  }),
});

export const add = zip("add", (a, b) => a + b);
export const multiply = zip("multiply", (a, b) => a * b);

export const scale: Row = {
  kernels: ["scale"],
  cases: [...EDGES, LECTURE].map(n => {
    const inputs = { x: uniform(n) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { y: n },
      inPlace: { y: "x" },
      calls: [{ kernel: "scale", args: { y: "y", x: "x", factor: -2.5 }, range: n }],
      expected: () => ({ y: reference.map(inputs.x, x => -2.5 * x) }),
      tolerance: 2 * UNIT,
      flops: n,
      bytes: n * 8,
      bench: n === LECTURE,
    };
  }),
};
