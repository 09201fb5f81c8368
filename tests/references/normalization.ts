// Plain float64 loops for assembly/norm.ts, assembly/constraint.ts and assembly/permute.ts.
import type { Numbers } from "../reference.js";

/** x[r0,k0,r1,k1,r2]: the axes r are added up. */
export interface Groups {
  r0: number;
  k0: number;
  r1: number;
  k1: number;
  r2: number;
}

export const sizeOfGroups = ({ r0, k0, r1, k1, r2 }: Groups) => r0 * k0 * r1 * k1 * r2;

/** The group of an element. */
export function groupOf(i: number, { k0, r1, k1, r2 }: Groups): number {
  return (Math.floor(i / (r2 * k1 * r1)) % k0) * k1 + (Math.floor(i / r2) % k1);
}

/** The row of an element: a row is the last axis that is longer than 1. */
export const rowOf = (i: number, { k1, r2 }: Groups) => Math.floor(i / (r2 === 1 ? k1 : r2));

/** factor · Σ weights · f(i) of each group */
export function groupSums(f: (i: number) => number, g: Groups, weights: Numbers | null = null, factor = 1): Float64Array {
  const sums = new Float64Array(g.k0 * g.k1);
  for (let i = 0; i < sizeOfGroups(g); i++) sums[groupOf(i, g)] += (weights ? weights[rowOf(i, g)] : 1) * f(i);
  return sums.map(sum => factor * sum);
}

export interface Standard {
  weights?: Numbers | null;
  isCentered?: boolean;
  factor: number;
  epsilon: number;
}

/** Mean, biased variance, and y = (x - mean) / √(variance + epsilon) of each group. */
export function standardize(x: Numbers, g: Groups, { weights = null, isCentered = true, factor, epsilon }: Standard) {
  const mean = isCentered ? groupSums(i => x[i], g, weights, factor) : new Float64Array(g.k0 * g.k1);
  const variance = groupSums(i => (x[i] - mean[groupOf(i, g)]) ** 2, g, weights, factor);
  const y = Float64Array.from(x, (value, i) => (value - mean[groupOf(i, g)]) / Math.sqrt(variance[groupOf(i, g)] + epsilon));
  return { mean, variance, y };
}

export function normFactor(square: number, low: number, high: number, rate: number): number {
  const norm = Math.sqrt(square);
  return (rate * Math.min(Math.max(norm, low), high) + (1 - rate) * norm) / (norm + 1e-7);
}

/** A tensor's axes in another order. */
export function permute(x: Numbers, shape: readonly number[], order: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const lengths = order.map(axis => shape[axis]);
  return Float64Array.from(x, (_, i) => {
    let at = 0;
    let rest = i;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      at += (rest % lengths[axis]) * strides[order[axis]];
      rest = Math.floor(rest / lengths[axis]);
    }
    return x[at];
  });
}

/** relu(x) - slope · relu(-x) */
export const prelu = (x: number, slope: number) => Math.max(x, 0) - slope * Math.max(-x, 0);
