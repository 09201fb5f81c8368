import fc from "fast-check";
import * as reference from "../reference.js";
import { layer, type Options, type Size } from "./convLayer.js";
import { productTolerance, uniform } from "./data.js";
import type { Call, Case, Row } from "./row.js";

const NR = 8;
const POINTS = 36;
const TILES = 32;

const panelSize = (k: number, n: number) => POINTS * Math.ceil(n / NR) * NR * k;
const grid = (height: number, width: number) => ({ down: Math.ceil(height / 4), across: Math.ceil(width / 4) });
/** The transforms make the rounding errors of the sum 2.2 times as large on average. */
const tolerance = (k: number) => 4 * productTolerance(k);

interface WinogradOptions extends Options {
  tiles?: number;
  slices?: number;
}

function filters(w: string, channels: number, filters: number, turn: number): Call {
  return { kernel: "winogradFilters", args: { panels: "panels", w, scratch: "half", channels, filters, turn }, range: channels / 4 };
}

function forward(name: string, size: Size, options: WinogradOptions = {}): Case {
  const { tiles = TILES, bias = false, relu = false, ...rest } = options;
  const l = layer(name, size, rest);
  const { batch, height, width, channels, outHeight, outWidth, padTop, padLeft } = l.shape;
  const addend = uniform(l.filters, 4);
  const sizes = { batch, height, width, channels, outHeight, outWidth, filters: l.filters, padTop, padLeft };
  return {
    label: `${l.label}${bias ? " bias" : ""}${relu ? " relu" : ""} tiles=${tiles}`,
    inputs: { x: l.x, w: l.w, ...(bias ? { bias: addend } : {}) },
    outputs: { y: l.pixels * l.filters, panels: panelSize(channels, l.filters) },
    scratch: { half: 96, scratch: 400 + POINTS * Math.max(channels, l.filters) + POINTS * (tiles * (channels + l.filters) + 32) },
    calls: [
      filters("w", channels, l.filters, 0),
      {
        kernel: "winograd",
        args: {
          y: "y",
          x: "x",
          panels: "panels",
          bias: bias ? "bias" : 0,
          scratch: "scratch",
          ...sizes,
          ...grid(outHeight, outWidth),
          tiles,
          activation: Number(relu),
        },
        range: batch * Math.ceil(outHeight / 4),
      },
    ],
    expected: () => ({
      y: reference.conv2d(l.x, l.w, l.shape).map((sum, i) => {
        const biased = sum + (bias ? addend[i % l.filters] : 0);
        return relu ? reference.relu(biased) : biased;
      }),
    }),
    tolerance: tolerance(l.taps * channels),
    flops: l.flops,
    bench: l.bench,
  };
}

/** The gradient of x is a convolution of dy with the filters turned and transposed. */
function gradInput(name: string, size: Size, options: WinogradOptions = {}): Case {
  const { tiles = TILES, ...rest } = options;
  const l = layer(name, size, rest);
  const { batch, height, width, channels, outHeight, outWidth, padTop, padLeft } = l.shape;
  const sizes = {
    ...{ batch, height: outHeight, width: outWidth, channels: l.filters, outHeight: height, outWidth: width, filters: channels },
    ...{ padTop: 2 - padTop, padLeft: 2 - padLeft },
  };
  return {
    label: `${l.label} gradient of x`,
    inputs: { dy: l.dy, w: l.w, x: l.x },
    outputs: { dx: l.x.length, panels: panelSize(l.filters, channels) },
    scratch: { half: 96, scratch: 400 + POINTS * Math.max(channels, l.filters) + POINTS * (tiles * (channels + l.filters) + 32) },
    calls: [
      filters("w", channels, l.filters, 1),
      {
        kernel: "winograd",
        args: { y: "dx", x: "dy", panels: "panels", bias: 0, scratch: "scratch", ...sizes, ...grid(height, width), tiles, activation: 0 },
        range: batch * Math.ceil(height / 4),
      },
    ],
    expected: () => ({ dx: reference.conv2dGradInput(l.dy, l.w, l.shape) }),
    tolerance: tolerance(l.taps * l.filters),
    gradient: l.flops < 100_000 ? { forward: i => reference.conv2d(i.x, i.w, l.shape), dy: "dy", of: { dx: "x" } } : undefined,
    flops: l.flops,
    bench: l.bench,
  };
}

function gradKernel(name: string, size: Size, options: WinogradOptions = {}): Case {
  const { tiles: most = TILES, slices = 1, ...rest } = options;
  const tiles = Math.ceil(most / 4) * 4;
  const l = layer(name, size, rest);
  const { batch, height, width, channels, outHeight, outWidth, padTop, padLeft } = l.shape;
  const padded = Math.ceil(l.filters / NR) * NR;
  const scratch = 400 + POINTS * (16 + tiles * (channels + padded) + channels * l.filters + 48);
  const sizes = { batch, height, width, channels, outHeight, outWidth, filters: l.filters, padTop, padLeft };
  return {
    label: `${l.label} gradient of w`,
    inputs: { x: l.x, dy: l.dy, w: l.w },
    outputs: { dw: slices * l.w.length },
    scratch: { scratch },
    calls: [
      {
        kernel: "winogradGradKernel",
        args: { dw: "dw", x: "x", dy: "dy", scratch: "scratch", ...sizes, tiles, slices },
        range: (slices * channels) / 4,
      },
    ],
    expected: () => {
      const slice = (data: Float32Array, of: number) => {
        const at = (part: number) => Math.floor((batch * part) / slices) * (data.length / batch || 0);
        return data.subarray(at(of), at(of + 1));
      };
      const dws = Array.from({ length: slices }, (_, i) => {
        const images = Math.floor((batch * (i + 1)) / slices) - Math.floor((batch * i) / slices);
        return [...reference.conv2dGradKernel(slice(l.x, i), slice(l.dy, i), { ...l.shape, batch: images })];
      });
      return { dw: Float64Array.from(dws.flat()) };
    },
    tolerance: tolerance(l.pixels),
    gradient:
      slices === 1 && l.flops < 100_000 ? { forward: i => reference.conv2d(i.x, i.w, l.shape), dy: "dy", of: { dw: "w" } } : undefined,
    flops: l.flops,
    bench: l.bench,
  };
}

type Make = (name: string, size: Size, options?: WinogradOptions) => Case;

const cases = (at: Make): Case[] => [
  at("no samples", [0, 6, 6, 4, 4]),
  at("one pixel", [1, 3, 3, 4, 4]),
  ...[4, 8, 12].map(channels => at("channels", [2, 6, 6, channels, 8])),
  ...[4, 12, 16].map(filters => at("filters", [2, 6, 6, 4, filters])),
  ...[5, 6, 7, 8, 9].map(height => at("lines", [2, height, 7, 4, 8])),
  ...[5, 6, 7, 8, 9].map(width => at("columns", [1, 7, width, 4, 8])),
  ...[1, 2, 3, 4, 5].map(side => at("same", [2, side, 6 - side, 4, 8], { same: true })),
  ...[1, 3, 128].map(tiles => at("tiles", [3, 9, 10, 4, 8], { tiles })),
];

const lecture: [string, Size, WinogradOptions] = ["lecture conv2", [32, 13, 13, 32, 64], { bench: true }];
const large: [string, Size, WinogradOptions] = ["56x56", [1, 56, 56, 64, 64], { bench: true, same: true }];

const shapes = fc.record({
  size: fc.tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 3, max: 13 }),
    fc.integer({ min: 3, max: 13 }),
    fc.constantFrom(4, 8, 12),
    fc.constantFrom(4, 8, 12, 20),
  ),
  same: fc.boolean(),
  tiles: fc.integer({ min: 1, max: 40 }),
});
const random = (at: Make) => shapes.map(({ size, ...options }) => at("random", size, options));

export const winograd: Row = {
  kernels: ["winogradFilters", "winograd"],
  cases: [
    ...cases(forward),
    ...cases(gradInput),
    forward("bias", [2, 6, 7, 4, 12], { bias: true }),
    forward("bias", [2, 6, 7, 4, 8], { bias: true, relu: true }),
    forward(lecture[0], lecture[1], { ...lecture[2], bias: true, relu: true }),
    forward(large[0], large[1], { ...large[2], bias: true, relu: true }),
    gradInput(...lecture),
    gradInput(...large),
  ],
  random: random(forward),
};

export const winogradGradKernel: Row = {
  kernels: ["winogradGradKernel"],
  cases: [
    ...[1, 2, 3, 5].map(batch => gradKernel(`slices of ${batch}`, [batch, 6, 7, 8, 12], { slices: 2 })),
    gradKernel("slices", [7, 6, 6, 4, 8], { slices: 3 }),
    ...cases(gradKernel),
    gradKernel(...lecture),
    gradKernel(...large),
  ],
  random: random(gradKernel),
};
