// Images x[batch, height, width, channels] and y[batch, outHeight, outWidth, channels], samples [begin, end) of the batch.
// A window's pixels outside of the image do not count.
import { loadRow, storeRow } from "./row";

/** y[b,oh,ow,c] = max over kh, kw of x[b, oh·strideHeight + kh - padTop, ow·strideWidth + kw - padLeft, c] */
export function maxPool2d(
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
  const isPair = isPairs(height, width, outHeight, outWidth, poolHeight, poolWidth, strideHeight, strideWidth, padTop, padLeft);
  let to = y + begin * outHeight * outWidth * pixel;
  for (let b = begin; b < end; b++) {
    const image = x + b * height * line;
    for (let oh = 0; oh < outHeight; oh++) {
      const top = oh * strideHeight - padTop;
      for (let ow = 0; ow < outWidth; ow++) {
        const left = ow * strideWidth - padLeft;
        const c = isPair ? maxOfPairs(to, image + top * line + left * pixel, line, channels) : 0;
        const h1 = min(top + poolHeight, height);
        const w1 = min(left + poolWidth, width);
        maxOfWindow(to, image, max(top, 0), h1, max(left, 0), w1, line, channels, c);
        to += pixel;
      }
    }
  }
}

/** whether all windows are 2 x 2, apart from each other and inside of the image */
function isPairs(
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  poolHeight: i32,
  poolWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): bool {
  const isInside = (padTop | padLeft) === 0 && (outHeight - 1) * strideHeight + 2 <= height && (outWidth - 1) * strideWidth + 2 <= width;
  return isInside && poolHeight === 2 && poolWidth === 2 && strideHeight >= 2 && strideWidth >= 2;
}

/** y[c] = max x[h0:h1, w0:w1, c] from channel `first` on */
function maxOfWindow(y: usize, image: usize, h0: i32, h1: i32, w0: i32, w1: i32, line: i32, channels: i32, first: i32): void {
  const lowest = f32x4.splat(-Infinity);
  for (let c = first; c < channels; c += 4) {
    let most = lowest;
    for (let h = h0; h < h1; h++) {
      for (let w = w0; w < w1; w++) most = f32x4.pmax(most, loadRow(image + h * line + ((w * channels) << 2), c, channels, lowest));
    }
    storeRow(y, c, channels, most);
  }
}

/** y[c] = max x[0:2, 0:2, c] for whole vectors; returns how many channels they hold */
function maxOfPairs(y: usize, x: usize, line: i32, channels: i32): i32 {
  const whole = channels & ~3;
  const right = channels << 2;
  for (const end = y + (whole << 2); y < end; y += 16, x += 16) {
    const upper = f32x4.pmax(v128.load(x), v128.load(x + right));
    const lower = f32x4.pmax(v128.load(x + line), v128.load(x + line + right));
    v128.store(y, f32x4.pmax(upper, lower));
  }
  return whole;
}

/** dx = 0, then dx[..] += dy[b,oh,ow,c] at the first pixel of each window, row by row, that holds its maximum y[b,oh,ow,c] */
export function maxPool2dGrad(
  dx: usize,
  dy: usize,
  x: usize,
  y: usize,
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
  const isPair = isPairs(height, width, outHeight, outWidth, poolHeight, poolWidth, strideHeight, strideWidth, padTop, padLeft);
  const isWhole = isPair && 2 * outHeight === height && 2 * outWidth === width && (channels & 3) === 0;
  let from = begin * outHeight * outWidth * pixel;
  for (let b = begin; b < end; b++) {
    const image = b * height * line;
    if (!isWhole) memory.fill(dx + image, 0, height * line);
    for (let oh = 0; oh < outHeight; oh++) {
      const top = oh * strideHeight - padTop;
      for (let ow = 0; ow < outWidth; ow++) {
        const left = ow * strideWidth - padLeft;
        const at = image + top * line + left * pixel;
        const c = isPair ? gradOfPairs(dx + at, dy + from, x + at, y + from, line, channels) : 0;
        const h1 = min(top + poolHeight, height);
        const w1 = min(left + poolWidth, width);
        gradOfWindow(dx + image, dy + from, x + image, y + from, max(top, 0), h1, max(left, 0), w1, line, channels, c);
        from += pixel;
      }
    }
  }
}

/** From channel `first` on. */
function gradOfWindow(
  dx: usize,
  dy: usize,
  x: usize,
  y: usize,
  h0: i32,
  h1: i32,
  w0: i32,
  w1: i32,
  line: i32,
  channels: i32,
  first: i32,
): void {
  const zero = f32x4.splat(0);
  for (let c = first; c < channels; c += 4) {
    const most = loadRow(y, c, channels, zero);
    let left = loadRow(dy, c, channels, zero); // what no pixel has taken yet
    for (let h = h0; h < h1; h++) {
      for (let w = w0; w < w1; w++) {
        const at = h * line + ((w * channels) << 2);
        const isMost = f32x4.eq(loadRow(x + at, c, channels, zero), most);
        storeRow(dx + at, c, channels, f32x4.add(loadRow(dx + at, c, channels, zero), v128.and(left, isMost)));
        left = v128.andnot(left, isMost);
      }
    }
  }
}

/** dx[0:2, 0:2, c] for whole vectors; returns how many channels they hold */
function gradOfPairs(dx: usize, dy: usize, x: usize, y: usize, line: i32, channels: i32): i32 {
  const whole = channels & ~3;
  const right = channels << 2;
  for (const end = y + (whole << 2); y < end; y += 16, dy += 16, x += 16, dx += 16) {
    const most = v128.load(y);
    let left = v128.load(dy);
    let isMost = f32x4.eq(v128.load(x), most);
    v128.store(dx, v128.and(left, isMost));
    left = v128.andnot(left, isMost);
    isMost = f32x4.eq(v128.load(x + right), most);
    v128.store(dx + right, v128.and(left, isMost));
    left = v128.andnot(left, isMost);
    isMost = f32x4.eq(v128.load(x + line), most);
    v128.store(dx + line, v128.and(left, isMost));
    left = v128.andnot(left, isMost);
    isMost = f32x4.eq(v128.load(x + line + right), most);
    v128.store(dx + line + right, v128.and(left, isMost));
  }
  return whole;
}
