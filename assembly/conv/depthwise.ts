// Convolutions of each channel by itself: images x[batch, height, width, channels] and w[kernelHeight, kernelWidth, channels].
// The convolution and both of its gradients are sums over a grid of pixels; what differs is which grid, and in which steps it is passed.
import { loadRow, storeRow } from "../row";
import { madd } from "../simd";
import { countBelow, firstInside } from "./band";

/** Pixels of a line that the gradient of w passes for all taps before it goes on: 16 channels of them stay in the L1 cache. */
const BAND = 128;

/**
 * y[c] = max(floor, start[c] + Σ over i < lines and j < pixels of a[i, j, c] · b[i, j, c]) for c < channels. Steps are in bytes and may be
 * negative; start may be 0, or y.
 */
function sumProducts(
  y: usize,
  start: usize,
  a: usize,
  b: usize,
  channels: i32,
  lines: i32,
  pixels: i32,
  aLine: i32,
  aPixel: i32,
  bLine: i32,
  bPixel: i32,
  floor: v128,
): void {
  const zero = f32x4.splat(0);
  let c = 0;
  for (; c <= channels - 16; c += 16) {
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let aFrom = a + (c << 2);
    let bFrom = b + (c << 2);
    for (let i = 0; i < lines; i++, aFrom += aLine, bFrom += bLine) {
      let p = aFrom;
      let q = bFrom;
      for (let j = 0; j < pixels; j++, p += aPixel, q += bPixel) {
        s0 = madd(v128.load(p), v128.load(q), s0);
        s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
        s2 = madd(v128.load(p, 32), v128.load(q, 32), s2);
        s3 = madd(v128.load(p, 48), v128.load(q, 48), s3);
      }
    }
    if (start) {
      const from = start + (c << 2);
      s0 = f32x4.add(s0, v128.load(from));
      s1 = f32x4.add(s1, v128.load(from, 16));
      s2 = f32x4.add(s2, v128.load(from, 32));
      s3 = f32x4.add(s3, v128.load(from, 48));
    }
    const to = y + (c << 2);
    v128.store(to, f32x4.pmax(s0, floor));
    v128.store(to, f32x4.pmax(s1, floor), 16);
    v128.store(to, f32x4.pmax(s2, floor), 32);
    v128.store(to, f32x4.pmax(s3, floor), 48);
  }
  for (; c < channels; c += 4) {
    let sum = zero;
    let p = a;
    let q = b;
    for (let i = 0; i < lines; i++, p += aLine - pixels * aPixel, q += bLine - pixels * bPixel) {
      for (let j = 0; j < pixels; j++, p += aPixel, q += bPixel)
        sum = madd(loadRow(p, c, channels, zero), loadRow(q, c, channels, zero), sum);
    }
    if (start) sum = f32x4.add(sum, loadRow(start, c, channels, zero));
    storeRow(y, c, channels, f32x4.pmax(sum, floor));
  }
}

/**
 * What sumProducts does for one pixel of y, for four side by side whose windows are three pixels wide: each of the six pixels of a that they
 * see is loaded once, which makes it 1.6 times as fast. channels is a multiple of 4.
 */
function fourSums(
  y: usize,
  start: usize,
  a: usize,
  b: usize,
  channels: i32,
  lines: i32,
  aLine: i32,
  bLine: i32,
  bPixel: i32,
  floor: v128,
): void {
  const pixel = channels << 2;
  const zero = f32x4.splat(0);
  for (let c = 0; c < pixel; c += 16) {
    let s0 = start ? v128.load(start + c) : zero;
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let p = a + c;
    let q = b + c;
    for (let i = 0; i < lines; i++, p += aLine, q += bLine) {
      const w0 = v128.load(q);
      const w1 = v128.load(q + bPixel);
      const w2 = v128.load(q + 2 * bPixel);
      let x = v128.load(p);
      s0 = madd(x, w0, s0);
      x = v128.load(p + pixel);
      s0 = madd(x, w1, s0);
      s1 = madd(x, w0, s1);
      x = v128.load(p + 2 * pixel);
      s0 = madd(x, w2, s0);
      s1 = madd(x, w1, s1);
      s2 = madd(x, w0, s2);
      x = v128.load(p + 3 * pixel);
      s1 = madd(x, w2, s1);
      s2 = madd(x, w1, s2);
      s3 = madd(x, w0, s3);
      x = v128.load(p + 4 * pixel);
      s2 = madd(x, w2, s2);
      s3 = madd(x, w1, s3);
      x = v128.load(p + 5 * pixel);
      s3 = madd(x, w2, s3);
    }
    const to = y + c;
    v128.store(to, f32x4.pmax(s0, floor));
    v128.store(to + pixel, f32x4.pmax(s1, floor));
    v128.store(to + 2 * pixel, f32x4.pmax(s2, floor));
    v128.store(to + 3 * pixel, f32x4.pmax(s3, floor));
  }
}

/** Whether fourSums can do it. */
function isThree(kernelWidth: i32, strideWidth: i32, dilationWidth: i32, channels: i32): bool {
  return kernelWidth === 3 && strideWidth === 1 && dilationWidth === 1 && (channels & 3) === 0;
}

/**
 * y[b,oh,ow,c] = act(bias[c] + Σ over kh, kw of x[b, oh·strideHeight + kh·dilationHeight - padTop, ow·.. + kw·.. - padLeft, c] · w[kh,kw,c]);
 * the range is over the batch·outHeight lines of y. bias may be 0; activation is 0 (linear) or 1 (relu).
 */
export function depthwise(
  y: usize,
  x: usize,
  w: usize,
  bias: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  activation: i32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const line = width * pixel;
  const floor = f32x4.splat(activation ? 0 : -Infinity);
  const last = min(outWidth, padLeft + width - 2); // windows [padLeft, last) are inside of the image, if they are 3 wide
  const isPlain = isThree(kernelWidth, strideWidth, dilationWidth, channels) && last >= padLeft + 4;
  let to = y + begin * outWidth * pixel;
  for (let at = begin; at < end; at++) {
    const image = x + (at / outHeight) * height * line;
    const top = (at % outHeight) * strideHeight - padTop;
    const kh = firstInside(top, dilationHeight);
    const lines = countBelow(top, dilationHeight, kernelHeight, height) - kh;
    const from = image + (top + kh * dilationHeight) * line;
    for (let ow = 0; ow < outWidth; ow++, to += pixel) {
      if (isPlain && ow === padLeft) {
        const b = w + kh * 3 * pixel;
        for (; ow < last; ow += 4) {
          const at = min(ow, last - 4) - padLeft;
          fourSums(to + at * pixel, bias, from + at * pixel, b, channels, lines, dilationHeight * line, 3 * pixel, pixel, floor);
        }
        to += (last - padLeft) * pixel;
        ow = last;
        if (ow === outWidth) break;
      }
      const left = ow * strideWidth - padLeft;
      const kw = firstInside(left, dilationWidth);
      const pixels = countBelow(left, dilationWidth, kernelWidth, width) - kw;
      const a = from + (left + kw * dilationWidth) * pixel;
      const b = w + (kh * kernelWidth + kw) * pixel;
      sumProducts(to, bias, a, b, channels, lines, pixels, dilationHeight * line, dilationWidth * pixel, kernelWidth * pixel, pixel, floor);
    }
  }
}

/** Whether a tap reaches a pixel of dx from an existing pixel of dy: from `place` / stride. */
function reaches(place: i32, stride: i32, out: i32): bool {
  return place >= 0 && place < out * stride && (stride === 1 || place % stride === 0);
}

/** The smallest number of taps from one that reaches a pixel to the next that does. */
function stepOf(stride: i32, dilation: i32): i32 {
  let step = 1;
  while ((step * dilation) % stride !== 0) step++;
  return step;
}

/** dx[b,h,w,c] = Σ over kh, kw of dy[the pixel that tap (kh, kw) takes there] · w[kh,kw,c]; the range is over the batch·height lines of dx */
export function depthwiseGradInput(
  dx: usize,
  dy: usize,
  w: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const line = outWidth * pixel;
  const floor = f32x4.splat(-Infinity);
  const down = stepOf(strideHeight, dilationHeight);
  const across = stepOf(strideWidth, dilationWidth);
  const aLine = -((down * dilationHeight) / strideHeight) * line;
  const aPixel = -((across * dilationWidth) / strideWidth) * pixel;
  const first = 2 - padLeft; // pixels [first, last) are reached by all taps, if there are 3 in a line
  const last = min(width, outWidth - padLeft);
  const isPlain = isThree(kernelWidth, strideWidth, dilationWidth, channels) && first >= 0 && last >= first + 4;
  let to = dx + begin * width * pixel;
  for (let at = begin; at < end; at++) {
    const image = dy + (at / height) * outHeight * line;
    // oh · strideHeight = h + padTop - kh · dilationHeight
    let kh = 0;
    let h = (at % height) + padTop;
    for (; kh < kernelHeight && !reaches(h, strideHeight, outHeight); kh++) h -= dilationHeight;
    let lines = 0;
    for (let k = kh, place = h; k < kernelHeight && place >= 0; k += down, place -= down * dilationHeight) lines++;
    const from = image + (h / strideHeight) * line;
    for (let ix = 0; ix < width; ix++, to += pixel) {
      if (isPlain && ix === first) {
        const b = w + (kh * 3 + 2) * pixel; // from the last tap of a line to the first
        for (; ix < last; ix += 4) {
          const at = min(ix, last - 4) - first;
          fourSums(to + at * pixel, 0, from + at * pixel, b, channels, lines, aLine, down * 3 * pixel, -pixel, floor);
        }
        to += (last - first) * pixel;
        ix = last;
        if (ix === width) break;
      }
      let kw = 0;
      let place = ix + padLeft;
      for (; kw < kernelWidth && !reaches(place, strideWidth, outWidth); kw++) place -= dilationWidth;
      const a = from + (place / strideWidth) * pixel;
      const b = w + (kh * kernelWidth + kw) * pixel;
      let pixels = 0;
      for (let k = kw; k < kernelWidth && place >= 0; k += across, place -= across * dilationWidth) pixels++;
      sumProducts(to, 0, a, b, channels, lines, pixels, aLine, aPixel, down * kernelWidth * pixel, across * pixel, floor);
    }
  }
}

/**
 * dw[kh,kw,c] = Σ over all pixels of y of x[the pixel that tap (kh, kw) sees, c] · dy[the pixel, c]; the range is over the ⌈channels / 4⌉
 * vectors of channels. The sums of some lines stay in registers before they join dw.
 */
export function depthwiseGradKernel(
  dw: usize,
  x: usize,
  dy: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const line = width * pixel;
  const outLine = outWidth * pixel;
  const floor = f32x4.splat(-Infinity);
  const last = min(end << 2, channels);
  const most = max(1, BAND / outWidth);
  for (let tap = 0; tap < kernelHeight * kernelWidth; tap++)
    memory.fill(dw + tap * pixel + (begin << 4), 0, max(0, last - (begin << 2)) << 2);
  for (let image = 0; image < batch; image++) {
    for (let band = 0; band < outHeight; band += most) {
      for (let c = begin << 2; c < last; c += 16) {
        for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
          const top = (tap / kernelWidth) * dilationHeight - padTop;
          const left = (tap % kernelWidth) * dilationWidth - padLeft;
          const oh = max(band, firstInside(top, strideHeight));
          const lines = min(band + most, countBelow(top, strideHeight, outHeight, height)) - oh;
          const ow = firstInside(left, strideWidth);
          const pixels = countBelow(left, strideWidth, outWidth, width) - ow;
          const a = x + (image * height + oh * strideHeight + top) * line + (ow * strideWidth + left) * pixel + (c << 2);
          const b = dy + (image * outHeight + oh) * outLine + ow * pixel + (c << 2);
          const to = dw + tap * pixel + (c << 2);
          const some = min(16, last - c);
          sumProducts(to, to, a, b, some, lines, pixels, strideHeight * line, strideWidth * pixel, outLine, pixel, floor);
        }
      }
    }
  }
}
