import * as reference from "../references/normalization.js";
import { uniform } from "./data.js";
import type { Case, Row } from "./row.js";

function at(shape: number[], order: number[], bench = false): Case {
  const n = shape.reduce((a, b) => a * b);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [, n1, n2, n3, n4] = order.map(axis => shape[axis]);
  const [, s1, s2, s3, s4] = order.map(axis => strides[axis]);
  const inputs = { x: uniform(n) };
  return {
    label: `${shape.join("x")} in order ${order.join(" ")}`,
    inputs,
    outputs: { y: n },
    calls: [{ kernel: "permute", args: { y: "y", x: "x", n1, n2, n3, n4, s1, s2, s3, s4 }, range: shape[0] * n1 * n2 * n3 }],
    expected: () => ({ y: reference.permute(inputs.x, shape, order) }),
    tolerance: 0,
    bytes: 8 * n,
    bench,
  };
}

export const permute: Row = {
  kernels: ["permute"],
  cases: [
    at([3, 1, 1, 4, 5], [0, 1, 2, 4, 3]),
    at([2, 1, 3, 4, 5], [0, 1, 4, 2, 3]),
    at([2, 1, 3, 4, 5], [0, 1, 3, 2, 4]),
    at([2, 2, 3, 4, 5], [0, 4, 2, 1, 3]),
    at([2, 2, 3, 4, 5], [0, 2, 4, 3, 1]),
    at([1, 1, 1, 1, 1], [0, 1, 2, 3, 4]),
    at([0, 1, 1, 2, 3], [0, 1, 2, 4, 3]),
    at([32, 1, 1, 140, 64], [0, 1, 2, 4, 3], true),
  ],
};
