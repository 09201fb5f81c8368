import * as reference from "../reference.js";
import { EDGES, integers, probabilities, random, uniform } from "./data.js";
import type { Call, Case, Data, Row } from "./row.js";

interface Rows {
  kernel: Call["kernel"];
  options?: Record<string, number>;
  /** the kernel's output, by its parameter's name, has so many numbers */
  output: [name: "out" | "values", size: (m: number, n: number) => number];
  data: (m: number, n: number) => Record<string, Float32Array>;
  truth: (inputs: Record<string, Float32Array>, n: number) => ArrayLike<number>;
}

/** Kernels over rows. */
function row({ kernel, options = {}, output: [output, size], data, truth }: Rows): Row {
  const at = (m: number, n: number, inputs = data(m, n), label = `m=${m} n=${n}`): Case => ({
    label,
    inputs,
    outputs: { [output]: size(m, n) },
    calls: [
      { kernel, args: { [output]: output, ...Object.fromEntries(Object.keys(inputs).map(name => [name, name])), n, ...options }, range: m },
    ],
    expected: () => ({ [output]: Float32Array.from(truth(inputs, n)) }),
    tolerance: 0,
    flops: m * n,
    bytes: m * n * 8,
    bench: m === 1000,
  });
  const ties = Object.fromEntries(
    Object.entries(data(4, 3)).map(([name, values], i) => [
      name,
      i === 0 ? Float32Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, -1, -2, -1) : values,
    ]),
  );
  const shapes = [1, 2, 3, 4, 5, 10, 17].map(n => at(29, n));
  return {
    kernels: [kernel],
    cases: [...shapes, at(0, 10), at(1000, 10), at(4, 3, ties, "ties")],
    random: random.matrix.map(([m, n]) => at(m, n)),
  };
}

const perRow = (m: number) => m;
const perElement = (m: number, n: number) => m * n;

export const argmax = row({
  kernel: "argmax",
  output: ["out", perRow],
  data: (m, n) => ({ x: probabilities(m, n) }),
  truth: ({ x }, n) => reference.argmaxRows(x, n),
});

export const isLargest = row({
  kernel: "isLargest",
  output: ["out", perElement],
  data: (m, n) => ({ x: probabilities(m, n) }),
  truth: ({ x }, n) => reference.isLargest(x, n),
});

export const accuracy = row({
  kernel: "accuracy",
  output: ["values", perRow],
  data: (m, n) => ({ y: integers(m * n, 3), target: integers(m * n, 3, 2) }),
  truth: ({ y, target }, n) => reference.accuracy(y, target, n),
});

export const inTopK = row({
  kernel: "inTopK",
  options: { k: 2 },
  output: ["values", perRow],
  data: (m, n) => ({ y: probabilities(m, n), target: integers(m, n + 2, 2).map(label => label - 1) }),
  truth: ({ y, target }, n) => reference.inTopK(y, target, n, 2),
});

export const keepTopK = row({
  kernel: "keepTopK",
  options: { k: 3 },
  output: ["out", perElement],
  data: (m, n) => ({ y: integers(m * n, 6) }),
  truth: ({ y }, n) => reference.keepTopK(y, n, 3),
});

export const above: Row = {
  kernels: ["above"],
  cases: EDGES.map(n => {
    const inputs = { x: uniform(n, 1, 0, 1).map((p, i) => (i % 5 === 2 ? 0.5 : p)) };
    return {
      label: `n=${n}`,
      inputs,
      outputs: { out: n },
      calls: [{ kernel: "above", args: { out: "out", x: "x", threshold: 0.5 }, range: n }],
      expected: () => ({ out: reference.above(inputs.x, 0.5) }),
      tolerance: 0,
    };
  }),
};

interface Sums {
  kernel: Call["kernel"];
  label: string;
  inputs: Record<string, Data>;
  args: Call["args"];
  truth: ArrayLike<number>;
}

/** A kernel that adds to float64 sums: they begin at 1, 2, 3, ... */
function adding({ kernel, label, inputs, args, truth }: Sums): Case {
  const initial = Float64Array.from({ length: truth.length }, (_, i) => i + 1);
  const pointers = Object.fromEntries(Object.keys(inputs).map(name => [name, name]));
  return {
    label,
    inputs,
    outputs: { sums: { f64: truth.length } },
    initial: { sums: initial },
    calls: [{ kernel, args: { sums: "sums", weights: 0, ...pointers, ...args } }],
    expected: () => ({ sums: initial.map((value, i) => value + truth[i]) }),
    tolerance: 1e-14,
    sizes: { sums: 1 },
  };
}

const weighted = (m: number): { inputs: Record<string, Data>; weights: Float32Array; of: string }[] => [
  { inputs: {}, weights: new Float32Array(m).fill(1), of: "" },
  { inputs: { weights: uniform(m, 9, 0, 3) }, weights: uniform(m, 9, 0, 3), of: " weighted" },
];

export const weightedSum: Row = {
  kernels: ["weightedSum"],
  cases: EDGES.flatMap(n =>
    weighted(n).map(({ inputs, weights, of }) => {
      const x = uniform(n, 1, -100, 100);
      const truth = reference.weightedSum(x, weights);
      return adding({ kernel: "weightedSum", label: `n=${n}${of}`, inputs: { x, ...inputs }, args: { n }, truth });
    }),
  ),
};

export const confusionMatrix: Row = {
  kernels: ["confusionMatrix"],
  cases: [0, 1, 7, 50].flatMap(m =>
    weighted(m).flatMap(({ inputs, weights, of }) =>
      [1, -1].map(ignored => {
        // classes 0, 1, 2, and beside them -1 and 3, which are none
        const [y, target] = [3, 4].map(seed => integers(m, 5, seed).map(label => label - 1));
        const truth = reference.confusionMatrix(y, target, weights, 3, ignored);
        const args = { classes: 3, ignored, m };
        return adding({
          kernel: "confusionMatrix",
          label: `m=${m} ignored=${ignored}${of}`,
          inputs: { y, target, ...inputs },
          args,
          truth,
        });
      }),
    ),
  ),
};

export const columnMoments: Row = {
  kernels: ["columnMoments"],
  cases: [
    [0, 3],
    [1, 1],
    [7, 2],
    [20, 5],
  ].flatMap(([m, n]) =>
    weighted(m).map(({ inputs, weights, of }) => {
      const [y, target] = [uniform(m * n, 3), uniform(m * n, 4)];
      const truth = reference.columnMoments(y, target, weights, n);
      return adding({ kernel: "columnMoments", label: `m=${m} n=${n}${of}`, inputs: { y, target, ...inputs }, args: { n, m }, truth });
    }),
  ),
};

const HALVES = Float32Array.of(0.25, 0.5, 0.875);
const EVEN = Float32Array.of(0, 0.25, 0.5, 0.75, 1);

/** Predictions in quarters, so that some lie at thresholds; NaN lies below all. */
function thresholds(m: number, n: number, first: number, last: number, isByColumn: boolean, isEven: boolean, isWeighted: boolean): Case {
  const y = integers(m * n, 9, 5).map(v => v / 8);
  if (y.length > 5) y.set([Number.NaN, 2, -1]);
  const target = integers(m * n, 2, 6);
  const weights = uniform(m, 7, 0, 3);
  const columnWeights = uniform(n, 8, 0, 3);
  const given = isEven ? EVEN : HALVES;
  const columns = Array.from({ length: last - first }, (_, i) => first + i);
  const pick = (values: Float32Array, own: number[]) =>
    Array.from({ length: m }, (_, row) => own.map(column => values[row * n + column])).flat();
  const counts = (own: number[]) => {
    const both = Array.from({ length: m }, (_, row) => own.map(column => (isWeighted ? weights[row] * columnWeights[column] : 1))).flat();
    const predictions = pick(y, own).map(p => (isEven ? Math.min(p, 1) : p)); // as Keras, which clips them for even thresholds alone
    return reference.thresholdCounts(predictions, pick(target, own), both, given);
  };
  return adding({
    kernel: "thresholdCounts",
    label: `m=${m} n=${n} [${first}, ${last})${isByColumn ? " by column" : ""}${isEven ? " even" : ""}${isWeighted ? " weighted" : ""}`,
    inputs: { y, target, ...(isWeighted && { weights, columnWeights }), ...(!isEven && { thresholds: given }) },
    args: {
      ...(!isWeighted && { columnWeights: 0 }),
      ...(isEven && { thresholds: 0 }),
      ...{ count: given.length, least: 0, first, last, isByColumn: Number(isByColumn), n, m },
    },
    truth: isByColumn ? columns.flatMap(column => counts([column])) : counts(columns),
  });
}

export const thresholdCounts: Row = {
  kernels: ["thresholdCounts"],
  cases: [true, false].flatMap(isEven =>
    [true, false].flatMap(isWeighted => [
      thresholds(40, 3, 0, 3, false, isEven, isWeighted),
      thresholds(40, 3, 0, 3, true, isEven, isWeighted),
      thresholds(40, 3, 1, 2, false, isEven, isWeighted),
      thresholds(7, 1, 0, 1, false, isEven, isWeighted),
      thresholds(0, 2, 0, 2, true, isEven, isWeighted),
    ]),
  ),
};
