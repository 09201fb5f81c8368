import * as reference from "../references/image.js";
import { uniform } from "./data.js";
import type { Case, Row } from "./row.js";

/** @param frame lines and columns cut off, or put on where they are negative: top, bottom, left, right */
function crop(name: string, [batch, height, width, channels]: number[], [top, bottom, left, right]: number[]): Case {
  const sizes = { height, width, channels, outHeight: height - top - bottom, outWidth: width - left - right, top, left };
  const x = uniform(batch * height * width * channels);
  return {
    label: `${name} ${batch}x${height}x${width}x${channels} by ${[top, bottom, left, right]}`,
    inputs: { x },
    outputs: { y: batch * sizes.outHeight * sizes.outWidth * channels },
    calls: [{ kernel: "crop2d", args: { y: "y", x: "x", ...sizes }, range: batch * sizes.outHeight }],
    expected: () => ({ y: reference.crop2d(x, { batch, ...sizes }) }),
    tolerance: 0,
  };
}

export const crop2d: Row = {
  kernels: ["crop2d"],
  cases: [
    crop("no samples", [0, 3, 3, 2], [1, 1, 1, 1]),
    crop("nothing", [2, 3, 4, 3], [0, 0, 0, 0]),
    crop("cut", [2, 5, 6, 3], [1, 2, 0, 3]),
    crop("cut to a pixel", [2, 5, 6, 1], [2, 2, 5, 0]),
    crop("framed", [2, 3, 2, 5], [-1, -2, -3, 0]),
    crop("framed widely", [1, 1, 1, 1], [-4, 0, -7, -5]),
    crop("moved", [2, 4, 5, 2], [2, -2, -3, 3]),
    crop("moved away", [1, 2, 3, 2], [5, -5, 0, 0]),
    crop("moved away", [1, 2, 3, 2], [0, 0, -5, 5]),
  ],
};

function repeated(name: string, rows: number, n: number, times: number): Case {
  const inputs = { x: uniform(rows * n), dy: uniform(rows * n * times, 2) };
  return {
    label: `${name} rows=${rows} n=${n} times=${times}`,
    inputs,
    outputs: { y: inputs.dy.length, dx: inputs.x.length },
    calls: [
      { kernel: "repeat", args: { y: "y", x: "x", n, times }, range: rows },
      { kernel: "repeatGrad", args: { dx: "dx", dy: "dy", n, times }, range: rows },
    ],
    expected: () => ({ y: reference.repeat(inputs.x, n, times), dx: reference.repeatGrad(inputs.dy, n, times) }),
    tolerance: 1e-6,
    gradient: { forward: i => reference.repeat(i.x, n, times), dy: "dy", of: { dx: "x" } },
  };
}

export const repeat: Row = {
  kernels: ["repeat", "repeatGrad"],
  cases: [
    repeated("no rows", 0, 3, 2),
    repeated("once", 3, 5, 1),
    ...[1, 2, 3, 4, 5, 6, 9].map(times => repeated("single numbers", 11, 1, times)),
    ...[2, 3, 4, 5, 8, 17].map(n => repeated("rows", 7, n, 3)),
  ],
};

function interpolated(rows: number, length: number, n: number, size: number, cubic: number): Case {
  const inputs = { x: uniform(rows * length * n), dy: uniform(rows * length * n * size, 2) };
  const args = { n, length, size, cubic };
  return {
    label: `${cubic ? "cubic" : "linear"} ${rows}x${length}x${n} size=${size}`,
    inputs,
    outputs: { y: inputs.dy.length, dx: inputs.x.length },
    calls: [
      { kernel: "interpolate", args: { y: "y", x: "x", ...args }, range: rows },
      { kernel: "interpolateGrad", args: { dx: "dx", dy: "dy", ...args }, range: rows },
    ],
    expected: () => ({
      y: reference.interpolate(inputs.x, n, length, size, cubic === 1),
      dx: reference.interpolateGrad(inputs.dy, n, length, size, cubic === 1),
    }),
    tolerance: 2e-6,
    gradient: { forward: i => reference.interpolate(i.x, n, length, size, cubic === 1), dy: "dy", of: { dx: "x" } },
  };
}

export const interpolate: Row = {
  kernels: ["interpolate", "interpolateGrad"],
  cases: [0, 1].flatMap(cubic => [
    interpolated(0, 3, 2, 2, cubic),
    ...[1, 2, 3, 4, 5].map(size => interpolated(2, 5, 3, size, cubic)),
    ...[1, 2, 3, 4].map(length => interpolated(3, length, 5, 3, cubic)),
    ...[1, 4, 9].map(n => interpolated(2, 4, n, 2, cubic)),
  ]),
};
