import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { awayFromZero, EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** The outputs of the lecture's first convolution: 32 images of 26 x 26 x 32. */
const LECTURE = 32 * 26 * 26 * 32;

interface Activation {
  kernels: [KernelName, KernelName];
  f: (x: number) => number;
  df: (x: number) => number;
  tolerance: number;
  /** of f and f' together */
  flops: number;
  option?: Record<string, number>;
}

/** y = f(x), then dx = f'(x) · dy, which the kernel takes from y. */
function activation({ kernels, f, df, tolerance, flops, option = {} }: Activation): Row {
  const [kernel, grad] = kernels;
  const at = (n: number): Case => {
    const inputs = { x: awayFromZero(n).map(x => 4 * x), dy: uniform(n, 2) };
    return {
      label: [`n=${n}`, ...Object.entries(option).map(([name, value]) => `${name}=${value}`)].join(" "),
      inputs,
      outputs: { y: n, dx: n },
      inPlace: { y: "x", dx: "dy" },
      calls: [
        { kernel, args: { y: "y", x: "x", ...option }, range: n },
        { kernel: grad, args: { dx: "dx", dy: "dy", y: "y", ...option }, range: n },
      ],
      expected: () => ({ y: reference.map(inputs.x, f), dx: reference.map(inputs.x, df).map((d, i) => d * inputs.dy[i]) }),
      tolerance,
      gradient: { forward: i => reference.map(i.x, f), dy: "dy", of: { dx: "x" } },
      flops: n * flops,
      bytes: n * 4 * 5,
      bench: n === LECTURE,
    };
  };
  const special: Case = {
    label: "special values",
    inputs: { x: Float32Array.of(0, -0, Infinity, -Infinity, Number.NaN, 1e30, -1e30, 88.8, -88.8, 1e-30, -1e-30) },
    outputs: { y: 11 },
    calls: [{ kernel, args: { y: "y", x: "x", ...option }, range: 11 }],
    expected: () => ({ y: reference.map(special.inputs.x, f).map(Math.fround) }),
    tolerance,
  };
  return { kernels, cases: [...[...EDGES, LECTURE].map(at), special] };
}

export const relu = activation({
  kernels: ["relu", "reluGrad"],
  f: reference.relu,
  df: reference.reluGrad,
  tolerance: 0,
  flops: 3,
});

export const leakyRelu = activation({
  kernels: ["leakyRelu", "leakyReluGrad"],
  f: reference.leakyRelu(0.25),
  df: reference.leakyReluGrad(0.25),
  tolerance: 0, // a slope that float32 holds exactly
  flops: 5,
  option: { slope: 0.25 },
});

export const sigmoid = activation({
  kernels: ["sigmoid", "sigmoidGrad"],
  f: reference.sigmoid,
  df: reference.sigmoidGrad,
  tolerance: 3 * UNIT,
  flops: 27,
});

export const tanh = activation({
  kernels: ["tanh", "tanhGrad"],
  f: reference.tanh,
  df: reference.tanhGrad,
  tolerance: 12 * UNIT, // tanh' = 1 - y² doubles the 6 ulp of y
  flops: 30,
});

export const add: Row = {
  kernels: ["add"],
  cases: [...EDGES, LECTURE].map(n => {
    const inputs = { a: uniform(n), b: uniform(n, 2) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { y: n },
      inPlace: { y: "a" },
      calls: [{ kernel: "add", args: { y: "y", a: "a", b: "b" }, range: n }],
      expected: () => ({ y: reference.add(inputs.a, inputs.b) }),
      tolerance: UNIT,
      flops: n,
      bytes: n * 12,
      bench: n === LECTURE,
    };
  }),
};

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
