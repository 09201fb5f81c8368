import fc from "fast-check";
import * as reference from "../reference.js";
import { layer, type Options, type Size } from "./convLayer.js";
import { spread, productTolerance as tolerance, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const NR = 8;

/** too large for a float64 forward pass for each direction of a gradient check */
const CHECKED = 100_000;

function forward(name: string, size: Size, options: Options = {}): Case {
  const l = layer(name, size, options);
  const { bias = false, relu = false } = options;
  const addend = uniform(l.filters, 4);
  const k = l.taps * l.channels;
  const panels = Math.ceil(l.filters / NR);
  return {
    label: l.label,
    inputs: { x: l.wide.x, w: l.wide.w, ...(bias ? { bias: addend } : {}) },
    outputs: { y: l.pixels * (l.filters + l.gap), panels: panels * NR * k },
    scratch: { scratch: 240 + (l.padded ? l.band : 0) },
    calls: [
      { kernel: "packB", args: { panels: "panels", b: "w", rowStride: l.filters + l.gap, colStride: 1, k, n: l.filters }, range: panels },
      {
        kernel: "conv2d",
        args: { y: "y", x: "x", panels: "panels", bias: bias ? "bias" : 0, scratch: "scratch", ...l.args, activation: Number(relu) },
        range: l.shape.batch * l.shape.outHeight,
      },
    ],
    expected: () => {
      const y = reference.conv2d(l.x, l.w, l.shape).map((sum, i) => {
        const biased = sum + (bias ? addend[i % l.filters] : 0);
        return relu ? reference.relu(biased) : biased;
      });
      return { y: spread(y, l.pixels, l.filters, l.gap) };
    },
    tolerance: tolerance(k),
    flops: l.flops,
    bench: l.bench,
  };
}

/** @param corner lines and columns of each image that stay as they are */
function gradInput(name: string, size: Size, options: Options = {}, corner = [0, 0]): Case {
  const l = layer(name, size, options);
  const { height, width } = l.shape;
  const isKept = (i: number) => Math.floor(i / l.channels / width) % height < corner[0] && Math.floor(i / l.channels) % width < corner[1];
  const before = uniform(l.x.length, 5);
  const inputs = l.shape.batch * l.shape.height * l.shape.width;
  const isChecked = l.gap === 0 && l.flops < CHECKED && corner[0] === 0;
  return {
    label: `${l.label}${corner[0] ? ` corner=${corner}` : ""}`,
    inputs: { dy: l.wide.dy, w: l.wide.w, ...(isChecked ? { x: l.x } : {}) },
    outputs: {
      dx: l.shape.batch * l.shape.height * l.shape.width * (l.channels + l.gap),
      panels: l.taps * Math.ceil(l.channels / NR) * NR * l.filters,
    },
    scratch: { scratch: 240 },
    calls: [
      {
        kernel: "packFiltersGrad",
        args: { panels: "panels", w: "w", channels: l.channels, filters: l.filters, wStride: l.filters + l.gap },
        range: l.taps,
      },
      {
        kernel: "conv2dGradInput",
        args: { dx: "dx", dy: "dy", panels: "panels", scratch: "scratch", ...l.args, firstLine: corner[0], firstColumn: corner[1] },
        range: l.shape.batch * l.shape.height,
      },
    ],
    initial: corner[0] ? { dx: before } : undefined,
    expected: () => {
      const dx = reference.conv2dGradInput(l.dy, l.w, l.shape).map((sum, i) => (isKept(i) ? before[i] : sum));
      return { dx: spread(dx, inputs, l.channels, l.gap) };
    },
    tolerance: tolerance(l.taps * l.filters),
    gradient: isChecked ? { forward: i => reference.conv2d(i.x, i.w, l.shape), dy: "dy", of: { dx: "x" } } : undefined,
    flops: l.flops,
    bench: l.bench,
  };
}

function gradInputFew(name: string, size: Size, options: Options = {}): Case {
  const l = layer(name, size, options);
  const n = l.taps * l.channels;
  const panels = Math.ceil(n / NR);
  const inputs = l.shape.batch * l.shape.height * l.shape.width;
  const isChecked = l.gap === 0 && l.flops < CHECKED;
  const { batch, ...args } = l.args;
  return {
    label: l.label,
    inputs: { dy: l.wide.dy, w: l.wide.w, ...(isChecked ? { x: l.x } : {}) },
    outputs: { dx: inputs * (l.channels + l.gap), panels: panels * NR * l.filters },
    scratch: { scratch: 240 + 120 * n },
    calls: [
      { kernel: "packB", args: { panels: "panels", b: "w", rowStride: 1, colStride: l.filters + l.gap, k: l.filters, n }, range: panels },
      { kernel: "conv2dGradInputFew", args: { dx: "dx", dy: "dy", panels: "panels", scratch: "scratch", ...args }, range: batch },
    ],
    expected: () => ({ dx: spread(reference.conv2dGradInput(l.dy, l.w, l.shape), inputs, l.channels, l.gap) }),
    tolerance: tolerance(l.taps * l.filters),
    gradient: isChecked ? { forward: i => reference.conv2d(i.x, i.w, l.shape), dy: "dy", of: { dx: "x" } } : undefined,
    flops: l.flops,
    bench: l.bench,
  };
}

function gradKernel(name: string, size: Size, options: Options = {}): Case {
  const l = layer(name, size, options);
  const rows = l.taps * l.channels;
  const isChecked = l.gap === 0 && l.flops < CHECKED;
  return {
    label: l.label,
    inputs: { x: l.wide.x, dy: l.wide.dy, ...(isChecked ? { w: l.w } : {}) },
    outputs: { dw: rows * (l.filters + l.gap) },
    scratch: { scratch: 240 + l.planes },
    calls: [
      {
        kernel: "conv2dGradKernel",
        args: { dw: "dw", x: "x", dy: "dy", scratch: "scratch", ...l.args, wStride: l.filters + l.gap },
        range: rows,
      },
    ],
    expected: () => ({ dw: spread(reference.conv2dGradKernel(l.x, l.dy, l.shape), rows, l.filters, l.gap) }),
    tolerance: tolerance(l.pixels),
    gradient: isChecked ? { forward: i => reference.conv2d(i.x, i.w, l.shape), dy: "dy", of: { dw: "w" } } : undefined,
    flops: l.flops,
    bench: l.bench,
  };
}

type Make = (name: string, size: Size, options?: Options) => Case;

/** What each of the three kernels must do. */
const cases = (at: Make): Case[] => [
  at("no samples", [0, 5, 5, 3, 4]),
  at("one pixel", [1, 1, 1, 1, 1], { kernel: [1, 1] }),
  at("whole image", [2, 5, 5, 3, 9], { kernel: [5, 5] }),
  ...[1, 2, 3, 4, 5, 8, 9].map(channels => at("channels", [2, 6, 7, channels, 5])),
  ...[1, 4, 7, 8, 9, 16, 33, 40].map(filters => at("filters", [2, 6, 5, 3, filters])),
  at("1x1", [2, 5, 5, 6, 8], { kernel: [1, 1] }),
  at("1x1 strided", [2, 7, 6, 3, 8], { kernel: [1, 1], stride: [2, 2] }),
  at("strided", [2, 9, 10, 3, 6], { stride: [2, 2] }),
  at("strided", [2, 8, 9, 4, 8], { stride: [1, 3], kernel: [2, 5] }),
  at("stride over kernel", [2, 9, 8, 4, 5], { stride: [4, 3], kernel: [2, 2] }),
  at("dilated", [2, 9, 9, 4, 8], { dilation: [2, 2] }),
  at("dilated", [1, 9, 11, 3, 5], { dilation: [1, 3], stride: [2, 2], kernel: [3, 2] }),
  at("padded", [2, 6, 7, 4, 8], { same: true }),
  at("padded", [3, 5, 5, 1, 8], { same: true, kernel: [4, 2] }),
  at("padded strided", [2, 8, 9, 3, 6], { same: true, stride: [2, 3] }),
  at("padded dilated", [2, 7, 8, 5, 9], { same: true, dilation: [2, 3] }),
  at("field over image", [2, 3, 2, 4, 8], { same: true, kernel: [5, 7] }),
  at("group", [2, 6, 7, 3, 5], { gap: 4 }),
  at("group padded", [2, 5, 6, 4, 8], { gap: 3, same: true, stride: [2, 2] }),
  at("group 1 channel", [2, 5, 6, 1, 8], { gap: 1, dilation: [2, 1] }),
  at("wide image", [1, 3, 150, 2, 9], { same: true }),
  at("wider than a block", [1, 2, 300, 1, 8], { kernel: [1, 5] }),
  at("tall image", [1, 150, 3, 2, 9]),
  ...[13, 14, 15, 16, 18, 21, 25, 28, 30].map(width => at("grey", [2, 5, width + 2, 1, 12])),
  at("grey padded", [2, 6, 28, 1, 8], { same: true }),
  at("grey tall kernel", [2, 9, 20, 1, 4], { same: true, kernel: [5, 3], dilation: [2, 1] }),
  at("grey one line", [3, 4, 17, 1, 32], { kernel: [1, 3], stride: [2, 1] }),
  at("many channels", [1, 4, 4, 130, 12], { same: true }),
  at("many more channels", [1, 3, 3, 300, 8], { kernel: [2, 2] }),
  at("many dilated channels", [1, 5, 5, 140, 8], { dilation: [2, 2] }),
];

/** Layers that the bench prints. The gradient of the first layer's input is never needed. */
const lecture1: [string, Size, Options] = ["lecture conv1", [32, 28, 28, 1, 32], { bench: true }];
const lecture2: [string, Size, Options] = ["lecture conv2", [32, 13, 13, 32, 64], { bench: true }];
const large: [string, Size, Options] = ["56x56", [1, 56, 56, 64, 64], { bench: true, same: true }];
const biasRelu = { bias: true, relu: true };

const shapes = fc.record({
  size: fc.tuple(...[3, 12, 12, 9, 18].map((max, i) => fc.integer({ min: i === 0 ? 0 : i < 3 ? 6 : 1, max }))),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  same: fc.boolean(),
  gap: fc.integer({ min: 0, max: 2 }),
});
const random = (at: Make) => shapes.map(({ size, ...options }) => at("random", size as Size, options));

export const conv2d: Row = {
  kernels: ["conv2d"],
  cases: [
    ...cases(forward),
    forward("bias", [2, 6, 6, 3, 11], { bias: true }),
    forward("bias", [2, 6, 6, 3, 16], { bias: true, relu: true }),
    forward("relu in the last block", [1, 4, 4, 300, 12], { bias: true, relu: true }),
    forward(lecture1[0], lecture1[1], { ...lecture1[2], ...biasRelu }),
    forward(lecture2[0], lecture2[1], { ...lecture2[2], ...biasRelu }),
    forward(large[0], large[1], { ...large[2], ...biasRelu }),
  ],
  random: random(forward),
};

export const conv2dGradInput: Row = {
  kernels: ["packFiltersGrad", "conv2dGradInput"],
  cases: [
    ...cases((name, size, options) => gradInput(name, size, options)),
    gradInput("all but a corner", [2, 9, 9, 4, 8], {}, [8, 8]),
    gradInput("all but a corner", [2, 9, 13, 3, 5], { same: true, stride: [2, 1] }, [4, 12]),
    gradInput(lecture1[0], lecture1[1]),
    gradInput(...lecture2),
    gradInput(...large),
  ],
  random: random((name, size, options) => gradInput(name, size, options)),
};

export const conv2dGradInputFew: Row = {
  kernels: ["conv2dGradInputFew"],
  cases: [...cases(gradInputFew), gradInputFew(...lecture1)],
  random: random(gradInputFew),
};

export const conv2dGradKernel: Row = {
  kernels: ["conv2dGradKernel"],
  cases: [...cases(gradKernel), gradKernel(...lecture1), gradKernel(...lecture2), gradKernel(...large)],
  random: random(gradKernel),
};
