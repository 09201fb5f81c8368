import { ADD, KC, MC, NR, RELU, ROW, Row, shift, tiles } from "../gemm/tiles";

/**
 * y[batch,outHeight,outWidth,filters] = act(x ⋆ w + bias), cross-correlation; the range is over the batch·outHeight rows of y.
 * w[kernelHeight,kernelWidth,channels,filters] is packed by packB with k = kernelHeight·kernelWidth·channels and n = filters.
 * xStride and yStride are the floats from one pixel to the next: groups are a call each on their slice of the channels.
 * scratch for each thread: 1 KB, and (when there is padding) bandHeight·bandWidth·channels floats, where
 * bandHeight = (max(1, ⌊128 / outWidth⌋) - 1)·strideHeight + (kernelHeight - 1)·dilationHeight + 1 and
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
  assert(0 <= begin && begin <= end && end <= batch * outHeight, "conv2d: the range is over the rows of y");
  const bandWidth = (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1;
  const fieldHeight = (kernelHeight - 1) * dilationHeight + 1;
  const inside = padTop === 0 && padLeft === 0 && bandWidth <= width && (outHeight - 1) * strideHeight + fieldHeight <= height;
  const band = scratch + MC * ROW;
  const most = max(1, MC / outWidth);
  const pixel = inside ? xStride : channels;
  const pitch = inside ? width * xStride : bandWidth * channels;
  let row = begin;
  while (row < end) {
    const image = row / outHeight;
    const top = row % outHeight;
    const rows = min(most, min(end - row, outHeight - top));
    let from = x + ((image * height * width * xStride) << 2);
    if (inside) from += (top * strideHeight * pitch) << 2;
    else {
      const bandHeight = (rows - 1) * strideHeight + fieldHeight;
      copyBand(band, from, top * strideHeight - padTop, -padLeft, bandHeight, bandWidth, height, width, channels, xStride);
      from = band;
    }
    let count = 0;
    for (let r = 0; r < rows; ++r) {
      for (let ox = 0; ox < outWidth; ++ox) {
        const item = changetype<Row>(scratch + count * ROW);
        item.a = from + ((r * strideHeight * pitch + ox * strideWidth * pixel) << 2);
        item.c = y + ((((row + r) * outWidth + ox) * yStride) << 2);
        if (++count === MC) {
          patches(
            scratch,
            count,
            panels,
            bias,
            filters,
            channels,
            kernelHeight,
            kernelWidth,
            dilationHeight * pitch,
            dilationWidth * pixel,
            activation,
          );
          count = 0;
        }
      }
    }
    patches(
      scratch,
      count,
      panels,
      bias,
      filters,
      channels,
      kernelHeight,
      kernelWidth,
      dilationHeight * pitch,
      dilationWidth * pixel,
      activation,
    );
    row += rows;
  }
}

/** The products of a list of patches with all filters: a patch is kernelHeight lines of kernelWidth pixels, `lineStep` and `pixelStep` apart. */
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
  const panel = (k * NR) << 2;
  const row = NR << 2;
  const dense = pixelStep === channels;
  const run = dense ? kernelWidth * channels : channels;
  const runs = dense ? 1 : kernelWidth;
  if (dense && k <= 3 * KC) {
    tiles(list, count, panels, row, panel, bias, filters, kernelHeight, run, lineStep << 2, activation ? RELU : 0);
    return;
  }
  const some = max(1, KC / run);
  let at = 0;
  let p = 0;
  for (let ky = 0; ky < kernelHeight; ++ky) {
    for (let first = 0; first < runs; first += some) {
      for (let start = 0; start < run; start += KC) {
        const segments = min(some, runs - first);
        const length = min(KC, run - start);
        const to = ky * lineStep + first * pixelStep + start;
        shift(list, count, (to - at) << 2);
        at = to;
        const flags = (p > 0 ? ADD : 0) | (activation && p + segments * length === k ? RELU : 0);
        tiles(list, count, panels + p * row, row, panel, p > 0 ? 0 : bias, filters, segments, length, pixelStep << 2, flags);
        p += segments * length;
      }
    }
  }
}

/** Lines top.. and columns left.. of one image, as a dense image of its own with zeros where there is no pixel. */
function copyBand(
  band: usize,
  image: usize,
  top: i32,
  left: i32,
  bandHeight: i32,
  bandWidth: i32,
  height: i32,
  width: i32,
  channels: i32,
  xStride: i32,
): void {
  for (let i = 0; i < bandHeight; ++i) {
    const iy = top + i;
    for (let j = 0; j < bandWidth; ++j, band += channels << 2) {
      const ix = left + j;
      if (iy < 0 || iy >= height || ix < 0 || ix >= width) memory.fill(band, 0, channels << 2);
      else memory.copy(band, image + (((iy * width + ix) * xStride) << 2), channels << 2);
    }
  }
}
