import * as reference from "../references/both.js";
import { uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const shapes: [batch: number, steps: number, n: number, m: number][] = [
  [1, 1, 1, 1],
  [3, 1, 4, 4],
  [2, 5, 3, 3],
  [4, 3, 8, 8],
  [2, 7, 5, 2],
  [3, 2, 1, 17],
];

export const joinSteps: Row = {
  kernels: ["joinSteps", "splitSteps"],
  cases: shapes.map(([batch, steps, n, m]): Case => {
    const inputs = { a: uniform(batch * steps * n), b: uniform(batch * steps * m, 2), dy: uniform(batch * steps * (n + m), 3) };
    return {
      label: `batch=${batch} steps=${steps} n=${n} m=${m}`,
      inputs,
      outputs: { y: batch * steps * (n + m), da: batch * steps * n, db: batch * steps * m },
      calls: [
        { kernel: "joinSteps", args: { y: "y", a: "a", b: "b", steps, n, m }, range: batch },
        { kernel: "splitSteps", args: { a: "da", b: "db", y: "dy", steps, n, m }, range: batch },
      ],
      expected: () => {
        const parts = reference.splitSteps(inputs.dy, steps, n, m);
        return { y: reference.joinSteps(inputs.a, inputs.b, steps, n, m), da: parts.a, db: parts.b };
      },
      tolerance: 0,
    };
  }),
};

export const reverseSteps: Row = {
  kernels: ["reverseSteps"],
  cases: shapes.map(([batch, steps, n]): Case => {
    const inputs = { x: uniform(batch * steps * n) };
    return {
      label: `batch=${batch} steps=${steps} n=${n}`,
      inputs,
      outputs: { y: batch * steps * n },
      calls: [{ kernel: "reverseSteps", args: { y: "y", x: "x", steps, n }, range: batch }],
      expected: () => ({ y: reference.reverseSteps(inputs.x, steps, n) }),
      tolerance: 0,
    };
  }),
};
