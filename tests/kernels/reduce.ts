import * as reference from "../reference.js";
import { EDGES, uniform } from "./data.js";
import type { Row } from "./row.js";

export const weightedSum: Row = {
  kernels: ["weightedSum"],
  cases: EDGES.map(n => {
    const inputs = { x: uniform(n, 1, -100, 100), weights: uniform(n, 2, 0, 2) };
    const args = { x: "x", n };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { out: { f64: 2 }, unweighted: { f64: 2 } },
      calls: [
        { kernel: "weightedSum", args: { ...args, out: "out", weights: "weights" } },
        { kernel: "weightedSum", args: { ...args, out: "unweighted", weights: 0 } },
      ],
      expected: () => ({
        out: reference.weightedSum(inputs.x, inputs.weights),
        unweighted: reference.weightedSum(inputs.x, new Float32Array(n).fill(1)),
      }),
      tolerance: 1e-14,
    };
  }),
};
