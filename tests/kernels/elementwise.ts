import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { awayFromZero, EDGES, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** The outputs of the lecture's first convolution: 32 images of 26 x 26 x 32. */
const LECTURE = 32 * 26 * 26 * 32;

/** A function and its gradient: y = f(x), then dx = f'(x) · dy, which the kernel takes from y. */
function activation(kernels: [KernelName, KernelName], f: (x: number) => number, df: (x: number) => number, tolerance: number): Row {
  const [kernel, grad] = kernels;
  const at = (n: number): Case => {
    const inputs = { x: awayFromZero(n).map(x => 4 * x), dy: uniform(n, 2) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { y: n, dx: n },
      inPlace: { y: "x", dx: "dy" },
      calls: [
        { kernel, args: { y: "y", x: "x" }, range: n },
        { kernel: grad, args: { dx: "dx", dy: "dy", y: "y" }, range: n },
      ],
      expected: () => ({
        y: reference.map(inputs.x, f),
        dx: reference.map(inputs.x, df).map((d, i) => d * inputs.dy[i]),
      }),
      tolerance,
      bytes: n * 4 * 5,
      bench: n === LECTURE,
      gradient: { forward: i => reference.map(i.x, f), dy: "dy", of: { dx: "x" } },
    };
  };
  return { kernels, cases: [...EDGES, LECTURE].map(at) };
}

export const relu = activation(["relu", "reluGrad"], reference.relu, reference.reluGrad, 0);
