import fc from "fast-check";
import * as reference from "../reference.js";
import { integers, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

interface Options {
  pool?: [number, number];
  stride?: [number, number];
  same?: boolean;
  x?: Float32Array;
  bench?: boolean;
}

/** Keras's output size and first padding of one axis */
function axis(size: number, pool: number, stride: number, same: boolean): [out: number, pad: number] {
  if (!same) return [Math.floor((size - pool) / stride) + 1, 0];
  const out = Math.ceil(size / stride);
  return [out, Math.floor(Math.max((out - 1) * stride + pool - size, 0) / 2)];
}

function at(name: string, batch: number, height: number, width: number, channels: number, options: Options = {}): Case {
  const { pool = [2, 2], stride = pool, same = false, bench = false } = options;
  const [outHeight, padTop] = axis(height, pool[0], stride[0], same);
  const [outWidth, padLeft] = axis(width, pool[1], stride[1], same);
  const sizes = {
    ...{ height, width, channels, outHeight, outWidth, poolHeight: pool[0], poolWidth: pool[1] },
    ...{ strideHeight: stride[0], strideWidth: stride[1], padTop, padLeft },
  };
  const shape = { batch, ...sizes };
  const n = batch * height * width * channels;
  const outputs = batch * outHeight * outWidth * channels;
  // Distinct numbers in no order, a hundredth apart, so that no step of a gradient check changes a maximum
  const x = options.x ?? uniform(n).map((v, i) => Math.round(v * 100) + ((i * 0.618034) % 1));
  const inputs = { x, dy: uniform(outputs, 2) };
  return {
    label: `${name} ${batch}x${height}x${width}x${channels} pool=${pool} stride=${stride}${same ? " same" : ""}`,
    inputs,
    outputs: { y: outputs, dx: n },
    calls: [
      { kernel: "maxPool2d", args: { y: "y", x: "x", ...sizes }, range: batch },
      { kernel: "maxPool2dGrad", args: { dx: "dx", dy: "dy", x: "x", y: "y", ...sizes }, range: batch },
    ],
    expected: () => ({ y: reference.maxPool2d(x, shape), dx: reference.maxPool2dGrad(inputs.dy, x, shape) }),
    tolerance: 1e-6, // where windows overlap, their gradients add up
    gradient: options.x ? undefined : { forward: i => reference.maxPool2d(i.x, shape), dy: "dy", of: { dx: "x" } },
    flops: outputs * pool[0] * pool[1] * 2,
    bytes: (3 * n + 3 * outputs) * 4,
    bench,
  };
}

const shapes = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  height: fc.integer({ min: 5, max: 9 }),
  width: fc.integer({ min: 5, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
  pool: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  same: fc.boolean(),
});

export const maxPool2d: Row = {
  kernels: ["maxPool2d", "maxPool2dGrad"],
  cases: [
    at("lecture pool1", 32, 26, 26, 32, { bench: true }),
    at("lecture pool2", 32, 11, 11, 64, { bench: true }),
    at("no samples", 0, 4, 4, 4),
    at("one pixel", 1, 1, 1, 1, { pool: [1, 1] }),
    ...[1, 2, 3, 4, 5, 7, 8, 9].map(channels => at("channels", 3, 6, 6, channels)),
    at("odd sizes leave a rim", 2, 7, 5, 5),
    at("overlapping", 2, 7, 7, 5, { pool: [3, 3], stride: [2, 2] }),
    at("overlapping", 2, 6, 5, 4, { pool: [2, 2], stride: [1, 1] }),
    at("gaps", 2, 9, 9, 3, { pool: [2, 2], stride: [3, 4] }),
    at("padded below", 2, 5, 6, 6, { same: true }),
    at("padded right", 2, 6, 5, 6, { same: true }),
    at("padded", 2, 8, 7, 6, { pool: [3, 5], stride: [2, 3], same: true }),
    at("whole image", 2, 5, 5, 6, { pool: [5, 5] }),
    at("ties", 2, 8, 8, 5, { x: integers(2 * 8 * 8 * 5, 2) }),
    at("ties", 2, 7, 7, 5, { pool: [3, 3], stride: [2, 2], same: true, x: integers(2 * 7 * 7 * 5, 2) }),
    at("negative", 1, 6, 6, 5, { x: uniform(180, 1, -3e38, -1e38), same: true }),
    at("-Infinity", 1, 4, 4, 5, { x: new Float32Array(80).fill(-Infinity) }),
    at("-Infinity", 1, 5, 5, 5, { x: new Float32Array(125).fill(-Infinity), same: true, pool: [3, 3] }),
  ],
  random: shapes.map(s => at("random", s.batch, s.height, s.width, s.channels, s)),
};
