// Averages over windows and whole images: x[batch, height, width, channels], y[batch, outHeight, outWidth, channels] as in pool.ts.
// A window's pixels outside of the image do not count.
import { addRows, loadRow, rowFill, storeRow } from "./row";

/** Pixels that are added one after the other; then the sum joins the total. */
const BLOCK = 64;

/** y[b,oh,ow,c] = the mean over kh, kw of x[b, oh·strideHeight + kh - padTop, ow·strideWidth + kw - padLeft, c]; the range is over the batch·outHeight lines of y */
export function averagePool2d(
  y: usize,
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  poolHeight: i32,
  poolWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const line = width * pixel;
  let to = y + begin * outWidth * pixel;
  for (let at = begin; at < end; at++) {
    const top = (at % outHeight) * strideHeight - padTop;
    const h = max(top, 0);
    const lines = min(top + poolHeight, height) - h;
    const from = x + ((at / outHeight) * height + h) * line;
    for (let ow = 0; ow < outWidth; ow++, to += pixel) {
      const left = ow * strideWidth - padLeft;
      const w = max(left, 0);
      const pixels = min(left + poolWidth, width) - w;
      addRows(to, from + w * pixel, channels, lines, pixels, line, pixel, f32x4.splat(1 / <f32>(lines * pixels)), false);
    }
  }
}

/** dx[b,h,w,c] = Σ over the windows that hold (h, w) of dy[b,oh,ow,c] / the window's pixels; the range is over the batch·height lines of dx */
export function averagePool2dGrad(
  dx: usize,
  dy: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  poolHeight: i32,
  poolWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const whole = f32x4.splat(1 / <f32>(poolHeight * poolWidth));
  let to = dx + begin * width * pixel;
  for (let at = begin; at < end; at++) {
    const h = (at % height) + padTop;
    const image = dy + (at / height) * outHeight * outWidth * pixel;
    const firstLine = max(0, h - poolHeight + strideHeight) / strideHeight;
    const lastLine = min(outHeight, h / strideHeight + 1);
    // Windows that are all inside of the image have one size.
    const isWhole = firstLine * strideHeight >= padTop && (lastLine - 1) * strideHeight - padTop + poolHeight <= height;
    for (let ix = 0; ix < width; ix++, to += pixel) {
      const w = ix + padLeft;
      const first = max(0, w - poolWidth + strideWidth) / strideWidth;
      const last = min(outWidth, w / strideWidth + 1);
      if (isWhole && first * strideWidth >= padLeft && (last - 1) * strideWidth - padLeft + poolWidth <= width) {
        const from = image + (firstLine * outWidth + first) * pixel;
        addRows(to, from, channels, lastLine - firstLine, last - first, outWidth * pixel, pixel, whole, false);
        continue;
      }
      rowFill(to, 0, channels);
      for (let oh = firstLine; oh < lastLine; oh++) {
        const top = oh * strideHeight - padTop;
        const lines = min(top + poolHeight, height) - max(top, 0);
        for (let ow = first; ow < last; ow++) {
          const left = ow * strideWidth - padLeft;
          const pixels = min(left + poolWidth, width) - max(left, 0);
          addRows(to, image + (oh * outWidth + ow) * pixel, channels, 1, 1, 0, 0, f32x4.splat(1 / <f32>(lines * pixels)), true);
        }
      }
    }
  }
}

/** 1 / the number of pixels of an image that count */
function oneOver(mask: usize, pixels: i32): f32 {
  if (!mask) return 1 / <f32>pixels;
  let count: f32 = 0;
  for (let p = 0; p < pixels; p++) count += <f32>(load<f32>(mask + (p << 2)) !== 0);
  return 1 / count;
}

/** y[b,c] = the mean of x[b,p,c] over the pixels p for which mask[b,p] is not 0: NaN if there is none. mask may be 0, then all count. Images [begin, end). */
export function globalAverage(y: usize, x: usize, mask: usize, pixels: i32, channels: i32, begin: i32, end: i32): void {
  const pixel = channels << 2;
  for (let b = begin; b < end; b++) {
    const to = y + b * pixel;
    const m = mask ? mask + ((b * pixels) << 2) : 0;
    const factor = f32x4.splat(oneOver(m, pixels));
    addRows(to, to, channels, 1, 0, 0, 0, factor, false); // 0 · factor, which is NaN when no pixel counts
    let p = 0;
    while (p < pixels) {
      // a run of pixels that count
      if (m && load<f32>(m + (p << 2)) === 0) {
        p++;
        continue;
      }
      const first = p++;
      while (p < pixels && p < first + BLOCK && (!m || load<f32>(m + (p << 2)) !== 0)) p++;
      addRows(to, x + (b * pixels + first) * pixel, channels, 1, p - first, 0, pixel, factor, true);
    }
  }
}

/** dx[b,p,c] = dy[b,c] / the number of pixels that count where mask[b,p] is not 0, else 0. Images [begin, end). */
export function globalAverageGrad(dx: usize, dy: usize, mask: usize, pixels: i32, channels: i32, begin: i32, end: i32): void {
  const pixel = channels << 2;
  for (let b = begin; b < end; b++) {
    const m = mask ? mask + ((b * pixels) << 2) : 0;
    const factor = f32x4.splat(oneOver(m, pixels));
    for (let p = 0; p < pixels; p++) {
      const to = dx + (b * pixels + p) * pixel;
      if (m && load<f32>(m + (p << 2)) === 0) rowFill(to, 0, channels);
      else addRows(to, dy + b * pixel, channels, 1, 1, 0, 0, factor, false);
    }
  }
}

/** dx[b,p,c] = dy[b,c] / the number of pixels with the maximum y[b,c] where x[b,p,c] is it, else 0. Images [begin, end). */
export function globalMaxGrad(dx: usize, dy: usize, x: usize, y: usize, pixels: i32, channels: i32, begin: i32, end: i32): void {
  const pixel = channels << 2;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let b = begin; b < end; b++) {
    const image = b * pixels * pixel;
    for (let c = 0; c < channels; c += 4) {
      const most = loadRow(y + b * pixel, c, channels, zero);
      let share = loadRow(dy + b * pixel, c, channels, zero);
      let count = zero;
      for (let isShared = 0; isShared < 2; isShared++) {
        let at: usize = image;
        for (let p = 0; p < pixels; p++, at += pixel) {
          const isMost = f32x4.eq(loadRow(x + at, c, channels, zero), most);
          if (isShared) storeRow(dx + at, c, channels, v128.and(share, isMost));
          else count = f32x4.add(count, v128.and(one, isMost));
        }
        if (!isShared) share = f32x4.div(share, count);
      }
    }
  }
}
