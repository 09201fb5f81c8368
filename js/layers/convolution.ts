import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { isWinograd, wholeTiles, winograd } from "./winograd.js";

/** The sizes of a convolution, as the kernels name them. */
export interface Geometry {
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  filters: number;
  kernelHeight: number;
  kernelWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
  groups: number;
}

/** Pixels that a kernel works on at a time: MC and KC in assembly/gemm. */
const MC = 120;
const KC = 256;
/** columns of a packed panel: NR in assembly/gemm */
const NR = 8;
/** a kernel's list of rows, in float32: 8 bytes for each of MC */
const ROWS = (MC * 8) / 4;
/** Channels of which the gradient is made by all taps at once: tiles of 8 would be half empty. */
const FEW = 4;
/** planes that the kernel's gradient lays out at a time: PLANES in assembly/conv */
const PLANES = 64;

const padded = (columns: number) => Math.ceil(columns / NR) * NR;

/** The elements from `at` on along the last axis. */
function from(view: View, at: number): View {
  return { ...view, offset: view.offset + at * 4 };
}

/** Records a convolution of a batch and its gradients. */
export function convolution(plan: Plan, geometry: Geometry, batch: number) {
  const direct = directConvolution(plan, geometry, batch);
  const { height, width, outHeight, outWidth, channels, filters, padTop, padLeft } = geometry;
  const back = { height: outHeight, width: outWidth, outHeight: height, outWidth: width, channels: filters, filters: channels };
  const turned = { ...geometry, ...back, padTop: 2 - padTop, padLeft: 2 - padLeft };
  const [lines, columns] = [height, width].map(wholeTiles);
  return {
    forward: isWinograd(geometry, outHeight, outWidth) ? winograd(plan, geometry, batch).forward : direct.forward,
    gradKernel: isWinograd(geometry, outHeight, outWidth) ? winograd(plan, geometry, batch).gradKernel : direct.gradKernel,
    gradInput(dx: View, dy: View, kernel: View): void {
      if (!isWinograd(geometry, lines, columns)) {
        direct.gradInput(dx, dy, kernel);
        return;
      }
      winograd(plan, turned, batch).gradInput(dx, dy, kernel, lines, columns);
      if (lines < height || columns < width) direct.gradInput(dx, dy, kernel, lines, columns);
    },
  };
}

/** One call a group. */
function directConvolution(plan: Plan, geometry: Geometry, batch: number) {
  const { groups, ...whole } = geometry;
  const channels = whole.channels / groups;
  const filters = whole.filters / groups;
  const sizes = { ...whole, batch, channels, filters, xStride: whole.channels, yStride: whole.filters };
  const { height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = whole;
  const taps = kernelHeight * kernelWidth;
  const flops = 2 * batch * outHeight * outWidth * taps * channels * filters;

  /** Rows of x that so many rows of y see. */
  const bandHeight = (rows: number) => (rows - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1;
  const linesOf = (pixels: number) => Math.max(1, Math.floor(pixels / outWidth));

  function gradFew(dx: View, dy: View, kernel: View): void {
    const n = taps * channels;
    for (let group = 0; group < groups; group++) {
      const panels = plan.slot(padded(n) * filters);
      const pack = { panels, b: from(kernel, group * filters), rowStride: 1, colStride: whole.filters, k: filters, n };
      plan.prepare("packB", pack, panels, { range: padded(n) / NR });
      const views = { dx: from(dx, group * channels), dy: from(dy, group * filters) };
      const scratch = plan.scratch(ROWS + MC * n);
      plan.call("conv2dGradInputFew", { ...views, panels, scratch, ...sizes }, { range: batch, flops });
    }
  }

  return {
    forward(y: View, x: View, kernel: View, bias: View | null, activation: number): void {
      const bandWidth = (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1;
      for (let group = 0; group < groups; group++) {
        const panels = plan.slot(padded(filters) * taps * channels);
        const pack = { panels, b: from(kernel, group * filters), rowStride: whole.filters, colStride: 1, k: taps * channels, n: filters };
        plan.prepare("packB", pack, panels, { range: padded(filters) / NR });
        const scratch = plan.scratch(ROWS + bandHeight(linesOf(MC)) * bandWidth * channels);
        const views = { y: from(y, group * filters), x: from(x, group * channels), bias: bias && from(bias, group * filters) };
        plan.call("conv2d", { ...views, panels, scratch, ...sizes, activation }, { range: batch * outHeight, flops });
      }
    },

    gradInput(dx: View, dy: View, kernel: View, firstLine = 0, firstColumn = 0): void {
      if (channels <= FEW && taps > 1) {
        gradFew(dx, dy, kernel);
        return;
      }
      const pixels = height * width - Math.min(height, firstLine) * Math.min(width, firstColumn);
      for (let group = 0; group < groups; group++) {
        const panels = plan.slot(taps * padded(channels) * filters);
        const pack = { panels, w: from(kernel, group * filters), channels, filters, wStride: whole.filters };
        plan.prepare("packFiltersGrad", pack, panels, { range: taps });
        const views = { dx: from(dx, group * channels), dy: from(dy, group * filters) };
        const start = { firstLine, firstColumn };
        const part = flops * (pixels / (height * width));
        plan.call(
          "conv2dGradInput",
          { ...views, panels, scratch: plan.scratch(ROWS), ...sizes, ...start },
          { range: batch * height, flops: part },
        );
      }
    },

    gradKernel(dw: View, x: View, dy: View): void {
      const lines = linesOf(KC);
      const planes = Math.max(PLANES, kernelWidth) * bandHeight(lines) * outWidth;
      for (let group = 0; group < groups; group++) {
        const scratch = plan.scratch(ROWS + lines * outWidth * padded(filters) + planes);
        const views = { dw: from(dw, group * filters), x: from(x, group * channels), dy: from(dy, group * filters) };
        plan.call("conv2dGradKernel", { ...views, scratch, ...sizes, wStride: whole.filters }, { range: taps * channels, flops });
      }
    },
  };
}
