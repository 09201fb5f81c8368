import * as reference from "../reference.js";
import { EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** The lecture's dropout: 32 rows of 1600. */
const LECTURE = 32 * 1600;
const SEED = Uint32Array.of(0xa4093822, 0x299f31d0, 0x13198a2e, 0x03707344);
const STREAM = 7;
const SIZES = [...EDGES, 31, 32, 33, LECTURE];

function dropoutAt(n: number, rate: number, seed = SEED, stream = STREAM): Case {
  const inputs = { x: uniform(n), dy: uniform(n, 2), seed };
  const args = { seed: "seed", stream, rate };
  return {
    label: `n=${n} rate=${rate} stream=${stream}`,
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "dropout", args: { ...args, y: "y", x: "x" }, range: n },
      { kernel: "dropout", args: { ...args, y: "dx", x: "dy" }, range: n },
    ],
    expected: () => {
      const bits = reference.randomBits(n, seed, stream);
      return { y: reference.dropout(inputs.x, bits, rate), dx: reference.dropout(inputs.dy, bits, rate) };
    },
    tolerance: 2 * UNIT,
    gradient: { forward: i => reference.dropout(i.x, reference.randomBits(n, seed, stream), rate), dy: "dy", of: { dx: "x" } },
    flops: n,
    bytes: n * 8,
    bench: n === LECTURE,
  };
}

export const dropout: Row = {
  kernels: ["dropout"],
  cases: [
    ...SIZES.map(n => dropoutAt(n, 0.5)),
    dropoutAt(97, 0),
    dropoutAt(97, 0.9),
    dropoutAt(97, 0.2, Uint32Array.of(0, 0, 0, 0), 0),
    dropoutAt(97, 0.2, new Uint32Array(4).fill(0xffffffff), 2 ** 31 - 1),
    { ...dropoutAt(97, 1), expected: () => ({ y: new Float64Array(97), dx: new Float64Array(97) }), gradient: undefined },
  ],
};

export const randomUniform: Row = {
  kernels: ["randomUniform"],
  cases: SIZES.map(n => ({
    label: `n=${n}`,
    inputs: { seed: SEED },
    outputs: { y: n },
    calls: [{ kernel: "randomUniform", args: { y: "y", seed: "seed", stream: STREAM, low: -0.5, high: 2.5 }, range: n }],
    expected: () => ({ y: reference.randomUniform(reference.randomBits(n, SEED, STREAM), -0.5, 2.5) }),
    tolerance: 2 * UNIT,
    flops: n,
    bytes: n * 4,
    bench: n === LECTURE,
  })),
};

export const randomNormal: Row = {
  kernels: ["randomNormal"],
  cases: SIZES.map(n => ({
    label: `n=${n}`,
    inputs: { seed: SEED },
    outputs: { y: n },
    calls: [{ kernel: "randomNormal", args: { y: "y", seed: "seed", stream: STREAM, mean: 1, stddev: 0.5 }, range: n }],
    expected: () => ({ y: reference.randomNormal(reference.randomBits(n + 8, SEED, STREAM), 1, 0.5).subarray(0, n) }),
    tolerance: 16 * UNIT, // of values up to 5.8: the angle's rounding before sin2pi
    flops: n * 30,
    bytes: n * 4,
    bench: n === LECTURE,
  })),
};

function keepAt(n: number, rate: number): Case {
  const inputs = { x: uniform(n), dy: uniform(n, 2), seed: SEED };
  const args = { seed: "seed", stream: STREAM, rate, scale: 0.75 };
  const f = (x: reference.Numbers, shift: number, dropped: number) =>
    reference.keep(x, reference.randomBits(n, SEED, STREAM), rate, 0.75, shift, dropped);
  return {
    label: `n=${n} rate=${rate}`,
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "keep", args: { ...args, y: "y", x: "x", shift: 0.5, dropped: -1.25 }, range: n },
      { kernel: "keep", args: { ...args, y: "dx", x: "dy", shift: 0, dropped: 0 }, range: n },
    ],
    expected: () => ({ y: f(inputs.x, 0.5, -1.25) }),
    tolerance: 2 * UNIT,
    gradient: { forward: i => f(i.x, 0.5, -1.25), dy: "dy", of: { dx: "x" } },
    flops: n * 2,
    bytes: n * 16,
    bench: n === LECTURE,
  };
}

export const keep: Row = { kernels: ["keep"], cases: [...SIZES.map(n => keepAt(n, 0.3)), keepAt(97, 0)] };

function gaussianNoiseAt(n: number, relative: number, absolute: number): Case {
  const inputs = { x: uniform(n), dy: uniform(n, 2), seed: SEED };
  const normal = () => reference.randomNormal(reference.randomBits(n + 8, SEED, STREAM), 0, 1).subarray(0, n);
  const f = (x: reference.Numbers) => normal().map((z, i) => x[i] + (relative * x[i] + absolute) * z);
  const args = { seed: "seed", stream: STREAM, relative };
  return {
    label: `n=${n} relative=${relative} absolute=${absolute}`,
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "gaussianNoise", args: { ...args, y: "y", x: "x", absolute }, range: n },
      { kernel: "gaussianNoise", args: { ...args, y: "dx", x: "dy", absolute: 0 }, range: n },
    ],
    expected: () => ({ y: f(inputs.x) }),
    tolerance: 24 * UNIT, // of normal numbers up to 5.8
    gradient: { forward: i => f(i.x), dy: "dy", of: { dx: "x" } },
    flops: n * 34,
    bytes: n * 16,
    bench: n === LECTURE,
  };
}

export const gaussianNoise: Row = {
  kernels: ["gaussianNoise"],
  cases: [...SIZES.map(n => gaussianNoiseAt(n, 0, 0.5)), ...SIZES.map(n => gaussianNoiseAt(n, 0.5, 0)), gaussianNoiseAt(97, 0.25, 1)],
};
