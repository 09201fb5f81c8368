// What every kernel must compute: plain loops in float64, in no order but the formula's. Tests compare kernels with this file alone.

export type Numbers = ArrayLike<number>;

const zeros = (n: number) => new Float64Array(n);

/** n numbers, each from its index */
const each = (n: number, f: (i: number) => number) => zeros(n).map((_, i) => f(i));

// Element-wise ---------------------------------------------------------------------------------------------------------------

export const map = (x: Numbers, f: (x: number) => number) => each(x.length, i => f(x[i]));
export const relu = (x: number) => Math.max(x, 0);
export const reluGrad = (x: number) => (x > 0 ? 1 : 0);
export const leakyRelu = (slope: number) => (x: number) => (x > 0 ? x : slope * x);
export const leakyReluGrad = (slope: number) => (x: number) => (x > 0 ? 1 : slope);
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const sigmoidGrad = (x: number) => sigmoid(x) * sigmoid(-x);
export const tanh = (x: number) => Math.tanh(x);
export const tanhGrad = (x: number) => 1 / Math.cosh(x) ** 2;
export const zip = (a: Numbers, b: Numbers, f: (a: number, b: number) => number) => each(a.length, i => f(a[i], b[i]));
export const add = (a: Numbers, b: Numbers) => zip(a, b, (a, b) => a + b);

const clipped = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
export const ramp = (slope: number, offset: number, low: number, high: number) => (x: number) => clipped(slope * x + offset, low, high);
export const rampGrad = (slope: number, offset: number, low: number, high: number) => (x: number) =>
  low < slope * x + offset && slope * x + offset < high ? slope : 0;
export const rectify = (threshold: number, high: number, slope: number, offset: number) => (x: number) =>
  x <= threshold ? slope * x + offset : Math.min(x, high);
export const rectifyGrad = (threshold: number, high: number, slope: number) => (x: number) => (x <= threshold ? slope : x <= high ? 1 : 0);
export const hardShrink = (threshold: number) => (x: number) => (Math.abs(x) <= threshold ? 0 : x);
export const softShrink = (threshold: number) => (x: number) => (Math.abs(x) <= threshold ? 0 : x - threshold * Math.sign(x));
export const shrinkGrad = (threshold: number) => (x: number) => (Math.abs(x) > threshold ? 1 : 0);
export const hardSilu = (x: number) => x * clipped(x / 6 + 0.5, 0, 1);
export const hardSiluGrad = (x: number) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6);
export const sparsePlus = (x: number) => (x <= -1 ? 0 : x >= 1 ? x : (x + 1) ** 2 / 4);
export const sparsePlusGrad = (x: number) => (x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2);
export const elu = (alpha: number, stretch: number, scale: number) => (x: number) => scale * (x >= 0 ? x : alpha * Math.expm1(stretch * x));
export const eluGrad = (alpha: number, stretch: number, scale: number) => (x: number) =>
  scale * (x >= 0 ? 1 : alpha * stretch * Math.exp(stretch * x));
export const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const logSigmoid = (x: number) => -softplus(-x);
export const logSigmoidGrad = (x: number) => sigmoid(-x);
export const softsign = (x: number) => x / (1 + Math.abs(x));
export const softsignGrad = (x: number) => 1 / (1 + Math.abs(x)) ** 2;
/** for x < 0 as b / (2(√(x² + b) - x)), which is the same */
export const squareplus = (b: number) => (x: number) => (x < 0 ? b / (2 * (Math.sqrt(x * x + b) - x)) : (x + Math.sqrt(x * x + b)) / 2);
export const squareplusGrad = (b: number) => (x: number) => (1 + x / Math.sqrt(x * x + b)) / 2;
export const silu = (x: number) => x * sigmoid(x);
export const siluGrad = (x: number) => sigmoid(x) * (1 + x * sigmoid(-x));
/** 2/√π · e^(-x²) · Σ 2^k x^(2k+1) / (1 · 3 · 5 ... (2k + 1)): all terms of one sign */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) sum += term *= (2 * x * x) / (2 * k + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
const normal = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;
export const gelu = (x: number) => x * normal(x);
export const geluGrad = (x: number) => normal(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
const cubic = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
export const geluTanh = (x: number) => (x * (1 + Math.tanh(cubic(x)))) / 2;
export const geluTanhGrad = (x: number) =>
  (1 + Math.tanh(cubic(x))) / 2 + ((x / 2) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)) / Math.cosh(cubic(x)) ** 2;
export const mish = (x: number) => x * Math.tanh(softplus(x));
export const mishGrad = (x: number) => Math.tanh(softplus(x)) + (x * sigmoid(x)) / Math.cosh(softplus(x)) ** 2;
export const tanhShrink = (x: number) => x - Math.tanh(x);
export const tanhShrinkGrad = (x: number) => Math.tanh(x) ** 2;

// Rows of n ------------------------------------------------------------------------------------------------------------------

/** the rows of n of x, one by one */
const rows = (x: Numbers, n: number) =>
  Array.from({ length: n ? x.length / n : 0 }, (_, r) => Array.from({ length: n }, (_, i) => x[r * n + i]));
const flat = (rows: number[][]) => Float64Array.from(rows.flat());
const sum = (x: Numbers) => Array.from(x).reduce((a, b) => a + b, 0);

export const softmax = (x: Numbers, n: number) =>
  flat(
    rows(x, n).map(row => {
      const most = Math.max(...row);
      const e = row.map(v => Math.exp(v - most));
      const total = sum(e);
      return e.map(v => v / total);
    }),
  );

export const softmaxGrad = (dy: Numbers, y: Numbers, n: number) => {
  const d = rows(dy, n);
  return flat(
    rows(y, n).map((row, r) => {
      const mean = sum(row.map((v, i) => v * d[r][i]));
      return row.map((v, i) => v * (d[r][i] - mean));
    }),
  );
};

export const logSoftmax = (x: Numbers, n: number) =>
  flat(
    rows(x, n).map(row => {
      const most = Math.max(...row);
      const logSum = Math.log(sum(row.map(v => Math.exp(v - most))));
      return row.map(v => v - most - logSum);
    }),
  );

export const logSoftmaxGrad = (dy: Numbers, y: Numbers, n: number) => {
  const d = rows(dy, n);
  return flat(rows(y, n).map((row, r) => row.map((v, i) => d[r][i] - Math.exp(v) * sum(d[r]))));
};

/** the row's k largest numbers less τ = (their sum - 1) / k, for the largest k that leaves them positive */
export const sparsemax = (x: Numbers, n: number) =>
  flat(
    rows(x, n).map(row => {
      const falling = [...row].sort((a, b) => b - a);
      const taus = falling.map((_, k) => (sum(falling.slice(0, k + 1)) - 1) / (k + 1));
      const tau = taus[falling.findLastIndex((v, k) => v > taus[k])];
      return row.map(v => Math.max(v - tau, 0));
    }),
  );

export const sparsemaxGrad = (dy: Numbers, y: Numbers, n: number) => {
  const d = rows(dy, n);
  return flat(
    rows(y, n).map((row, r) => {
      const support = row.map(v => Number(v > 0));
      const mean = sum(support.map((on, i) => on * d[r][i])) / sum(support);
      return support.map((on, i) => on * (d[r][i] - mean));
    }),
  );
};

export const addBias = (x: Numbers, bias: Numbers) => each(x.length, i => x[i] + bias[i % bias.length]);
export const biasGrad = (dy: Numbers, n: number) => rows(dy, n).reduce((db, row) => db.map((d, j) => d + row[j]), zeros(n));

// Losses: a row's prediction y and target t → its loss, and the loss's gradient to y -----------------------------------------------

export interface Loss {
  value: (y: number[], t: number[]) => number;
  grad: (y: number[], t: number[]) => number[];
}

/** the loss of every row, or their gradients */
export const losses = (loss: Loss, y: Numbers, t: Numbers, n: number) => {
  const targets = rows(t, t.length / (y.length / n));
  return Float64Array.from(rows(y, n), (row, r) => loss.value(row, targets[r]));
};
export const lossGrads = (loss: Loss, y: Numbers, t: Numbers, n: number) => {
  const targets = rows(t, t.length / (y.length / n));
  return flat(rows(y, n).map((row, r) => loss.grad(row, targets[r])));
};

/** the mean over a row of a loss f(y, t) with slope df(y, t) */
const meanLoss = (f: (y: number, t: number) => number, df: (y: number, t: number) => number): Loss => ({
  value: (y, t) => sum(y.map((v, i) => f(v, t[i]))) / y.length,
  grad: (y, t) => y.map((v, i) => df(v, t[i]) / y.length),
});

const LOW = Math.fround(1e-7);
const HIGH = Math.fround(1 - 1e-7);
const clip = (p: number) => Math.min(Math.max(p, LOW), HIGH);
const isClipped = (p: number) => p < LOW || p > HIGH;
const smooth = (t: number, alpha: number, classes = 2) => t * (1 - alpha) + alpha / classes;

export const meanSquaredError = meanLoss(
  (y, t) => (y - t) ** 2,
  (y, t) => 2 * (y - t),
);
export const meanAbsoluteError = meanLoss(
  (y, t) => Math.abs(y - t),
  (y, t) => Math.sign(y - t),
);
export const huber = (delta: number) =>
  meanLoss(
    (y, t) => (Math.abs(y - t) <= delta ? (y - t) ** 2 / 2 : delta * Math.abs(y - t) - delta ** 2 / 2),
    (y, t) => (Math.abs(y - t) <= delta ? y - t : delta * Math.sign(y - t)),
  );
export const binaryCrossentropy = (alpha: number) =>
  meanLoss(
    (y, t) => -(smooth(t, alpha) * Math.log(clip(y)) + (1 - smooth(t, alpha)) * Math.log(1 - clip(y))),
    (y, t) => (isClipped(y) ? 0 : (y - smooth(t, alpha)) / (y * (1 - y))),
  );
export const sigmoidCrossentropy = (alpha: number) =>
  meanLoss(
    (y, t) => Math.max(y, 0) - y * smooth(t, alpha) + Math.log1p(Math.exp(-Math.abs(y))),
    (y, t) => sigmoid(y) - smooth(t, alpha),
  );

export const categoricalCrossentropy = (alpha: number): Loss => ({
  value: (y, t) => -sum(t.map((v, i) => smooth(v, alpha, y.length) * Math.log(clip(y[i] / sum(y))))),
  grad: (y, t) => {
    const slopes = t.map((v, i) => (isClipped(y[i] / sum(y)) ? 0 : smooth(v, alpha, y.length)));
    return y.map((v, i) => sum(slopes) / sum(y) - (slopes[i] === 0 ? 0 : slopes[i] / v));
  },
});
export const softmaxCrossentropy = (alpha: number): Loss => ({
  value: (y, t) => {
    const most = Math.max(...y);
    const logSum = most + Math.log(sum(y.map(v => Math.exp(v - most))));
    return sum(t.map((v, i) => smooth(v, alpha, y.length) * (logSum - y[i])));
  },
  grad: (y, t) => {
    const targets = t.map(v => smooth(v, alpha, y.length));
    return Array.from(softmax(y, y.length), (q, i) => q * sum(targets) - targets[i]);
  },
});

const EPSILON = Math.fround(1e-7);
export const meanAbsolutePercentageError = meanLoss(
  (y, t) => (100 * Math.abs(y - t)) / Math.max(Math.abs(t), EPSILON),
  (y, t) => (100 * Math.sign(y - t)) / Math.max(Math.abs(t), EPSILON),
);
const logOver = (x: number) => Math.log(Math.max(x, EPSILON) + 1);
export const meanSquaredLogarithmicError = meanLoss(
  (y, t) => (logOver(y) - logOver(t)) ** 2,
  (y, t) => (y < EPSILON ? 0 : (2 * (logOver(y) - logOver(t))) / (y + 1)),
);
export const logCosh = meanLoss(
  (y, t) => Math.abs(y - t) + Math.log1p(Math.exp(-2 * Math.abs(y - t))) - Math.LN2,
  (y, t) => Math.tanh(y - t),
);
export const poisson = meanLoss(
  (y, t) => y - t * Math.log(y + EPSILON),
  (y, t) => 1 - t / (y + EPSILON),
);
export const hinge = meanLoss(
  (y, t) => Math.max(1 - t * y, 0),
  (y, t) => (1 - t * y > 0 ? -t : 0),
);
export const squaredHinge = meanLoss(
  (y, t) => Math.max(1 - t * y, 0) ** 2,
  (y, t) => -2 * t * Math.max(1 - t * y, 0),
);

/** a loss whose gradient is taken by central differences */
const numeric = (value: Loss["value"]): Loss => ({
  value,
  grad: (y, t) => y.map((_, i) => (value(moved(y, i, 1e-6), t) - value(moved(y, i, -1e-6), t)) / 2e-6),
});
const moved = (y: number[], at: number, by: number) => y.map((v, i) => (i === at ? v + by : v));

const toOne = (p: number) => Math.min(Math.max(p, LOW), 1);
export const klDivergence = numeric((y, t) => sum(t.map((v, i) => toOne(v) * Math.log(toOne(v) / toOne(y[i])))));
export const binaryFocalCrossentropy = (gamma: number, alpha: number, balance: number) =>
  numeric(
    (y, t) =>
      sum(
        y.map((p, i) => {
          const label = smooth(t[i], alpha);
          const weight = balance === 0 ? 1 : label * balance + (1 - label) * (1 - balance);
          const hard = (1 - (label * p + (1 - label) * (1 - p))) ** gamma;
          return -weight * hard * (label * Math.log(clip(p)) + (1 - label) * Math.log(1 - clip(p)));
        }),
      ) / y.length,
  );
export const categoricalFocalCrossentropy = (alpha: number, gamma: number, smoothing: number) =>
  numeric(
    (y, t) =>
      -alpha * sum(y.map((v, i) => (1 - clip(v / sum(y))) ** gamma * smooth(t[i], smoothing, y.length) * Math.log(clip(v / sum(y))))),
  );
const norm = (x: number[]) => Math.max(Math.hypot(...x), EPSILON);
export const cosineSimilarity = numeric((y, t) => -sum(y.map((v, i) => v * t[i])) / norm(y) / norm(t));
export const categoricalHinge = numeric((y, t) =>
  Math.max(0, Math.max(...y.map((v, i) => (1 - t[i]) * v)) - sum(y.map((v, i) => v * t[i])) + 1),
);

/** labels 0 and 1 as -1 and 1, if there are no others */
export const hingeLabels = (t: Numbers) => {
  const binary = Array.from(t).every(v => v === 0 || v === 1);
  return Float64Array.from(t, v => (binary ? 2 * v - 1 : v));
};

/** one number for all rows, and its gradient */
export function tversky(y: Numbers, t: Numbers, alpha: number, beta: number) {
  const value = (p: number[]) => {
    const both = sum(p.map((v, i) => v * t[i]));
    return 1 - both / (both + alpha * (sum(Array.from(t)) - both) + beta * (sum(p) - both) + EPSILON);
  };
  return { loss: value(Array.from(y)), dy: numeric(value).grad(Array.from(y), []) };
}

/** a loss whose target is the number of the class, from the one whose target is a one-hot row */
const sparse = (loss: Loss): Loss => {
  const oneHot = (y: number[], t: number[]) => y.map((_, i) => (i === t[0] ? 1 : 0));
  return { value: (y, t) => loss.value(y, oneHot(y, t)), grad: (y, t) => loss.grad(y, oneHot(y, t)) };
};
export const sparseCategoricalCrossentropy = sparse(categoricalCrossentropy(0));
export const sparseSoftmaxCrossentropy = sparse(softmaxCrossentropy(0));
/** (1 - p^q) / q with p that of the class */
export const generalizedCrossentropy = (q: number): Loss =>
  sparse({
    value: (y, t) => (1 - sum(y.map((p, i) => p * t[i])) ** q) / q,
    grad: (y, t) => y.map((p, i) => (t[i] === 1 ? -(p ** (q - 1)) : 0)),
  });

// Metrics of rows -------------------------------------------------------------------------------------------------------------

const argmax = (row: Numbers) => Array.from(row).indexOf(Math.max(...Array.from(row)));

export const argmaxRows = (x: Numbers, n: number) => rows(x, n).map(argmax);
export const above = (x: Numbers, threshold: number) => map(x, v => Number(v > threshold));
export const isLargest = (x: Numbers, n: number) =>
  rows(x, n).flatMap(row => Array.from(row, v => Number(v === Math.max(...Array.from(row)) && Math.abs(v) > 1e-9)));
export const inTopK = (y: Numbers, t: Numbers, n: number, k: number) =>
  rows(y, n).map((row, r) => Number(t[r] >= 0 && t[r] < n && Array.from(row).filter(v => v > row[t[r]]).length < k));
export const keepTopK = (y: Numbers, n: number, k: number) =>
  rows(y, n).flatMap(row => {
    const order = Array.from(row, (_, i) => i).sort((a, b) => row[b] - row[a] || a - b);
    return Array.from(row, (v, i) => (order.indexOf(i) < k ? v : Math.fround(-1e10)));
  });
export const accuracy = (y: Numbers, t: Numbers, n: number) => {
  const targets = rows(t, n);
  return rows(y, n).map((row, r) => sum(row.map((v, i) => Number(v === targets[r][i]))) / n);
};
export const binaryAccuracy = (y: Numbers, t: Numbers, n: number, threshold: number) => accuracy(above(y, threshold), t, n);
export const categoricalAccuracy = (y: Numbers, t: Numbers, n: number) => accuracy(argmaxRows(y, n), argmaxRows(t, n), 1);

/** How many predictions exceed no threshold, only the first, ..., all: for labels other than 0, then for labels 0. */
export const thresholdCounts = (y: Numbers, t: Numbers, weights: Numbers, thresholds: Numbers) =>
  [1, 0].flatMap(label => {
    const bucketOf = (p: number) => Array.from(thresholds).filter(at => p > at).length;
    const own = (i: number, bucket: number) => Number(t[i] !== 0) === label && bucketOf(y[i]) === bucket;
    return Array.from(each(thresholds.length + 1, bucket => sum(each(y.length, i => (own(i, bucket) ? weights[i] : 0)))));
  });
export const confusionMatrix = (y: Numbers, t: Numbers, weights: Numbers, classes: number, ignored: number) =>
  each(classes ** 2, at => {
    const [known, guess] = [Math.floor(at / classes), at % classes];
    return sum(each(y.length, i => (t[i] === known && y[i] === guess && known !== ignored ? Math.trunc(weights[i]) : 0)));
  });
export const columnMoments = (y: Numbers, t: Numbers, weights: Numbers, n: number) =>
  Array.from({ length: n }, (_, column) => {
    const own = each(weights.length, row => row * n + column);
    const total = (f: (t: number, p: number) => number) => sum(own.map((at, row) => weights[row] * f(t[at], y[at])));
    return [total(() => 1), total(t => t), total((_, p) => p), total(t => t * t), total((_, p) => p * p), total((t, p) => t * p)];
  }).flat();

// Sums and penalties ----------------------------------------------------------------------------------------------------------

export const weightedSum = (x: Numbers, weights: Numbers) => [sum(each(x.length, i => x[i] * weights[i])), sum(weights)];
export const penalties = (w: Numbers, l1: number, l2: number) => map(w, v => l1 * Math.abs(v) + l2 * v * v);
export const l1l2 = (w: Numbers, l1: number, l2: number) => sum(penalties(w, l1, l2));
export const l1l2Grad = (w: Numbers, l1: number, l2: number) => map(w, v => l1 * Math.sign(v) + 2 * l2 * v);

// Optimizers: the state of one weight and its gradient g → the state after the step --------------------------------------------------

export const sgd = (w: number, g: number, rate: number) => w - rate * g;
export const sgdMomentum = (w: number, velocity: number, g: number, rate: number, momentum: number) => {
  const v = momentum * velocity - rate * g;
  return { w: w + v, velocity: v };
};
export const sgdNesterov = (w: number, velocity: number, g: number, rate: number, momentum: number) => {
  const v = momentum * velocity - rate * g;
  return { w: w + momentum * v - rate * g, velocity: v };
};
/** rate has the step's bias correction in it */
export const adam = (w: number, m: number, v: number, g: number, rate: number, beta1: number, beta2: number, epsilon: number) => {
  const m1 = beta1 * m + (1 - beta1) * g;
  const v1 = beta2 * v + (1 - beta2) * g * g;
  return { w: w - (rate * m1) / (Math.sqrt(v1) + epsilon), m: m1, v: v1 };
};

/** v̂ = max(v̂, v) takes the place of v */
export const amsgrad = (
  w: number,
  m: number,
  v: number,
  most: number,
  g: number,
  rate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
) => {
  const m1 = beta1 * m + (1 - beta1) * g;
  const v1 = beta2 * v + (1 - beta2) * g * g;
  const most1 = Math.max(most, v1);
  return { w: w - (rate * m1) / (Math.sqrt(most1) + epsilon), m: m1, v: v1, most: most1 };
};
/** rate has the step's bias correction in it */
export const adamax = (w: number, m: number, u: number, g: number, rate: number, beta1: number, beta2: number, epsilon: number) => {
  const m1 = beta1 * m + (1 - beta1) * g;
  const u1 = Math.max(beta2 * u, Math.abs(g));
  return { w: w - (rate * m1) / (u1 + epsilon), m: m1, u: u1 };
};
/** rates: of m, of g, and of v under the root */
export const nadam = (w: number, m: number, v: number, g: number, rates: number[], beta1: number, beta2: number, epsilon: number) => {
  const m1 = beta1 * m + (1 - beta1) * g;
  const v1 = beta2 * v + (1 - beta2) * g * g;
  return { w: w - (rates[0] * m1 + rates[1] * g) / (Math.sqrt(rates[2] * v1) + epsilon), m: m1, v: v1 };
};
export const lion = (w: number, m: number, g: number, rate: number, beta1: number, beta2: number) => ({
  w: w - rate * Math.sign(beta1 * m + (1 - beta1) * g),
  m: beta2 * m + (1 - beta2) * g,
});
/** with `velocity` and `mean` or without, as the state has them */
export const rmsprop = (state: Record<string, number>, g: number, rate: number, rho: number, momentum: number, epsilon: number) => {
  const v = rho * state.v + (1 - rho) * g * g;
  const mean = rho * state.mean + (1 - rho) * g;
  const step = (rate * g) / Math.sqrt(v - ("mean" in state ? mean * mean : 0) + epsilon);
  const velocity = momentum * state.velocity + step;
  const after = { v, mean, velocity, w: state.w - ("velocity" in state ? velocity : step) };
  return Object.fromEntries(Object.entries(after).filter(([name]) => name in state));
};
export const adagrad = (w: number, sum: number, g: number, rate: number, epsilon: number) => {
  const sum1 = sum + g * g;
  return { w: w - (rate * g) / Math.sqrt(sum1 + epsilon), sum: sum1 };
};
export const adadelta = (w: number, v: number, d: number, g: number, rate: number, rho: number, epsilon: number) => {
  const v1 = rho * v + (1 - rho) * g * g;
  const step = (Math.sqrt(d + epsilon) / Math.sqrt(v1 + epsilon)) * g;
  return { w: w - rate * step, v: v1, d: rho * d + (1 - rho) * step * step };
};
export const ftrl = (
  w: number,
  sum: number,
  linear: number,
  g: number,
  rate: number,
  power: number,
  l1: number,
  l2: number,
  shrinkage: number,
) => {
  const sum1 = sum + g * g;
  const linear1 = linear + g + shrinkage * w - ((sum1 ** power - sum ** power) / rate) * w;
  const clipped = Math.min(Math.max(linear1, -l1), l1);
  return { w: (clipped - linear1) / (sum1 ** power / rate + l2), sum: sum1, linear: linear1 };
};

// Around an update ------------------------------------------------------------------------------------------------------------------

export const squareSum = (x: Numbers) => sum(map(x, v => v * v));
export const clipFactor = (sums: Numbers, limit: number) => limit / Math.max(Math.sqrt(sum(sums)), limit);

// Products -------------------------------------------------------------------------------------------------------------------

/** C[m,n] = A[m,k] · B[k,n] */
export function gemm(a: Numbers, b: Numbers, m: number, n: number, k: number) {
  const c = zeros(m * n);
  for (let i = 0; i < m; i++) for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];
  return c;
}

/** X[rows,columns] → its transpose */
export const transpose = (x: Numbers, rows: number, columns: number) => each(x.length, i => x[(i % rows) * columns + Math.floor(i / rows)]);

// Convolution: images [batch, height, width, channels], kernels [kernelHeight, kernelWidth, channels, filters] ---------------------------

export interface ConvShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  filters: number;
  kernelHeight: number;
  kernelWidth: number;
  outHeight: number;
  outWidth: number;
  strideHeight?: number;
  strideWidth?: number;
  dilationHeight?: number;
  dilationWidth?: number;
  padTop?: number;
  padLeft?: number;
}

/** Calls back with the offsets of every pair of pixels that meet, and of their kernel tap: x[xi + c] · w[wi + c·filters + f] belongs to y[yi + f]. */
export function eachTap(s: ConvShape, visit: (xi: number, yi: number, wi: number) => void) {
  const { strideHeight = 1, strideWidth = 1, dilationHeight = 1, dilationWidth = 1, padTop = 0, padLeft = 0 } = s;
  for (let b = 0; b < s.batch; b++)
    for (let oh = 0; oh < s.outHeight; oh++)
      for (let ow = 0; ow < s.outWidth; ow++)
        for (let kh = 0; kh < s.kernelHeight; kh++)
          for (let kw = 0; kw < s.kernelWidth; kw++) {
            const h = oh * strideHeight + kh * dilationHeight - padTop;
            const w = ow * strideWidth + kw * dilationWidth - padLeft;
            if (h < 0 || h >= s.height || w < 0 || w >= s.width) continue;
            visit(
              ((b * s.height + h) * s.width + w) * s.channels,
              ((b * s.outHeight + oh) * s.outWidth + ow) * s.filters,
              (kh * s.kernelWidth + kw) * s.channels * s.filters,
            );
          }
}

export function conv2d(x: Numbers, kernel: Numbers, s: ConvShape) {
  const y = zeros(s.batch * s.outHeight * s.outWidth * s.filters);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) y[yi + f] += x[xi + c] * kernel[wi + c * s.filters + f];
  });
  return y;
}

export function conv2dGradInput(dy: Numbers, kernel: Numbers, s: ConvShape) {
  const dx = zeros(s.batch * s.height * s.width * s.channels);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) dx[xi + c] += dy[yi + f] * kernel[wi + c * s.filters + f];
  });
  return dx;
}

export function conv2dGradKernel(x: Numbers, dy: Numbers, s: ConvShape) {
  const dw = zeros(s.kernelHeight * s.kernelWidth * s.channels * s.filters);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) dw[wi + c * s.filters + f] += x[xi + c] * dy[yi + f];
  });
  return dw;
}

// Random numbers -------------------------------------------------------------------------------------------------------------------

/** Philox4x32-10: a counter and a key → four u32 */
export function philox(counter: number[], key: number[]): number[] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const a = BigInt(c0) * 0xd2511f53n;
    const b = BigInt(c2) * 0xcd9e8d57n;
    c0 = Number(b >> 32n) ^ c1 ^ k0;
    c2 = Number(a >> 32n) ^ c3 ^ k1;
    [c0, c1, c2, c3] = [c0 >>> 0, Number(b & 0xffffffffn), c2 >>> 0, Number(a & 0xffffffffn)];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** n numbers of 32 bits: element i is number i/4 mod 4 of the counter 4·(i/16) + i mod 4 */
export function randomBits(n: number, seed: Numbers, stream: number): Float64Array {
  const draws = Array.from({ length: Math.ceil(n / 16) * 4 }, (_, c) => philox([c, stream, seed[2], seed[3]], [seed[0], seed[1]]));
  return each(n, i => draws[4 * Math.floor(i / 16) + (i % 4)][Math.floor(i / 4) % 4]);
}

export const dropout = (x: Numbers, bits: Numbers, rate: number) => each(x.length, i => (bits[i] < rate * 2 ** 32 ? 0 : x[i] / (1 - rate)));
export const keep = (x: Numbers, bits: Numbers, rate: number, scale: number, shift: number, dropped: number) =>
  each(x.length, i => (bits[i] < rate * 2 ** 32 ? dropped : scale * x[i] + shift));
const unit = (bits: number) => Math.floor(bits / 256) / 2 ** 24;
export const randomUniform = (bits: Numbers, low: number, high: number) => map(bits, b => low + (high - low) * unit(b));
export const randomNormal = (bits: Numbers, mean: number, stddev: number) =>
  each(bits.length, i => {
    const isSecond = Math.floor(i / 4) % 2 === 1;
    const [u, v] = isSecond ? [bits[i - 4], bits[i]] : [bits[i], bits[i + 4]];
    const angle = 2 * Math.PI * unit(v);
    return mean + stddev * Math.sqrt(-2 * Math.log(unit(u) + 2 ** -24)) * (isSecond ? Math.sin(angle) : Math.cos(angle));
  });

// Pooling --------------------------------------------------------------------------------------------------------------------------

export interface PoolShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  poolHeight: number;
  poolWidth: number;
  strideHeight: number;
  strideWidth: number;
  padTop: number;
  padLeft: number;
}

/** Where the first maximum of every window stands in x, window by window. */
function maxima(x: Numbers, s: PoolShape): number[] {
  const found: number[] = [];
  for (let b = 0; b < s.batch; b++)
    for (let oh = 0; oh < s.outHeight; oh++)
      for (let ow = 0; ow < s.outWidth; ow++)
        for (let c = 0; c < s.channels; c++) {
          let best = -1;
          for (let kh = 0; kh < s.poolHeight; kh++)
            for (let kw = 0; kw < s.poolWidth; kw++) {
              const h = oh * s.strideHeight + kh - s.padTop;
              const w = ow * s.strideWidth + kw - s.padLeft;
              const at = ((b * s.height + h) * s.width + w) * s.channels + c;
              if (h >= 0 && h < s.height && w >= 0 && w < s.width && (best < 0 || x[at] > x[best])) best = at;
            }
          found.push(best);
        }
  return found;
}

export const maxPool2d = (x: Numbers, s: PoolShape) => Float64Array.from(maxima(x, s), at => x[at]);

export function maxPool2dGrad(dy: Numbers, x: Numbers, s: PoolShape) {
  const dx = zeros(x.length);
  maxima(x, s).forEach((at, i) => {
    dx[at] += dy[i];
  });
  return dx;
}

const rowOf = (id: number, entries: number) => Math.max(0, Math.min(entries - 1, Math.trunc(id) || 0));

/** y[i,n] = table[ids[i],n] */
export const embedding = (table: Numbers, ids: Numbers, n: number, entries: number) =>
  Float64Array.from({ length: ids.length * n }, (_, i) => table[rowOf(ids[Math.floor(i / n)], entries) * n + (i % n)]);

export function embeddingGrad(dy: Numbers, ids: Numbers, n: number, entries: number) {
  const dtable = zeros(entries * n);
  for (let i = 0; i < dy.length; i++) dtable[rowOf(ids[Math.floor(i / n)], entries) * n + (i % n)] += dy[i];
  return dtable;
}

/** mask[i] = any x[i,n] ≠ value;  y = mask · x */
export function maskRows(x: Numbers, n: number, value: number) {
  const mask = Float64Array.from({ length: x.length / n }, (_, row) =>
    Number(Array.from({ length: n }, (_, j) => x[row * n + j]).some(element => element !== value)),
  );
  return { mask, y: multiplyRows(x, mask, n) };
}

export const multiplyRows = (x: Numbers, factors: Numbers, n: number) =>
  Float64Array.from({ length: x.length }, (_, i) => x[i] * factors[Math.floor(i / n)]);

export function maskWeights(mask: Numbers, weights: Numbers) {
  const sum = Array.from(mask).reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: mask.length }, (_, i) => (sum > 0 ? (mask[i] * weights[i] * mask.length) / sum : 0));
}
