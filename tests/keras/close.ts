import { expect } from "vitest";
import type { Tensor } from "../../js/index.js";

/** Of larger results fixtures keep every so many numbers: KEPT in tests/fixtures/judge.py. */
const KEPT = 2000;

function thin({ data, shape }: Tensor): { values: number[]; shape: readonly number[] } {
  const values = Array.from(data);
  const step = values.length <= KEPT ? 1 : Math.ceil(values.length / KEPT);
  const kept = values.filter((_, i) => i % step === 0);
  return { values: kept, shape: step === 1 ? shape : [kept.length] };
}

/** Whether every number is as near as `tolerance` times its own size, and a tenth of that of the largest one. */
export function expectNear(what: string, got: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(got.length, `${what}: how many`).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const allowed = expected.map(value => tolerance * (Math.abs(value) + largest / 10));
  const wrong = expected.map((_, i) => i).filter(i => !(Math.abs(got[i] - expected[i]) <= allowed[i]));
  const [i] = wrong.sort((a, b) => Math.abs(got[b] - expected[b]) / allowed[b] - Math.abs(got[a] - expected[a]) / allowed[a]);
  if (i !== undefined) {
    const error = Math.abs(got[i] - expected[i]) / (allowed[i] / tolerance);
    expect.fail(
      `${what}: ${wrong.length} of ${expected.length} differ; at ${i} ${got[i]} is not ${expected[i]}, ${error.toExponential(1)} off`,
    );
  }
}

export function expectTensor(what: string, got: Tensor, expected: Tensor, tolerance: number): void {
  const { values, shape } = thin(got);
  expect(shape, `${what}: shape`).toEqual([...expected.shape]);
  expectNear(what, values, Array.from(expected.data), tolerance);
}

export function expectTensors(what: string, got: readonly Tensor[], expected: readonly Tensor[], tolerance: number): void {
  expect(got.length, `${what}: how many`).toBe(expected.length);
  for (const [i, tensor] of expected.entries()) expectTensor(`${what} ${i}`, got[i], tensor, tolerance);
}

export function expectLogs(
  what: string,
  got: Record<string, number | number[]>,
  expected: Record<string, number | number[]>,
  tolerance: number,
): void {
  expect(Object.keys(got).sort(), what).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) expectNear(`${what} ${key}`, [got[key]].flat(2), [value].flat(2), tolerance);
}

/**
 * How far tensors have moved, so that a step's error does not hide behind the weights' size. All moves of a tensor together are held to 1e-4;
 * a single one to 1e-3 of the largest, since adaptive optimizers divide a gradient that is all rounding by its own size.
 */
export function expectStep(from: readonly Tensor[], got: readonly Tensor[], expected: readonly Tensor[]): void {
  for (const [i, { data }] of expected.entries()) {
    const before = thin(from[i]).values;
    const after = thin(got[i]).values;
    const moves = before.map((value, j) => data[j] - value);
    const errors = moves.map((move, j) => after[j] - before[j] - move);
    const roundings = before.map((_, j) => 2 ** -22 * Math.abs(data[j]));
    const largest = Math.max(...moves.map(Math.abs));
    for (const [j, error] of errors.entries()) {
      const what = `weight ${i} at ${j} moved by ${after[j] - before[j]}, not ${moves[j]}`;
      expect(Math.abs(error), what).toBeLessThanOrEqual(1e-3 * largest + roundings[j]);
    }
    expect(Math.hypot(...errors), `weight ${i}`).toBeLessThanOrEqual(1e-4 * Math.hypot(...moves) + Math.hypot(...roundings));
  }
}
