import { describe, expect, it } from "vitest";
import { simd } from "#kernels";
import { bind, type Kernels } from "../js/engine/kernels.js";

// What the generator's bits are used for: the shape of the distributions, with fixed seeds. A mean of n draws lies within five of
// its standard deviations, stddev / √n, but once in two million.

const N = 100_000;
const SEED = 65536;
const Y = SEED + 16;
const SEEDS = [
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [1, 0, 1, 0],
  [12345, 678, 90, 0],
];

const memory = new WebAssembly.Memory({ initial: 2 + Math.ceil((4 * N) / 65536) });
const kernels = bind(new WebAssembly.Module(Buffer.from(simd, "base64")), memory);

function draw(seed: number[], kernel: (kernels: Kernels) => void): Float32Array {
  new Uint32Array(memory.buffer, SEED, 4).set(seed);
  const y = new Float32Array(memory.buffer, Y, N).fill(1);
  kernel(kernels);
  return y.slice();
}

const mean = (x: Float32Array, f = (v: number) => v) => x.reduce((sum, v) => sum + f(v), 0) / x.length;

describe.each(SEEDS)("seed %i %i, step %i %i", (...seed) => {
  const within = (got: number, expected: number, stddev: number) =>
    expect(Math.abs(got - expected)).toBeLessThan((5 * stddev) / Math.sqrt(N));

  it.each([0.1, 0.25, 0.5, 0.9])("dropout of %f", rate => {
    const y = draw(seed, k => k.dropout(Y, Y, SEED, 3, rate, 0, N));
    within(
      mean(y, v => Number(v === 0)),
      rate,
      Math.sqrt(rate * (1 - rate)),
    );
    within(mean(y), 1, Math.sqrt(rate / (1 - rate)));
  });

  it("uniform numbers", () => {
    const y = draw(seed, k => k.randomUniform(Y, SEED, 3, -1, 3, 0, N));
    const stddev = 4 / Math.sqrt(12);
    within(mean(y), 1, stddev);
    within(
      mean(y, v => (v - 1) ** 2),
      stddev ** 2,
      Math.sqrt(4 ** 4 / 180),
    );
    expect(y.every(v => v >= -1 && v < 3)).toBe(true);
  });

  it("normal numbers", () => {
    const y = draw(seed, k => k.randomNormal(Y, SEED, 3, 0, 1, 0, N));
    within(mean(y), 0, 1);
    within(
      mean(y, v => v ** 2),
      1,
      Math.sqrt(2),
    );
    within(
      mean(y, v => v ** 3),
      0,
      Math.sqrt(15),
    );
    within(
      mean(y, v => v ** 4),
      3,
      Math.sqrt(96),
    );
    within(
      mean(y, v => Number(v > 2)),
      0.0227501,
      Math.sqrt(0.0227501 * 0.977),
    );
  });

  it("neighbours, steps and streams that know nothing of each other", () => {
    const at = (s: number[], stream: number) => draw(s, k => k.randomUniform(Y, SEED, stream, -1, 1, 0, N));
    const y = at(seed, 3);
    const next = [at(seed, 4), at([seed[0], seed[1], seed[2] + 1, seed[3]], 3), at([seed[0] + 1, seed[1], seed[2], seed[3]], 3)];
    for (const other of next) within(mean(y.map((v, i) => v * other[i])), 0, 1 / 3);
    for (const step of [1, 2, 3, 4, 5, 8, 16]) {
      within(mean(y.slice(step).map((v, i) => v * y[i])), 0, 1 / 3);
    }
  });
});
