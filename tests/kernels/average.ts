import fc from "fast-check";
import { windowed } from "../nets.js";
import * as reference from "../references/image.js";
import { integers, productTolerance, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

type Size = [batch: number, height: number, width: number, channels: number];

interface Options {
  pool?: [number, number];
  stride?: [number, number];
  same?: boolean;
  bench?: boolean;
}

function windows(name: string, [batch, height, width, channels]: Size, options: Options = {}): Case {
  const { pool = [2, 2], stride = pool, same = false, bench = false } = options;
  const [rows, columns] = [height, width].map((n, axis) => windowed(n, pool[axis], stride[axis], 1, same ? "same" : "valid"));
  const sizes = {
    ...{ height, width, channels, outHeight: rows.out, outWidth: columns.out, poolHeight: pool[0], poolWidth: pool[1] },
    ...{ strideHeight: stride[0], strideWidth: stride[1], padTop: rows.pad, padLeft: columns.pad },
  };
  const shape = { batch, ...sizes };
  const outputs = batch * rows.out * columns.out * channels;
  const inputs = { x: uniform(batch * height * width * channels), dy: uniform(outputs, 2) };
  return {
    label: `${name} ${batch}x${height}x${width}x${channels} pool=${pool} stride=${stride}${same ? " same" : ""}`,
    inputs,
    outputs: { y: outputs, dx: inputs.x.length },
    calls: [
      { kernel: "averagePool2d", args: { y: "y", x: "x", ...sizes }, range: batch * rows.out },
      { kernel: "averagePool2dGrad", args: { dx: "dx", dy: "dy", ...sizes }, range: batch * height },
    ],
    expected: () => ({ y: reference.averagePool2d(inputs.x, shape), dx: reference.averagePool2dGrad(inputs.dy, shape) }),
    tolerance: 1e-6,
    gradient: bench ? undefined : { forward: i => reference.averagePool2d(i.x, shape), dy: "dy", of: { dx: "x" } },
    bytes: (2 * inputs.x.length + 2 * outputs) * 4,
    bench,
  };
}

const shapes = fc.record({
  size: fc.tuple(...[3, 9, 9, 9].map((max, i) => fc.integer({ min: i === 0 ? 0 : i < 3 ? 5 : 1, max }))),
  pool: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
  same: fc.boolean(),
});

export const averagePool2d: Row = {
  kernels: ["averagePool2d", "averagePool2dGrad"],
  cases: [
    windows("no samples", [0, 4, 4, 4]),
    windows("one pixel", [1, 1, 1, 1], { pool: [1, 1] }),
    ...[1, 2, 3, 4, 5, 8, 9].map(channels => windows("channels", [3, 6, 6, channels])),
    windows("odd sizes leave a rim", [2, 7, 5, 5]),
    windows("overlapping", [2, 7, 7, 5], { pool: [3, 3], stride: [2, 2] }),
    windows("overlapping", [2, 6, 5, 4], { pool: [4, 3], stride: [1, 1], same: true }),
    windows("gaps", [2, 9, 9, 3], { pool: [2, 2], stride: [3, 4] }),
    windows("gaps", [2, 9, 9, 3], { pool: [1, 2], stride: [4, 5], same: true }),
    windows("padded", [2, 8, 7, 6], { pool: [3, 5], stride: [2, 3], same: true }),
    windows("line", [2, 1, 7, 6], { pool: [1, 3], stride: [1, 2], same: true }),
    windows("window over image", [1, 3, 2, 5], { pool: [7, 7], same: true }),
    windows("56x56", [1, 56, 56, 64], { bench: true }),
    windows("13x13", [32, 13, 13, 32], { pool: [3, 3], stride: [1, 1], same: true, bench: true }),
  ],
  random: shapes.map(({ size, ...options }) => windows("random", size as Size, options)),
};

type Pixels = [batch: number, pixels: number, channels: number];

function globalAt(name: string, [batch, pixels, channels]: Pixels, mask?: Float32Array, bench = false): Case {
  const sizes = { pixels, channels };
  const inputs = { x: uniform(batch * pixels * channels), dy: uniform(batch * channels, 2), ...(mask ? { mask } : {}) };
  const all = mask ?? new Float32Array(batch * pixels).fill(1);
  const common = { mask: mask ? "mask" : 0, ...sizes };
  return {
    label: `${name} ${batch}x${pixels}x${channels}`,
    inputs,
    outputs: { y: inputs.dy.length, dx: inputs.x.length },
    calls: [
      { kernel: "globalAverage", args: { y: "y", x: "x", ...common }, range: batch },
      { kernel: "globalAverageGrad", args: { dx: "dx", dy: "dy", ...common }, range: batch },
    ],
    expected: () => ({
      y: reference.globalAverage(inputs.x, all, batch, pixels, channels),
      dx: reference.globalAverageGrad(inputs.dy, all, batch, pixels, channels),
    }),
    tolerance: productTolerance(pixels),
    gradient:
      bench || name.includes("none")
        ? undefined
        : { forward: i => reference.globalAverage(i.x, all, batch, pixels, channels), dy: "dy", of: { dx: "x" } },
    bytes: 2 * (inputs.x.length + inputs.dy.length) * 4,
    bench,
  };
}

export const globalAverage: Row = {
  kernels: ["globalAverage", "globalAverageGrad"],
  cases: [
    globalAt("no samples", [0, 4, 3]),
    globalAt("one pixel", [2, 1, 3]),
    ...[1, 3, 4, 5, 17].map(channels => globalAt("channels", [3, 7, channels])),
    globalAt("several blocks", [2, 150, 5]),
    globalAt("masked", [2, 5, 6], Float32Array.of(1, 1, 0, 0, 0, 0, 1, 1, 0, 1)),
    globalAt("masked, all there", [2, 2, 3], Float32Array.of(1, 1, 1, 1)),
    globalAt("masked, none there", [2, 2, 5], Float32Array.of(0, 0, 0, 1)),
    globalAt(
      "masked, several blocks",
      [1, 200, 5],
      integers(200, 9).map(v => Number(v > 0)),
    ),
    globalAt("56x56", [1, 56 * 56, 64], undefined, true),
    globalAt("13x13", [32, 13 * 13, 32], undefined, true),
  ],
};

function maxAt(name: string, [batch, pixels, channels]: Pixels, x: Float32Array): Case {
  const inputs = { x, y: Float32Array.from(reference.globalMax(x, batch, pixels, channels)), dy: uniform(batch * channels, 2) };
  return {
    label: `${name} ${batch}x${pixels}x${channels}`,
    inputs,
    outputs: { dx: x.length },
    calls: [{ kernel: "globalMaxGrad", args: { dx: "dx", dy: "dy", x: "x", y: "y", pixels, channels }, range: batch }],
    expected: () => ({ dx: reference.globalMaxGrad(inputs.dy, x, batch, pixels, channels) }),
    tolerance: 1e-6,
    gradient: name === "ties" ? undefined : { forward: i => reference.globalMax(i.x, batch, pixels, channels), dy: "dy", of: { dx: "x" } },
  };
}

export const globalMaxGrad: Row = {
  kernels: ["globalMaxGrad"],
  cases: [
    maxAt("no samples", [0, 3, 2], uniform(0)),
    ...[1, 3, 4, 5, 9].map(channels => maxAt("channels", [2, 6, channels], uniform(12 * channels))),
    maxAt("one pixel", [2, 1, 5], uniform(10)),
    maxAt("ties", [2, 9, 5], integers(90, 3)),
    maxAt("negative", [1, 4, 3], uniform(12, 1, -3, -2)),
  ],
};
