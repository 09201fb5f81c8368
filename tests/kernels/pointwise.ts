import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { awayFromZero, EDGES, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** The outputs of the lecture's first convolution: 32 images of 26 x 26 x 32. */
export const LECTURE = 32 * 26 * 26 * 32;

interface Pointwise {
  /** the activation and its gradient, which takes f' from y or x; or one that gives f' itself, as `slope` */
  kernels: [KernelName, KernelName] | [KernelName];
  f: (x: number) => number;
  df: (x: number) => number;
  tolerance: number;
  /** of f and f' together */
  flops: number;
  option?: Record<string, number>;
  /** the gradient's, if they are others */
  gradOption?: Record<string, number>;
  /** what the gradient reads */
  from?: "x" | "y";
  /** the size that is timed */
  size?: number;
  special?: number[];
}

const SPECIAL = [0, -0, Infinity, -Infinity, Number.NaN, 1e30, -1e30, 88.8, -88.8, 1e-30, -1e-30];

/** y = f(x), then dx = f'(x) · dy. */
export function pointwise({
  kernels,
  f,
  df,
  tolerance,
  flops,
  option = {},
  gradOption = option,
  from = "y",
  size = LECTURE,
  ...more
}: Pointwise): Row {
  const [kernel, grad] = kernels;
  const { special = SPECIAL } = more;
  const at = (n: number): Case => {
    const inputs = { x: awayFromZero(n).map(x => 4 * x), dy: uniform(n, 2) };
    const slopes = () => reference.map(inputs.x, df);
    const gradient = { forward: (i: Record<string, ArrayLike<number>>) => reference.map(i.x, f), dy: "dy", of: { dx: "x" } };
    const common = {
      label: [`n=${n}`, ...Object.entries(option).map(([name, value]) => `${name}=${value}`)].join(" "),
      inputs,
      tolerance,
      flops: n * flops,
      bytes: n * 4 * 5,
      bench: n === size,
    };
    if (!grad) {
      return {
        ...common,
        outputs: { y: n, slope: n, alone: n },
        inPlace: { slope: "x" },
        calls: [
          { kernel, args: { y: "alone", slope: 0, x: "x", ...option }, range: n },
          { kernel, args: { y: "y", slope: "slope", x: "x", ...option }, range: n },
        ],
        expected: () => ({ y: reference.map(inputs.x, f), slope: slopes(), alone: reference.map(inputs.x, f) }),
      };
    }
    return {
      ...common,
      outputs: { y: n, dx: n },
      inPlace: from === "y" ? { y: "x", dx: "dy" } : { dx: "dy" },
      calls: [
        { kernel, args: { y: "y", x: "x", ...option }, range: n },
        { kernel: grad, args: { dx: "dx", dy: "dy", [from]: from, ...gradOption }, range: n },
      ],
      expected: () => ({ y: reference.map(inputs.x, f), dx: slopes().map((d, i) => d * inputs.dy[i]) }),
      gradient,
    };
  };
  const x = Float32Array.from(special);
  const ends: Case = {
    label: "special values",
    inputs: { x },
    outputs: { y: x.length },
    calls: [{ kernel, args: { y: "y", ...(grad ? {} : { slope: 0 }), x: "x", ...option }, range: x.length }],
    expected: () => ({ y: reference.map(x, f).map(Math.fround) }),
    tolerance,
  };
  return { kernels, cases: [...[...EDGES, size].map(at), ends] };
}

/** Rows that share a kernel, as one. */
export function joined(...rows: Row[]): Row {
  return { kernels: [...new Set(rows.flatMap(row => row.kernels))], cases: rows.flatMap(row => row.cases) };
}
