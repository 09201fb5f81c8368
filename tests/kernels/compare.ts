import { expect } from "vitest";
import type { Data } from "./row.js";

/** Expects numbers to be those of the reference. @param size that of the numbers, which the tolerance is relative to where they are smaller */
export function compare(name: string, got: Data, truth: ArrayLike<number>, tolerance: number, size: number): void {
  expect(truth.length, `the reference's length of ${name}`).toBe(got.length);
  for (let i = 0; i < got.length; i++) {
    if (Object.is(got[i], truth[i])) continue;
    const error = Math.abs(got[i] - truth[i]) / Math.max(size, Math.abs(truth[i]));
    if (!(error <= tolerance)) expect.fail(`${name}[${i}] is ${got[i]}, expected ${truth[i]}: error ${error} over ${tolerance}`);
  }
}
