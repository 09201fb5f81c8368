import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { awayFromZero, integers, largestProbability, oneHot, probabilities, random, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

interface Loss {
  kernel: KernelName;
  /** whether the loss of a single element has no slope but rounding's */
  flatAlone?: boolean;
  /** options that stay as they are */
  fixed?: Record<string, number>;
  /** the option's name and values, and the reference with it */
  option?: [name: string, values: number[]];
  truth: (option: number) => reference.Loss;
  /** predictions and targets of m rows of n, a little apart from each other where the loss has a kink */
  data: (m: number, n: number) => { y: Float32Array; target: Float32Array };
  tolerance: number;
  /** the size of the terms that a gradient is the difference of */
  slope: (n: number) => number;
  /** predictions and targets at which the loss is clipped, infinite or flat: a few rows of 3 */
  special: { y: Float32Array; target: Float32Array };
}

const SCALE = 0.25;

function row({ kernel, option, fixed = {}, flatAlone = false, truth, data, tolerance, slope, special }: Loss): Row {
  const name = option?.[0];
  const at = (m: number, n: number, value: number, { y, target } = data(m, n), more: Partial<Case> = {}): Case => {
    const loss = truth(value);
    const inputs = { y, target, weights: uniform(m, 3, 0, 2) };
    const args = { losses: "losses", dy: "dy", y: "y", target: "target", weights: "weights", n, scale: SCALE };
    const options = { ...fixed, ...(name ? { [name]: value } : {}) };
    const weighted = (values: ArrayLike<number>, each: number) =>
      Float64Array.from(values, (v, i) => v * inputs.weights[Math.floor(i / each)] * SCALE);
    return {
      label: [`m=${m} n=${n}`, ...(name ? [`${name}=${value}`] : [])].join(" "),
      inputs,
      outputs: { losses: m, dy: m * n, unweightedLosses: m, unweighted: m * n, lossesOnly: m },
      calls: [
        { kernel, args: { ...args, ...options }, range: m },
        { kernel, args: { ...args, ...options, losses: "unweightedLosses", dy: "unweighted", weights: 0 }, range: m },
        { kernel, args: { ...args, ...options, losses: "lossesOnly", dy: 0 }, range: m },
      ],
      expected: () => {
        const losses = reference.losses(loss, y, target, n);
        const grads = reference.lossGrads(loss, y, target, n);
        return { losses, dy: weighted(grads, n), unweightedLosses: losses, unweighted: grads.map(d => d * SCALE), lossesOnly: losses };
      },
      tolerance,
      sizes: { dy: 2 * SCALE * slope(n), unweighted: SCALE * slope(n) },
      gradient: flatAlone && n === 1 ? undefined : { forward: i => weighted(reference.losses(loss, i.y, target, n), 1), of: { dy: "y" } },
      ...more,
    };
  };
  const values = option?.[1] ?? [0];
  const inPlace = at(5, 7, values[0]);
  return {
    kernels: [kernel],
    cases: [
      ...values.flatMap(value => [1, 2, 3, 4, 5, 7, 8, 9, 101].map(n => at(3, n, value))),
      at(0, 10, values[0]),
      at(32, 10, values[0], undefined, { bench: true, flops: 32 * 10 * 60, bytes: 32 * 10 * 4 * 9 }),
      { ...at(special.y.length / 3, 3, values[0], special, { gradient: undefined }), label: "special values" },
      {
        ...inPlace,
        label: "in place",
        outputs: { losses: 5, dy: 35 },
        calls: inPlace.calls.slice(0, 1),
        inPlace: { dy: "y" },
        expected: () => {
          const { losses, dy } = inPlace.expected();
          return { losses, dy };
        },
      },
    ],
    random: random.matrix.map(([m, n]) => at(m, n, values.at(-1)!)),
  };
}

const regression = {
  data: (m: number, n: number) => {
    const target = uniform(m * n, 2, -2, 2);
    return { y: awayFromZero(m * n).map((d, i) => target[i] + 1.5 * d), target };
  },
  tolerance: 4 * UNIT,
  slope: (n: number) => 1 / n,
  special: {
    y: Float32Array.of(0, 1, -3, Number.NaN, 0, 0, Infinity, 0, 0, 1e10, 0, 0),
    target: Float32Array.of(0, 1, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  },
};

export const meanSquaredError = row({ ...regression, kernel: "meanSquaredError", truth: () => reference.meanSquaredError });
export const meanAbsoluteError = row({ ...regression, kernel: "meanAbsoluteError", truth: () => reference.meanAbsoluteError });
export const huber = row({ ...regression, kernel: "huber", option: ["delta", [1, 0.5]], truth: reference.huber });

const plainRegression = { ...regression, tolerance: 16 * UNIT };
export const meanAbsolutePercentageError = row({
  ...regression,
  kernel: "meanAbsolutePercentageError",
  truth: () => reference.meanAbsolutePercentageError,
  data: (m, n) => {
    const target = awayFromZero(m * n, 2, 0.5);
    return { y: awayFromZero(m * n).map((d, i) => target[i] + 1.5 * d), target };
  },
  tolerance: 300 * UNIT,
  slope: n => 200 / n,
  special: { y: Float32Array.of(0, 1, -3, Number.NaN, 0, 0), target: Float32Array.of(0, 1, -3, 1, 1, 1) },
});
export const meanSquaredLogarithmicError = row({
  ...plainRegression,
  kernel: "meanSquaredLogarithmicError",
  truth: () => reference.meanSquaredLogarithmicError,
  data: (m, n) => ({ y: uniform(m * n, 1, 0.05, 4), target: uniform(m * n, 2, -1, 4) }),
  special: { y: Float32Array.of(0, -1, 1e-8, Number.NaN, 1, 2), target: Float32Array.of(0, 1, 2, 1, -1, 0) },
});
export const logCosh = row({ ...plainRegression, kernel: "logCosh", truth: () => reference.logCosh });
export const poisson = row({
  ...plainRegression,
  kernel: "poisson",
  truth: () => reference.poisson,
  data: (m, n) => ({ y: uniform(m * n, 1, 0.1, 5), target: integers(m * n, 6, 2) }),
  slope: n => 60 / n,
  special: { y: Float32Array.of(0.5, 1, 3, Number.NaN, 2, 1), target: Float32Array.of(0, 1, 3, 1, 0, 0) },
});

const signs = (n: number) => integers(n, 2, 2).map(v => 2 * v - 1);
/** Predictions at which 1 - t·y is not too near 0. */
const margins = (m: number, n: number) => {
  const target = signs(m * n);
  return { y: awayFromZero(m * n).map((d, i) => target[i] * (1 + 1.5 * d)), target };
};
const edge = { y: Float32Array.of(1, -1, 0, Number.NaN, 2, -3), target: Float32Array.of(1, -1, 1, 1, 1, -1) };
export const hinge = row({ ...plainRegression, kernel: "hinge", truth: () => reference.hinge, data: margins, special: edge });
export const squaredHinge = row({
  ...plainRegression,
  kernel: "squaredHinge",
  truth: () => reference.squaredHinge,
  data: margins,
  special: edge,
});

export const hingeLabels: Row = {
  kernels: ["hingeLabels"],
  cases: [integers(7, 2), signs(7), uniform(5), new Float32Array(0)].map(target => ({
    label: `[${target.slice(0, 3)}]`,
    inputs: { target },
    outputs: { out: target.length },
    calls: [{ kernel: "hingeLabels", args: { out: "out", target: "target", n: target.length } }],
    expected: () => ({ out: reference.hingeLabels(target) }),
    tolerance: 0,
  })),
};

const bits = (n: number, seed = 2) => integers(n, 2, seed);

export const binaryCrossentropy = row({
  kernel: "binaryCrossentropy",
  option: ["labelSmoothing", [0, 0.1]],
  truth: reference.binaryCrossentropy,
  data: (m, n) => ({ y: uniform(m * n, 1, 0.02, 0.98), target: bits(m * n) }),
  tolerance: 8 * UNIT,
  slope: n => 1 / (0.02 * 0.98) / n,
  special: {
    y: Float32Array.of(0, 1, 0, 1, 0, 1, 1e-9, 1 - 2 ** -24, Number.NaN),
    target: Float32Array.of(0, 1, 1, 0, 0.5, 0.5, 1, 0, 1),
  },
});

export const sigmoidCrossentropy = row({
  kernel: "sigmoidCrossentropy",
  option: ["labelSmoothing", [0, 0.1]],
  truth: reference.sigmoidCrossentropy,
  data: (m, n) => ({ y: uniform(m * n, 1, -9, 9), target: bits(m * n) }),
  tolerance: 8 * UNIT, // of logits up to 9
  slope: n => 1 / n,
  special: {
    y: Float32Array.of(0, 100, -100, 1e30, -1e30, 0, Number.NaN, 0, 0),
    target: Float32Array.of(1, 1, 1, 0, 0, 0, 1, 0, 1),
  },
});

const classes = (m: number, n: number) => integers(m, n, 2);

export const categoricalCrossentropy = row({
  kernel: "categoricalCrossentropy",
  option: ["labelSmoothing", [0, 0.1]],
  truth: reference.categoricalCrossentropy,
  data: (m, n) => ({ y: probabilities(m, n).map(p => 1.5 * p), target: oneHot(classes(m, n), n) }),
  tolerance: 8 * UNIT,
  slope: () => 1,
  special: {
    y: Float32Array.of(1, 0, 0, 0, 1, 0, 0.5, 0.5, 0, Number.NaN, 0.5, 0.5),
    target: Float32Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0),
  },
});

export const softmaxCrossentropy = row({
  kernel: "softmaxCrossentropy",
  option: ["labelSmoothing", [0, 0.1]],
  truth: reference.softmaxCrossentropy,
  data: (m, n) => ({ y: uniform(m * n, 1, -8, 8), target: oneHot(classes(m, n), n) }),
  tolerance: 8 * UNIT,
  slope: largestProbability,
  special: {
    y: Float32Array.of(1e4, 1e4, 0, 0, 50, 0, 1, 2, 3, Number.NaN, 0.5, 0.5),
    target: Float32Array.of(1, 0, 0, 0, 1, 0, 0.2, 0.3, 0.1, 0, 1, 0),
  },
});

/** Targets that are no class: the loss says so, and nothing is written where the class would be. */
function withUnknownClasses({ kernels, cases, random }: Row, options: Record<string, number> = {}): Row {
  const [kernel] = kernels;
  const inputs = { y: probabilities(4, 3), target: Float32Array.of(-1, 3, Number.NaN, 1e9) };
  const unknown: Case = {
    label: "unknown classes",
    inputs,
    outputs: { losses: 4, dy: 12 },
    calls: [{ kernel, args: { losses: "losses", dy: "dy", y: "y", target: "target", weights: 0, n: 3, scale: 1, ...options }, range: 4 }],
    expected: () => ({ losses: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] }),
    tolerance: 0,
  };
  return { kernels, cases: [...cases, unknown], random };
}

export const sparseCategoricalCrossentropy = withUnknownClasses(
  row({
    kernel: "sparseCategoricalCrossentropy",
    truth: () => reference.sparseCategoricalCrossentropy,
    data: (m, n) => ({ y: probabilities(m, n).map(p => 1.5 * p), target: classes(m, n) }),
    tolerance: 8 * UNIT,
    slope: () => 1,
    special: {
      y: Float32Array.of(1, 0, 0, 0, 1, 0, 0.5, 0.5, 0),
      target: Float32Array.of(0, 0, 1),
    },
  }),
);

export const sparseSoftmaxCrossentropy = withUnknownClasses(
  row({
    kernel: "sparseSoftmaxCrossentropy",
    truth: () => reference.sparseSoftmaxCrossentropy,
    data: (m, n) => ({ y: uniform(m * n, 1, -8, 8), target: classes(m, n) }),
    tolerance: 8 * UNIT,
    slope: largestProbability,
    special: {
      y: Float32Array.of(1e4, 1e4, -1e4, 0, 50, 0, 1, 2, 3),
      target: Float32Array.of(0, 1, 2),
    },
  }),
);

export const klDivergence = row({
  kernel: "klDivergence",
  truth: () => reference.klDivergence,
  data: (m, n) => ({ y: probabilities(m, n).map(p => 0.9 * p), target: probabilities(m, n, 2) }),
  tolerance: 32 * UNIT,
  slope: () => 20,
  special: { y: Float32Array.of(0.2, 0.5, 0.3), target: Float32Array.of(0, 1, 0.5) },
});

const focal = {
  data: (m: number, n: number) => ({ y: uniform(m * n, 1, 0.05, 0.95), target: bits(m * n) }),
  tolerance: 64 * UNIT,
  slope: (n: number) => 40 / n,
  special: { y: Float32Array.of(0.5, 0.25, 0.75), target: Float32Array.of(0, 1, 0.5) },
};
const binaryFocal = (gamma: number, classBalance: number) =>
  row({
    ...focal,
    kernel: "binaryFocalCrossentropy",
    fixed: { gamma, classBalance },
    option: ["labelSmoothing", [0, 0.1]],
    truth: smoothing => reference.binaryFocalCrossentropy(gamma, smoothing, classBalance),
  });
export const binaryFocalCrossentropy = joined(binaryFocal(2, 0), binaryFocal(1.5, 0.3), binaryFocal(0, 0));

const categoricalFocal = (gamma: number, alpha: number) =>
  row({
    ...focal,
    kernel: "categoricalFocalCrossentropy",
    fixed: { gamma, alpha },
    option: ["labelSmoothing", [0, 0.1]],
    truth: smoothing => reference.categoricalFocalCrossentropy(alpha, gamma, smoothing),
    data: (m, n) => ({ y: probabilities(m, n).map(p => 1.5 * p), target: oneHot(classes(m, n), n) }),
    slope: () => 4,
  });
export const categoricalFocalCrossentropy = joined(categoricalFocal(2, 0.25), categoricalFocal(3.5, 1), categoricalFocal(0, 0.5));

export const cosineSimilarity = row({
  kernel: "cosineSimilarity",
  flatAlone: true,
  truth: () => reference.cosineSimilarity,
  data: (m, n) => ({ y: awayFromZero(m * n, 1, 0.2), target: awayFromZero(m * n, 2, 0.2) }),
  tolerance: 16 * UNIT,
  slope: () => 5,
  special: { y: Float32Array.of(1, 2, 2, 0.5, 0, 0), target: Float32Array.of(0, 0, 0, 3, 0, 4) },
});

export const categoricalHinge = row({
  kernel: "categoricalHinge",
  truth: () => reference.categoricalHinge,
  data: (m, n) => ({ y: uniform(m * n, 1, 0.1, 0.9), target: oneHot(classes(m, n), n) }),
  tolerance: 16 * UNIT,
  slope: () => 1,
  special: { y: Float32Array.of(9, 1, 2, 0.5, 0.2, 0.7), target: Float32Array.of(1, 0, 0, 0, 1, 0) },
});

/** The same kernel with other options. */
function joined(...rows: Row[]): Row {
  const label = (of: Row, c: Case): Case => ({
    ...c,
    label: `${c.label} ${JSON.stringify(of.cases[0].calls[0].args).replace(/.*scale":[^,]*,/, "")}`,
  });
  return { kernels: rows[0].kernels, cases: rows.flatMap(of => of.cases.map(c => label(of, c))), random: rows[0].random };
}

export const tversky: Row = {
  kernels: ["tversky"],
  cases: [
    [1, 1],
    [3, 5],
    [7, 4],
  ].flatMap(([m, n]) =>
    [
      [0.5, 0.5],
      [0.3, 0.9],
    ].map(([alpha, beta]) => {
      const inputs = { y: uniform(m * n, 1, 0.05, 0.95), target: bits(m * n), weights: uniform(m, 3, 0, 2) };
      const args = { losses: "losses", dy: "dy", y: "y", target: "target", weights: "weights", rows: m, n, alpha, beta, scale: SCALE };
      const weight = inputs.weights.reduce((a, b) => a + b, 0) * SCALE;
      return {
        label: `m=${m} n=${n} alpha=${alpha} beta=${beta}`,
        inputs,
        outputs: { losses: m, dy: m * n, only: m },
        calls: [
          { kernel: "tversky" as const, args },
          { kernel: "tversky" as const, args: { ...args, losses: "only", dy: 0, weights: 0 } },
        ],
        expected: () => {
          const { loss, dy } = reference.tversky(inputs.y, inputs.target, alpha, beta);
          const losses = Array<number>(m).fill(loss);
          return { losses, dy: dy.map(d => d * weight), only: losses };
        },
        tolerance: 1e-6,
      };
    }),
  ),
};

export const generalizedCrossentropy = withUnknownClasses(
  row({
    kernel: "generalizedCrossentropy",
    option: ["q", [0.5, 0.1, 0.9]],
    truth: reference.generalizedCrossentropy,
    data: (m, n) => ({ y: probabilities(m, n), target: classes(m, n) }),
    tolerance: 64 * UNIT,
    slope: () => 4,
    special: { y: Float32Array.of(1, 0, 0, 0.25, 0.5, 0.25), target: Float32Array.of(0, 1) },
  }),
  { q: 0.5 },
);
