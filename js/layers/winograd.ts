import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import type { Geometry } from "./convolution.js";

/** columns of a packed panel: NR in assembly/gemm */
const NR = 8;
/** pixels on a side of a tile, and the products that it takes: OUT and POINTS in assembly/conv/winograd */
const OUT = 4;
const POINTS = 36;
/** Tiles that are transformed together: what they take stays in the L2 cache. */
const TILES = 32;
const TILES_OF_GRADIENT = 64;
/** The transforms make a multiplication so much dearer than in the direct sum (measured with 32 and 64 channels). */
const DEARER = 1.5;
/** Channels and filters from which the products outweigh the transforms. */
const LEAST = 8;

/** How many of so many pixels whole tiles cover best: one pixel more than tiles is not worth another tile. */
export const wholeTiles = (pixels: number) => (pixels % OUT === 1 ? pixels - 1 : pixels);

const tilesOf = (height: number, width: number) => Math.ceil(height / OUT) * Math.ceil(width / OUT);

/** Whether Winograd's filtering can make height x width pixels of such a convolution, or of its input's gradient, and is faster. */
export function isWinograd(geometry: Geometry, height: number, width: number): boolean {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, groups } = geometry;
  const { channels, filters, outHeight, outWidth } = geometry;
  const is3x3 = kernelHeight === 3 && kernelWidth === 3;
  const isPlain = [strideHeight, strideWidth, dilationHeight, dilationWidth, groups].every(n => n === 1);
  const isWide = Math.min(channels, filters) >= LEAST && channels % 4 === 0 && filters % 4 === 0;
  return is3x3 && isPlain && isWide && DEARER * POINTS * tilesOf(height, width) < 9 * outHeight * outWidth;
}

/** Records a 3x3 convolution of a batch, or a gradient, by Winograd's filtering. */
export function winograd(plan: Plan, geometry: Geometry, batch: number) {
  const { height, width, outHeight, outWidth, channels, filters, padTop, padLeft } = geometry;
  const sizes = { batch, height, width, channels, outHeight, outWidth, filters, padTop, padLeft };
  const flops = 2 * batch * outHeight * outWidth * 9 * channels * filters;

  /** lines x columns pixels of y */
  function convolve(
    y: View,
    x: View,
    kernel: View,
    bias: View | null,
    activation: number,
    turn: 0 | 1,
    lines: number,
    columns: number,
  ): void {
    const panels = plan.slot(POINTS * Math.ceil(filters / NR) * NR * channels);
    const [from, to] = turn ? [filters, channels] : [channels, filters];
    const pack = { panels, w: kernel, scratch: plan.scratch(96), channels: from, filters: to, turn };
    plan.prepare("winogradFilters", pack, panels, { range: from / 4 });
    const grid = { down: Math.ceil(lines / OUT), across: Math.ceil(columns / OUT) };
    const tiles = Math.min(TILES, batch * grid.down * grid.across);
    const room = plan.scratch(400 + POINTS * (Math.max(channels, filters) + tiles * (channels + filters) + 32));
    const part = flops * ((lines * columns) / (outHeight * outWidth));
    plan.call(
      "winograd",
      { y, x, panels, bias, scratch: room, ...sizes, ...grid, tiles, activation },
      { range: batch * grid.down, flops: part },
    );
  }

  return {
    forward(y: View, x: View, kernel: View, bias: View | null, activation: number): void {
      convolve(y, x, kernel, bias, activation, 0, outHeight, outWidth);
    },

    /** lines x columns pixels of dx, of a geometry that is turned round: from dy's pixels to dx's */
    gradInput(dx: View, dy: View, kernel: View, lines: number, columns: number): void {
      convolve(dx, dy, kernel, null, 0, 1, lines, columns);
    },

    gradKernel(dw: View, x: View, dy: View): void {
      const slices = batch * tilesOf(outHeight, outWidth) >= 2 * TILES_OF_GRADIENT ? 2 : 1;
      const most = Math.ceil(batch / slices) * tilesOf(outHeight, outWidth);
      const tiles = Math.ceil(most / Math.ceil(most / TILES_OF_GRADIENT) / 4) * 4;
      const room = plan.scratch(400 + POINTS * (64 + tiles * (channels + Math.ceil(filters / NR) * NR) + channels * filters));
      const all = slices === 1 ? dw : plan.tensor([slices, ...dw.shape]);
      const range = (slices * channels) / 4;
      plan.call("winogradGradKernel", { dw: all, x, dy, scratch: room, ...sizes, tiles, slices }, { range, flops });
      const n = sizeOf(dw.shape);
      if (slices > 1) plan.call("add", { y: dw, a: all, b: { ...all, offset: all.offset + 4 * n } }, { range: n });
    },
  };
}
