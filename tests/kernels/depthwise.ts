import fc from "fast-check";
import { relu } from "../reference.js";
import * as reference from "../references/image.js";
import { layer, type Options, type Size } from "./convLayer.js";
import { productTolerance, uniform } from "./data.js";
import type { Call, Case, Row } from "./row.js";

type DepthwiseSize = [batch: number, height: number, width: number, channels: number];

/** The convolution and both of its gradients. */
function at(name: string, size: DepthwiseSize, options: Options = {}): Case {
  const { bias = false, bench = false } = options;
  const all: Size = [...size, 1];
  const { label, shape: whole, taps, pixels, channels } = layer(name, all, { kernel: [3, 3], ...options });
  const { filters: _, ...shape } = whole;
  const { batch, ...sizes } = shape;
  const inputs = {
    ...{ x: uniform(batch * shape.height * shape.width * channels), w: uniform(taps * channels, 2), dy: uniform(pixels * channels, 3) },
    ...(bias ? { bias: uniform(channels, 4) } : {}),
  };
  const { x, w, dy } = inputs;
  const activation = Number(options.relu ?? false);
  const calls: Call[] = [
    {
      kernel: "depthwise",
      args: { y: "y", x: "x", w: "w", bias: bias ? "bias" : 0, ...sizes, activation },
      range: batch * shape.outHeight,
    },
    { kernel: "depthwiseGradInput", args: { dx: "dx", dy: "dy", w: "w", ...sizes }, range: batch * shape.height },
    { kernel: "depthwiseGradKernel", args: { dw: "dw", x: "x", dy: "dy", batch, ...sizes }, range: Math.ceil(channels / 4) },
  ];
  return {
    label,
    inputs,
    outputs: { y: pixels * channels, dx: x.length, dw: w.length },
    calls,
    expected: () => ({
      y: reference.depthwise(x, w, shape).map((sum, i) => {
        const biased = sum + (inputs.bias?.[i % channels] ?? 0);
        return activation ? relu(biased) : biased;
      }),
      dx: reference.depthwiseGradInput(dy, w, shape),
      dw: reference.depthwiseGradKernel(x, dy, shape),
    }),
    tolerance: productTolerance(Math.max(taps, pixels)),
    gradient:
      pixels * taps * channels < 20_000
        ? { forward: i => reference.depthwise(i.x, i.w, shape), dy: "dy", of: { dx: "x", dw: "w" } }
        : undefined,
    flops: 3 * 2 * pixels * taps * channels,
    bytes: 4 * 4 * (x.length + dy.length),
    bench,
  };
}

const shapes = fc.record({
  size: fc.tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 5, max: 11 }),
    fc.integer({ min: 5, max: 11 }),
    fc.integer({ min: 1, max: 38 }),
  ),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  same: fc.boolean(),
});

export const depthwise: Row = {
  kernels: ["depthwise", "depthwiseGradInput", "depthwiseGradKernel"],
  cases: [
    at("no samples", [0, 4, 4, 3]),
    at("one pixel", [1, 1, 1, 1], { kernel: [1, 1] }),
    at("one pixel, padded", [2, 1, 1, 5], { same: true }),
    ...[1, 2, 3, 4, 5, 8, 15, 16, 17, 21, 32, 36].map(channels => at("channels", [2, 6, 5, channels])),
    at("bias", [2, 5, 6, 22], { bias: true }),
    at("bias", [2, 5, 6, 22], { bias: true, relu: true, same: true }),
    at("padded", [2, 6, 7, 18], { same: true }),
    ...[3, 4, 5, 6, 7, 8, 9, 10].flatMap(width => [at("width", [2, 4, width, 8], { same: true }), at("width", [1, 3, width, 20])]),
    at("three wide", [2, 9, 9, 4], { same: true, kernel: [5, 3], stride: [2, 1], dilation: [2, 1] }),
    at("three wide", [2, 9, 7, 12], { kernel: [2, 3], stride: [3, 1], bias: true, relu: true }),
    at("even kernel", [2, 6, 7, 5], { same: true, kernel: [2, 4] }),
    at("line", [2, 1, 19, 6], { same: true, kernel: [1, 5] }),
    at("strided", [2, 9, 8, 17], { stride: [2, 2] }),
    at("strided", [2, 8, 9, 5], { stride: [2, 3], kernel: [2, 5], same: true }),
    at("stride over kernel", [2, 9, 10, 4], { stride: [4, 3], kernel: [2, 1] }),
    at("dilated", [2, 8, 9, 5], { dilation: [2, 3] }),
    at("dilated", [2, 8, 9, 5], { dilation: [2, 1], same: true }),
    at("dilated over the image", [1, 1, 2, 5], { dilation: [3, 3], kernel: [2, 2], same: true }),
    at("dilated and strided", [2, 9, 11, 6], { dilation: [2, 3], stride: [2, 2], same: true }),
    at("dilated and strided", [1, 11, 9, 6], { dilation: [4, 2], stride: [6, 4], kernel: [3, 2] }),
    at("field over image", [2, 3, 2, 20], { same: true, kernel: [5, 7] }),
    at("wider than a band", [1, 2, 150, 5], { same: true }),
    at("taller than a band", [1, 70, 3, 5]),
    at("56x56", [1, 56, 56, 64], { same: true, bench: true }),
    at("13x13", [32, 13, 13, 32], { same: true, bench: true }),
  ],
  random: shapes.map(({ size, ...options }) => at("random", size, options)),
};
