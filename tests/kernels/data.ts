import fc from "fast-check";

/** The rounding error of float32: the largest relative error of one correctly rounded operation. */
export const UNIT = 2 ** -24;

/** n numbers in [low, high), the same for the same seed on every run. */
export function uniform(n: number, seed = 1, low = -1, high = 1): Float32Array {
  let state = Math.imul(seed, 0x9e3779b1) ^ n;
  return new Float32Array(n).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const bits = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 8;
    return low + (high - low) * (bits / 2 ** 24);
  });
}

/** As uniform, but no nearer to zero than `gap`: for functions with a kink there. */
export function awayFromZero(n: number, seed = 1, gap = 0.01): Float32Array {
  return uniform(n, seed).map(x => (x < 0 ? x - gap : x + gap));
}

/** n whole numbers in [0, high). */
export function integers(n: number, high: number, seed = 1): Float32Array {
  return uniform(n, seed, 0, high).map(Math.floor);
}

/** rows of n numbers in (0, 1) that add up to one. */
export function probabilities(rows: number, n: number, seed = 1): Float32Array {
  const p = uniform(rows * n, seed, 0.05, 1);
  for (let row = 0; row < rows; row++) {
    const slice = p.subarray(row * n, (row + 1) * n);
    const sum = slice.reduce((a, b) => a + b, 0);
    slice.forEach((x, i) => {
      slice[i] = x / sum;
    });
  }
  return p;
}

/** About the largest probability among n whose logits are uniform in ±8: e^8 is 16 times the mean. */
export const largestProbability = (n: number) => Math.min(1, 16 / n);

/** Whole numbers as one-hot rows of n. */
export function oneHot(classes: ArrayLike<number>, n: number): Float32Array {
  const rows = new Float32Array(classes.length * n);
  Array.from(classes).forEach((c, row) => {
    rows[row * n + c] = 1;
  });
  return rows;
}

/** Rows of n numbers, each with `gap` NaNs behind it that belong to nobody. */
export function spread(x: ArrayLike<number>, rows: number, n: number, gap: number): Float32Array {
  const wide = new Float32Array(rows * (n + gap)).fill(Number.NaN);
  for (let i = 0; i < x.length; i++) wide[Math.floor(i / n) * (n + gap) + (i % n)] = x[i];
  return wide;
}

/** For sums of k products of numbers in ±1: 12 √k units are four standard deviations of their rounding errors. */
export const productTolerance = (k: number) => UNIT * (8 + 12 * Math.sqrt(k));

/** The element counts around a vector of 4 and an unrolled step of 16, a prime and none. */
export const EDGES = [0, 1, 3, 4, 5, 8, 15, 16, 17, 97];

/** Sizes for fast-check: small ones, since edges are what breaks. */
export const random = {
  matrix: fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 })),
};
