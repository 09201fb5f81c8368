import { packB } from "../gemm/pack";
import { ADD, MC, NR, product, ROW, Row } from "../gemm/tiles";
import { countBelow, firstInside } from "./band";

/**
 * w[taps,channels,filters] → for each tap of the kernel the panels of its transpose [filters,channels]; the range is over the
 * taps = kernelHeight·kernelWidth. wStride is the floats from one row of w to the next: groups are a call each on their slice of the filters.
 * panels: taps·⌈channels / 8⌉·8·filters floats.
 */
export function packFiltersGrad(panels: usize, w: usize, channels: i32, filters: i32, wStride: i32, begin: i32, end: i32): void {
  const count = (channels + NR - 1) / NR;
  for (let tap = begin; tap < end; ++tap) {
    packB(panels + ((tap * count * NR * filters) << 2), w + ((tap * channels * wStride) << 2), 1, wStride, filters, channels, 0, count);
  }
}

/**
 * dx[batch,height,width,channels] = Σ over taps of dy[the pixels that the tap of x went to] · w[tap]ᵀ, but for the firstLine x firstColumn
 * pixels of each image's corner, which stay as they are; the range is over the batch·height lines of dx. panels are those of packFiltersGrad, everything else as in conv2d. scratch: 256 floats for each thread.
 *
 * One tap takes every pixel of dy to one pixel of dx, so a tap is a product whose rows of C are scattered. No multiplication by the zeros
 * of a padded or spread dy is done: for 3x3 on 11x11 pixels, a convolution with the flipped kernel would do 40 % more.
 */
export function conv2dGradInput(
  dx: usize,
  dy: usize,
  panels: usize,
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
  firstLine: i32,
  firstColumn: i32,
  begin: i32,
  end: i32,
): void {
  assert(0 <= begin && begin <= end && end <= batch * height, "conv2dGradInput: the range is over the lines of dx");
  const list = scratch;
  const bPanel = (filters * NR) << 2;
  const tapSize = ((channels + NR - 1) / NR) * bPanel;
  // A block of no more than MC pixels of dx stays in the cache while the taps are added to it.
  const blockWidth = min(width, MC);
  const blockHeight = MC / blockWidth;
  for (let top = begin; top < end; top += blockHeight) {
    const bottom = min(end, top + blockHeight);
    for (let left = 0; left < width; left += blockWidth) {
      const right = min(width, left + blockWidth);
      for (let line = top; line < bottom; ++line) {
        for (let ix = startOf(line % height, left, firstLine, firstColumn); ix < right; ++ix)
          memory.fill(dx + (((line * width + ix) * xStride) << 2), 0, channels << 2);
      }
      for (let tap = 0; tap < kernelHeight * kernelWidth; ++tap) {
        // ix = ox·strideWidth - across, iy = oy·strideHeight - down
        const down = padTop - (tap / kernelWidth) * dilationHeight;
        const across = padLeft - (tap % kernelWidth) * dilationWidth;
        const last = min(outWidth, max(0, right + across + strideWidth - 1) / strideWidth);
        let count = 0;
        for (let line = top; line < bottom; ++line) {
          const oy = ((line % height) + down) / strideHeight;
          if ((line % height) + down < 0 || oy * strideHeight !== (line % height) + down || oy >= outHeight) continue;
          const first = max(0, startOf(line % height, left, firstLine, firstColumn) + across + strideWidth - 1) / strideWidth;
          let a = dy + (((((line / height) * outHeight + oy) * outWidth + first) * yStride) << 2);
          let c = dx + (((line * width + first * strideWidth - across) * xStride) << 2);
          for (let ox = first; ox < last; ++ox, ++count) {
            const row = changetype<Row>(list + count * ROW);
            row.a = a;
            row.c = c;
            a += yStride << 2;
            c += (strideWidth * xStride) << 2;
          }
        }
        product(list, count, panels + tap * tapSize, NR << 2, bPanel, 0, channels, 1, filters, 0, ADD);
      }
    }
  }
}

/** The first column from `left` on that is computed in a line. */
function startOf(line: i32, left: i32, firstLine: i32, firstColumn: i32): i32 {
  return line < firstLine ? max(left, firstColumn) : left;
}

/**
 * dx as in conv2dGradInput, for few channels: they would leave the most part of a tile empty. Every pixel of dy makes its share of all taps
 * and channels in one product, dy[filters] · wᵀ[filters, taps·channels], and they are added up where they belong. The range is over the batch.
 * panels are those of packB for that wᵀ: k = filters, n = taps·channels. scratch for each thread: 240 + 120·taps·channels floats.
 */
export function conv2dGradInputFew(
  dx: usize,
  dy: usize,
  panels: usize,
  scratch: usize,
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
  begin: i32,
  end: i32,
): void {
  const shares = scratch + MC * ROW;
  const n = kernelHeight * kernelWidth * channels;
  const pixels = outHeight * outWidth;
  for (let image = begin; image < end; ++image) {
    const to = dx + ((image * height * width * xStride) << 2);
    const run = xStride === channels ? height * width * channels : channels;
    for (let at = 0; at < height * width * channels; at += run) memory.fill(to + (((at / channels) * xStride) << 2), 0, run << 2);
    for (let first = 0; first < pixels; first += MC) {
      const count = min(MC, pixels - first);
      for (let i = 0; i < count; ++i) {
        const row = changetype<Row>(scratch + i * ROW);
        row.a = dy + (((image * pixels + first + i) * yStride) << 2);
        row.c = shares + ((i * n) << 2);
      }
      product(scratch, count, panels, NR << 2, (filters * NR) << 2, 0, n, 1, filters, 0, 0);
      // One tap along one line at a time: every sum of the loop is another one's.
      let part = 0;
      for (let i = 0; i < count; i += part) {
        const oy = (first + i) / outWidth;
        const left = (first + i) % outWidth;
        part = min(count - i, outWidth - left);
        for (let tap = 0; tap < kernelHeight * kernelWidth; ++tap) {
          const iy = oy * strideHeight + (tap / kernelWidth) * dilationHeight - padTop;
          if (iy < 0 || iy >= height) continue;
          const start = left * strideWidth + (tap % kernelWidth) * dilationWidth - padLeft;
          const before = firstInside(start, strideWidth);
          let share = shares + (((i + before) * n + tap * channels) << 2);
          let x = to + (((iy * width + start + before * strideWidth) * xStride) << 2);
          for (let rest = countBelow(start, strideWidth, part, width) - before; rest > 0; --rest) {
            for (let c = 0; c < channels << 2; c += 4) store<f32>(x + c, load<f32>(x + c) + load<f32>(share + c));
            share += n << 2;
            x += (strideWidth * xStride) << 2;
          }
        }
      }
    }
  }
}
