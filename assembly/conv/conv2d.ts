import { ADD, KC, MC, NR, product, RELU, ROW, Row, shift } from "../gemm/tiles";
import { copyBand } from "./band";
import { LEAST_SLIDE, slide } from "./slide";

/**
 * y[batch,outHeight,outWidth,filters] = act(x ⋆ w + bias), cross-correlation; the range is over the batch·outHeight lines of y.
 * w[kernelHeight,kernelWidth,channels,filters] is packed by packB with k = kernelHeight·kernelWidth·channels and n = filters.
 * xStride and yStride are the floats from one pixel to the next: groups are a call each on their slice of the channels.
 * bias may be 0; activation is 0 (linear) or 1 (relu).
 *
 * A patch is kernelHeight runs of kernelWidth·channels floats, which are read where they lie; only when there is padding, a band of x is
 * copied with its zeros first.
 *
 * scratch for each thread: 240 floats, and with padding bandHeight·bandWidth·channels more, where
 * bandHeight = (max(1, ⌊120 / outWidth⌋) - 1)·strideHeight + (kernelHeight - 1)·dilationHeight + 1 and
 * bandWidth = (outWidth - 1)·strideWidth + (kernelWidth - 1)·dilationWidth + 1.
 */
export function conv2d(
  y: usize,
  x: usize,
  panels: usize,
  bias: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  xStride: i32,
  yStride: i32,
  activation: i32,
  begin: i32,
  end: i32,
): void {
  assert(0 <= begin && begin <= end && end <= batch * outHeight, "conv2d: the range is over the lines of y");
  const list = scratch;
  const band = scratch + MC * ROW;
  const fieldHeight = (kernelHeight - 1) * dilationHeight + 1;
  const bandWidth = (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1;
  const padded = padTop > 0 || padLeft > 0 || bandWidth > width || (outHeight - 1) * strideHeight + fieldHeight > height;
  const pixel = padded ? channels : xStride;
  const pitch = pixel * (padded ? bandWidth : width);
  const slides =
    channels === 1 && pixel === 1 && kernelWidth === 3 && strideWidth * dilationWidth === 1 && filters % 4 === 0 && outWidth >= LEAST_SLIDE;
  for (let first = begin, lines = 0; first < end; first += lines) {
    let oy = first % outHeight;
    let image = x + (((first / outHeight) * height * width * xStride) << 2);
    let start = image + ((oy * strideHeight * pitch) << 2);
    lines = end - first;
    if (padded) {
      lines = min(lines, min(outHeight - oy, max(1, MC / outWidth)));
      const bandHeight = (lines - 1) * strideHeight + fieldHeight;
      copyBand(band, image, oy * strideHeight - padTop, -padLeft, bandHeight, bandWidth, height, width, channels, xStride);
      start = band;
    }
    let a = start;
    let c = y + ((first * outWidth * yStride) << 2);
    if (slides) {
      for (let line = 0; line < lines; ++line, c += (outWidth * yStride) << 2) {
        slide(c, yStride << 2, start, (dilationHeight * pitch) << 2, panels, bias, outWidth, filters, kernelHeight, activation);
        start += (strideHeight * pitch) << 2;
        if (++oy < outHeight) continue;
        oy = 0;
        start = image += (height * pitch) << 2;
      }
      continue;
    }
    let ox = 0;
    for (let rest = lines * outWidth; rest > 0; rest -= MC) {
      const count = min(rest, MC);
      for (let i = 0; i < count; ++i, c += yStride << 2) {
        const row = changetype<Row>(list + i * ROW);
        row.a = a;
        row.c = c;
        a += (strideWidth * pixel) << 2;
        if (++ox < outWidth) continue;
        ox = 0;
        start += (strideHeight * pitch) << 2;
        if (++oy === outHeight) {
          oy = 0;
          start = image += (height * pitch) << 2;
        }
        a = start;
      }
      const lineStep = dilationHeight * pitch;
      const pixelStep = dilationWidth * pixel;
      patches(list, count, panels, bias, filters, channels, kernelHeight, kernelWidth, lineStep, pixelStep, activation);
    }
  }
}

/** The products of a list of patches with all filters; the lines and pixels of a patch are lineStep and pixelStep floats apart. */
function patches(
  list: usize,
  count: i32,
  panels: usize,
  bias: usize,
  filters: i32,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  lineStep: i32,
  pixelStep: i32,
  activation: i32,
): void {
  const k = kernelHeight * kernelWidth * channels;
  const bRow = NR << 2;
  const bPanel = (k * NR) << 2;
  const dense = pixelStep === channels;
  const run = dense ? kernelWidth * channels : channels;
  const runs = dense ? 1 : kernelWidth;
  if (dense && k <= 3 * KC) {
    product(list, count, panels, bRow, bPanel, bias, filters, kernelHeight, run, lineStep << 2, activation ? RELU : 0);
    return;
  }
  const most = max(1, KC / run);
  let at = 0;
  let p = 0;
  for (let ky = 0; ky < kernelHeight; ++ky) {
    for (let kx = 0; kx < runs; kx += most) {
      for (let channel = 0; channel < run; channel += KC) {
        const to = ky * lineStep + kx * pixelStep + channel;
        shift(list, count, (to - at) << 2);
        at = to;
        const segments = min(most, runs - kx);
        const length = min(KC, run - channel);
        const kc = segments * length;
        const flags = (p > 0 ? ADD : 0) | (activation && p + kc === k ? RELU : 0);
        product(list, count, panels + p * bRow, bRow, bPanel, p > 0 ? 0 : bias, filters, segments, length, pixelStep << 2, flags);
        p += kc;
      }
    }
  }
}
