import * as reference from "../references/normalization.js";
import { EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

function at(n: number, [low, high, rate]: [number, number, number]): Case {
  const inputs = { x: uniform(n, 1, 0, 9) };
  if (n > 2) inputs.x.set([0, low * low, high * high]);
  return {
    label: `n=${n} low=${low} high=${high} rate=${rate}`,
    inputs,
    outputs: { y: n },
    inPlace: { y: "x" },
    calls: [{ kernel: "normFactor", args: { y: "y", x: "x", low, high, rate }, range: n }],
    expected: () => ({ y: Float64Array.from(inputs.x, x => reference.normFactor(x, low, high, rate)) }),
    tolerance: 8 * UNIT,
  };
}

export const normFactor: Row = {
  kernels: ["normFactor"],
  cases: [
    ...EDGES.map(n => at(n, [0, 2, 1])),
    ...EDGES.map(n => at(n, [0.5, 1.5, 0.25])),
    at(17, [1, 1, 1]),
    at(17, [0, 1, 0]),
    at(17, [0, 0, 1]),
  ],
};
