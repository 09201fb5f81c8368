// Images x and y[batch, height, width, channels], each changed by a random number of its own; samples [begin, end) of the batch.
// They come first in a net and have one to four channels: nothing here is vectors but the sine.
import { sin2pi } from "./simd";

/** What affine does, by its `kind`. */
const ROTATE = 0;
const TRANSLATE = 1;

/** How it goes on behind the border, by its `fillMode`. */
const REFLECT = 0;
const WRAP = 1;
const NEAREST = 2;
const CONSTANT = 3;

/** y[b] = x[b], or its mirror image where flips[b] ≤ ½: from left to right, from top to bottom, or both. The gradient is the same of dy */
export function flip(
  y: usize,
  x: usize,
  flips: usize,
  isHorizontal: i32,
  isVertical: i32,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  let to = y + ((begin * height * width * channels) << 2);
  for (let b = begin; b < end; b++) {
    const isFlipped = load<f32>(flips + (b << 2)) <= 0.5;
    for (let h = 0; h < height; h++) {
      const line = (b * height + (isFlipped && isVertical ? height - 1 - h : h)) * width;
      for (let w = 0; w < width; w++) {
        const from = x + (((line + (isFlipped && isHorizontal ? width - 1 - w : w)) * channels) << 2);
        for (let c = 0; c < channels; c++) {
          store<u32>(to, load<u32>(from + (c << 2)));
          to += 4;
        }
      }
    }
  }
}

/**
 * y[b,h,w,:] = x[b] at column a0·w + a1·h + a2 and row b0·w + b1·h + b2, with Keras's coefficients: `kind` 0 turns the image by first[b] of a
 * turn about its center, 1 moves it down by first[b] of its height and right by second[b] of its width, 2 makes it 1 / first[b] as high and
 * 1 / second[b] as wide. Between pixels it takes the nearest, or weights four if isBilinear. Behind the border it goes on by its fillMode:
 * 0 reflect dcba|abcd|dcba, 1 wrap abcd|abcd|abcd, 2 nearest aaaa|abcd|dddd, 3 fillValue.
 */
export function affine(
  y: usize,
  x: usize,
  first: usize,
  second: usize,
  kind: i32,
  height: i32,
  width: i32,
  channels: i32,
  isBilinear: i32,
  fillMode: i32,
  fillValue: f32,
  begin: i32,
  end: i32,
): void {
  visit(false, y, x, first, second, kind, height, width, channels, isBilinear, fillMode, fillValue, begin, end);
}

/** dx = 0, then dx[..] += dy[b,h,w,:] · weight, for the pixels and weights that y[b,h,w,:] was made of */
export function affineGrad(
  dx: usize,
  dy: usize,
  first: usize,
  second: usize,
  kind: i32,
  height: i32,
  width: i32,
  channels: i32,
  isBilinear: i32,
  fillMode: i32,
  begin: i32,
  end: i32,
): void {
  const sample = (height * width * channels) << 2;
  memory.fill(dx + begin * sample, 0, (end - begin) * sample);
  visit(true, dy, dx, first, second, kind, height, width, channels, isBilinear, fillMode, 0, begin, end);
}

/** Finds, for each pixel of y, the four of x around its place, and how far it lies from the first on to the others. */
function visit(
  isGrad: bool,
  y: usize,
  x: usize,
  first: usize,
  second: usize,
  kind: i32,
  height: i32,
  width: i32,
  channels: i32,
  isBilinear: i32,
  fillMode: i32,
  fillValue: f32,
  begin: i32,
  end: i32,
): void {
  const pixel = channels << 2;
  const line = width * pixel;
  const centerX = <f32>(width - 1) * 0.5;
  const centerY = <f32>(height - 1) * 0.5;
  let at = y + begin * height * line;
  for (let b = begin; b < end; b++) {
    const image = x + b * height * line;
    const p = load<f32>(first + (b << 2));
    const q: f32 = kind === ROTATE ? 0 : load<f32>(second + (b << 2));
    let a0: f32 = 1;
    let a1: f32 = 0;
    let a2: f32 = -q * <f32>width;
    let b0: f32 = 0;
    let b1: f32 = 1;
    let b2: f32 = -p * <f32>height;
    if (kind === ROTATE) {
      a0 = sine(p + 0.25);
      b0 = sine(p);
      a1 = -b0;
      b1 = a0;
      a2 = centerX - centerX * a0 - centerY * a1;
      b2 = centerY - centerX * b0 - centerY * b1;
    } else if (kind !== TRANSLATE) {
      a0 = q;
      b1 = p;
      a2 = centerX * (1 - q);
      b2 = centerY * (1 - p);
    }
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        let column = inside(a0 * <f32>w + a1 * <f32>h + a2, width, fillMode);
        let row = inside(b0 * <f32>w + b1 * <f32>h + b2, height, fillMode);
        if (!isBilinear) {
          column = rounded(column);
          row = rounded(row);
        }
        const left = <i32>floor(column);
        const top = <i32>floor(row);
        const x00 = image + top * line + left * pixel;
        const isLeft = <u32>left < <u32>width;
        const isRight = <u32>(left + 1) < <u32>width;
        const isTop = <u32>top < <u32>height;
        const isBottom = <u32>(top + 1) < <u32>height;
        pixelAt(
          isGrad,
          at,
          isTop && isLeft ? x00 : 0,
          isTop && isRight ? x00 + pixel : 0,
          isBottom && isLeft ? x00 + line : 0,
          isBottom && isRight ? x00 + line + pixel : 0,
          column - <f32>left,
          row - <f32>top,
          channels,
          fillValue,
        );
        at += pixel;
      }
    }
  }
}

function sine(turns: f32): f32 {
  return f32x4.extract_lane(sin2pi(f32x4.splat(turns)), 0);
}

/** to the nearest whole number, from the middle away from zero */
function rounded(x: f32): f32 {
  const whole = trunc(x);
  return abs(x - whole) < 0.5 ? whole : whole + copysign<f32>(1, x);
}

/** A place on an axis by the fill mode, as TensorFlow's ImageProjectiveTransformV3 has it: on the axis, or anywhere for a constant fill. */
function inside(at: f32, length: i32, fillMode: i32): f32 {
  const last = <f32>(length - 1);
  if (fillMode === CONSTANT || (at >= 0 && at <= last)) return at;
  if (length > 1 && fillMode === REFLECT) {
    const n = <f32>length;
    at = abs(at + 0.5) - 0.5;
    at -= 2 * n * trunc(at / (2 * n));
    if (at >= n) at = 2 * n - at - 1;
  } else if (length > 1 && fillMode === WRAP) {
    const n = <f32>length;
    at += at < 0 ? n * (trunc(-at / last) + 1) : -n * trunc(at / last);
  }
  return max<f32>(0, min(at, last));
}

/** y = the mean of four pixels by their weights, those that are null being `fill`; or, on the way back, each of them += its weight · dy */
function pixelAt(
  isGrad: bool,
  y: usize,
  x00: usize,
  x01: usize,
  x10: usize,
  x11: usize,
  right: f32,
  down: f32,
  channels: i32,
  fill: f32,
): void {
  const left: f32 = <f32>1 - right;
  const up: f32 = <f32>1 - down;
  for (let c = 0; c < channels << 2; c += 4) {
    if (isGrad) {
      const d = load<f32>(y + c);
      add(x00, c, left * up * d);
      add(x01, c, right * up * d);
      add(x10, c, left * down * d);
      add(x11, c, right * down * d);
    } else {
      const upper = left * read(x00, c, fill) + right * read(x01, c, fill);
      const lower = left * read(x10, c, fill) + right * read(x11, c, fill);
      store<f32>(y + c, up * upper + down * lower);
    }
  }
}

function read(x: usize, c: usize, fill: f32): f32 {
  return x ? load<f32>(x + c) : fill;
}

function add(dx: usize, c: usize, more: f32): void {
  if (dx) store<f32>(dx + c, load<f32>(dx + c) + more);
}

/** y[b,p,c] = (x[b,p,c] - m) · factors[b] + m with m = mean over p of x[b,:,c], cut to [low, high], for images of so many pixels p; y may be x */
export function contrast(y: usize, x: usize, factors: usize, pixels: i32, channels: i32, low: f32, high: f32, begin: i32, end: i32): void {
  const sample = (pixels * channels) << 2;
  for (let b = begin; b < end; b++) {
    const factor = load<f32>(factors + (b << 2));
    for (let c = 0; c < channels; c++) {
      const at = b * sample + (c << 2);
      let sum: f64 = 0;
      for (let p = at; p < at + sample; p += channels << 2) sum += load<f32>(x + p);
      const mean = <f32>(sum / pixels);
      for (let p = at; p < at + sample; p += channels << 2) {
        store<f32>(y + p, max(low, min(high, (load<f32>(x + p) - mean) * factor + mean)));
      }
    }
  }
}
