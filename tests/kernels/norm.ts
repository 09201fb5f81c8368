import fc from "fast-check";
import * as reference from "../references/normalization.js";
import { EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

type Lengths = [r0: number, k0: number, r1: number, k1: number, r2: number];

const named = ([r0, k0, r1, k1, r2]: Lengths): reference.Groups => ({ r0, k0, r1, k1, r2 });
const unitsOf = ({ k0, k1, r2 }: reference.Groups) => (r2 === 1 ? k0 * Math.ceil(k1 / 16) : k0 * k1);
const rowsOf = ({ r0, k0, r1, k1, r2 }: reference.Groups) => r0 * k0 * r1 * (r2 === 1 ? 1 : k1);

/** Some of the rows, with weights whose mean is 1 in each group. */
function counting(groups: reference.Groups): Float32Array {
  const rows = { ...groups, k1: groups.r2 === 1 ? 1 : groups.k1, r2: 1 };
  const weights = uniform(rowsOf(groups), 5).map(v => Number(v > -0.3));
  const means = reference.groupSums(i => weights[i], { ...rows, r2: 1 }, null, 1 / (rows.r0 * rows.r1));
  return weights.map((w, i) => (w === 0 ? 0 : w / means[reference.groupOf(i, rows)]));
}

/** Sums, squares around a mean, and products, of the same groups. */
function sumsAt(lengths: Lengths, isWeighted = false, bench = false): Case {
  const groups = named(lengths);
  const n = reference.sizeOfGroups(groups);
  const count = groups.k0 * groups.k1;
  const inputs = {
    ...{ a: uniform(n), b: uniform(n, 2), mean: uniform(count, 3), c: uniform(n, 4, 0, 2) },
    ...(isWeighted ? { w: counting(groups) } : {}),
  };
  const weights = inputs.w ?? null;
  const factor = count / Math.max(n, 1);
  const call = (y: string, a: string, b: string | 0, mean: string | 0) => ({
    kernel: "groupSums" as const,
    args: { y, a, b, mean, weights: isWeighted ? "w" : 0, factor, ...groups },
    range: unitsOf(groups),
  });
  return {
    label: `${lengths.join("x")}${isWeighted ? " weighted" : ""}`,
    inputs,
    outputs: { sums: count, squares: count, products: count },
    calls: [call("sums", "a", 0, 0), call("squares", "c", "c", "mean"), call("products", "a", "b", 0)],
    expected: () => ({
      sums: reference.groupSums(i => inputs.a[i], groups, weights, factor),
      squares: reference.groupSums(i => (inputs.c[i] - inputs.mean[reference.groupOf(i, groups)]) ** 2, groups, weights, factor),
      products: reference.groupSums(i => inputs.a[i] * inputs.b[i], groups, weights, factor),
    }),
    tolerance: UNIT * 16,
    sizes: { squares: 4 },
    flops: 7 * n,
    bytes: 16 * n,
    bench,
  };
}

const LAYOUTS: Lengths[] = [
  ...[1, 3, 4, 5, 15, 16, 17, 37].map((k1): Lengths => [1, 1, 7, k1, 1]),
  ...[2, 3, 4, 5, 15, 16, 17, 97].map((r2): Lengths => [1, 1, 1, 5, r2]),
  [3, 2, 5, 6, 1],
  [3, 2, 5, 20, 1],
  [3, 2, 5, 6, 7],
  [2, 3, 1, 1, 18],
  [1, 1, 1, 1, 1],
  [1, 1, 63, 5, 1],
  [2, 1, 65, 16, 1],
  [1, 1, 200, 17, 1],
  [1, 2, 130, 3, 3],
  [1, 1, 1, 2, 1100],
  [0, 1, 1, 3, 1],
];

const lengths = fc.tuple(...[3, 3, 9, 20, 20].map(max => fc.integer({ min: 1, max }))) as fc.Arbitrary<Lengths>;

export const groupSums: Row = {
  kernels: ["groupSums"],
  cases: [
    ...LAYOUTS.map(layout => sumsAt(layout)),
    ...LAYOUTS.map(layout => sumsAt(layout, true)),
    sumsAt([1, 1, 32 * 26 * 26, 32, 1], false, true),
    sumsAt([1, 1, 1, 32 * 140, 64], false, true),
    sumsAt([1, 32, 26 * 26, 8, 4], false, true),
  ],
  random: lengths.map(random => sumsAt(random)),
};

/** The way back, from what the way there has left in float32. */
function gradAt(lengths: Lengths, { isWeighted = false, isCentered = true, bench = false } = {}): Case {
  const groups = named(lengths);
  const n = reference.sizeOfGroups(groups);
  const factor = (groups.k0 * groups.k1) / n;
  const epsilon = 0.01;
  const w = isWeighted ? counting(groups) : null;
  const forward = (x: ArrayLike<number>) => reference.standardize(x, groups, { weights: w, isCentered, factor, epsilon });
  const x = uniform(n, 1, -0.5, 1);
  const dy = uniform(n, 2);
  const { y, variance } = forward(x);
  const inputs: Record<string, Float32Array> = {
    ...{ x, dy, y: Float32Array.from(y), scale: Float32Array.from(variance, v => 1 / Math.sqrt(v + epsilon)) },
    sum: Float32Array.from(reference.groupSums(i => dy[i], groups)),
    dot: Float32Array.from(reference.groupSums(i => dy[i] * y[i], groups)),
    ...(w ? { w } : {}),
  };
  const { k0, r1, k1, r2 } = groups;
  const pointers = { dx: "dx", dy: "dy", y: "y", scale: "scale", sum: isCentered ? "sum" : 0, dot: "dot", weights: w ? "w" : 0 };
  return {
    label: `${lengths.join("x")}${isWeighted ? " weighted" : ""}${isCentered ? "" : " around 0"}`,
    inputs,
    outputs: { dx: n },
    inPlace: { dx: "dy" },
    calls: [{ kernel: "normalizeGrad", args: { ...pointers, factor, k0, r1, k1, r2 }, range: rowsOf(groups) }],
    expected: () => ({
      dx: Float64Array.from(dy, (d, i) => {
        const g = reference.groupOf(i, groups);
        const share = factor * (w ? w[Math.floor(i / (r2 === 1 ? k1 : r2))] : 1);
        return inputs.scale[g] * (d - share * ((isCentered ? inputs.sum[g] : 0) + inputs.y[i] * inputs.dot[g]));
      }),
    }),
    tolerance: 8 * UNIT,
    sizes: { dx: 10 },
    gradient: bench ? undefined : { forward: i => forward(i.x).y, dy: "dy", of: { dx: "x" } },
    flops: 5 * n,
    bytes: 12 * n,
    bench,
  };
}

export const normalizeGrad: Row = {
  kernels: ["normalizeGrad"],
  cases: [
    ...LAYOUTS.slice(0, -1).flatMap(layout => [gradAt(layout), gradAt(layout, { isCentered: false })]),
    ...LAYOUTS.slice(0, -1).map(layout => gradAt(layout, { isWeighted: true })),
    gradAt([1, 1, 32 * 26 * 26, 32, 1], { bench: true }),
    gradAt([1, 1, 1, 32 * 140, 64], { bench: true }),
  ],
};

export const inverseRoot: Row = {
  kernels: ["inverseRoot"],
  cases: EDGES.flatMap(n =>
    [
      [0.001, 0],
      [0, 1e-24],
    ].map(([epsilon, least]): Case => {
      const inputs = { x: uniform(n, 1, 0, 2) };
      if (n > 0) inputs.x[0] = 0;
      return {
        label: `n=${n} epsilon=${epsilon} least=${least}`,
        inputs,
        outputs: { y: n },
        inPlace: { y: "x" },
        calls: [{ kernel: "inverseRoot", args: { y: "y", x: "x", epsilon, least }, range: n }],
        expected: () => ({
          y: Float64Array.from(inputs.x, x => 1 / Math.sqrt(Math.max(x + Math.fround(epsilon), Math.fround(least)))),
        }),
        tolerance: 4 * UNIT,
      };
    }),
  ),
};
