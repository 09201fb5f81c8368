// What the kernels over images must compute beside convolution and max pooling: plain loops in float64, as in reference.ts.
import { type ConvShape, eachTap, type Numbers, type PoolShape } from "../reference.js";

const zeros = (n: number) => new Float64Array(n);

// Each channel by itself: w[kernelHeight, kernelWidth, channels] ------------------------------------------------------------------

export type DepthwiseShape = Omit<ConvShape, "filters">;

/** Offsets as eachTap has them, channel by channel. */
function eachProduct(s: DepthwiseShape, visit: (xi: number, yi: number, wi: number) => void) {
  eachTap({ ...s, filters: s.channels }, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) visit(xi + c, yi + c, wi / s.channels + c);
  });
}

export function depthwise(x: Numbers, w: Numbers, s: DepthwiseShape) {
  const y = zeros(s.batch * s.outHeight * s.outWidth * s.channels);
  eachProduct(s, (xi, yi, wi) => {
    y[yi] += x[xi] * w[wi];
  });
  return y;
}

export function depthwiseGradInput(dy: Numbers, w: Numbers, s: DepthwiseShape) {
  const dx = zeros(s.batch * s.height * s.width * s.channels);
  eachProduct(s, (xi, yi, wi) => {
    dx[xi] += dy[yi] * w[wi];
  });
  return dx;
}

export function depthwiseGradKernel(x: Numbers, dy: Numbers, s: DepthwiseShape) {
  const dw = zeros(s.kernelHeight * s.kernelWidth * s.channels);
  eachProduct(s, (xi, yi, wi) => {
    dw[wi] += x[xi] * dy[yi];
  });
  return dw;
}

// Pooling ------------------------------------------------------------------------------------------------------------------------

/** Every element of every window: in x, and in y. */
function eachInWindow(s: PoolShape, visit: (xi: number, yi: number) => void) {
  const { poolHeight: kernelHeight, poolWidth: kernelWidth } = s;
  eachProduct({ ...s, kernelHeight, kernelWidth }, visit);
}

function windowSizes(s: PoolShape) {
  const sizes = zeros(s.batch * s.outHeight * s.outWidth * s.channels);
  eachInWindow(s, (_, yi) => {
    sizes[yi]++;
  });
  return sizes;
}

export function averagePool2d(x: Numbers, s: PoolShape) {
  const sizes = windowSizes(s);
  const y = zeros(sizes.length);
  eachInWindow(s, (xi, yi) => {
    y[yi] += x[xi] / sizes[yi];
  });
  return y;
}

export function averagePool2dGrad(dy: Numbers, s: PoolShape) {
  const sizes = windowSizes(s);
  const dx = zeros(s.batch * s.height * s.width * s.channels);
  eachInWindow(s, (xi, yi) => {
    dx[xi] += dy[yi] / sizes[yi];
  });
  return dx;
}

/** x[batch, pixels, channels] and mask[batch, pixels], element by element: in x, in y and in the mask */
function eachPixel(batch: number, pixels: number, channels: number, visit: (xi: number, yi: number, mi: number) => void) {
  for (let b = 0; b < batch; b++)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++) visit((b * pixels + p) * channels + c, b * channels + c, b * pixels + p);
}

export function globalAverage(x: Numbers, mask: Numbers, batch: number, pixels: number, channels: number) {
  const [sum, count] = [zeros(batch * channels), zeros(batch * channels)];
  eachPixel(batch, pixels, channels, (xi, yi, mi) => {
    if (!mask[mi]) return;
    sum[yi] += x[xi];
    count[yi]++;
  });
  return sum.map((total, i) => total / count[i]);
}

export function globalAverageGrad(dy: Numbers, mask: Numbers, batch: number, pixels: number, channels: number) {
  const count = zeros(batch * channels);
  eachPixel(batch, pixels, channels, (_, yi, mi) => {
    if (mask[mi]) count[yi]++;
  });
  const dx = zeros(batch * pixels * channels);
  eachPixel(batch, pixels, channels, (xi, yi, mi) => {
    if (mask[mi]) dx[xi] = dy[yi] / count[yi];
  });
  return dx;
}

export function globalMax(x: Numbers, batch: number, pixels: number, channels: number) {
  const y = zeros(batch * channels).fill(Number.NEGATIVE_INFINITY);
  eachPixel(batch, pixels, channels, (xi, yi) => {
    y[yi] = Math.max(y[yi], x[xi]);
  });
  return y;
}

/** pixels that share a maximum share its gradient */
export function globalMaxGrad(dy: Numbers, x: Numbers, batch: number, pixels: number, channels: number) {
  const y = globalMax(x, batch, pixels, channels);
  const count = zeros(y.length);
  eachPixel(batch, pixels, channels, (xi, yi) => {
    if (x[xi] === y[yi]) count[yi]++;
  });
  const dx = zeros(x.length);
  eachPixel(batch, pixels, channels, (xi, yi) => {
    if (x[xi] === y[yi]) dx[xi] = dy[yi] / count[yi];
  });
  return dx;
}

// Frames and sizes ----------------------------------------------------------------------------------------------------------------

export interface CropShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  top: number;
  left: number;
}

/** lines top.. and columns left.. of x, zeros where it has none */
export function crop2d(x: Numbers, s: CropShape) {
  const y: number[] = [];
  for (let b = 0; b < s.batch; b++)
    for (let h = s.top; h < s.top + s.outHeight; h++)
      for (let w = s.left; w < s.left + s.outWidth; w++)
        for (let c = 0; c < s.channels; c++) {
          const isInside = h >= 0 && h < s.height && w >= 0 && w < s.width;
          y.push(isInside ? x[((b * s.height + h) * s.width + w) * s.channels + c] : 0);
        }
  return y;
}

/** x[rows, n] → y[rows, times, n] */
export function repeat(x: Numbers, n: number, times: number) {
  return zeros(x.length * times).map((_, i) => x[Math.floor(i / (n * times)) * n + (i % n)]);
}

export function repeatGrad(dy: Numbers, n: number, times: number) {
  const dx = zeros(dy.length / times);
  for (let i = 0; i < dy.length; i++) dx[Math.floor(i / (n * times)) * n + (i % n)] += dy[i];
  return dx;
}

/** Keys's cubic with a = -1/2, and the tent */
const cubic = (d: number) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((2.5 - 0.5 * d) * d - 4) * d + 2 : 0);
const tent = (d: number) => Math.max(0, 1 - d);

/** The weights of the `length` pixels of an axis in each of size·length pixels with centres at halves. */
function weights(length: number, size: number, isCubic: boolean) {
  return Array.from({ length: length * size }, (_, o) => {
    const at = (o + 0.5) / size - 0.5;
    const row = Array.from({ length }, (_, i) => (isCubic ? cubic : tent)(Math.abs(at - i)));
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map(weight => weight / sum);
  });
}

/** x[rows, length, n] → y[rows, length·size, n] */
export function interpolate(x: Numbers, n: number, length: number, size: number, isCubic: boolean) {
  const y = zeros(x.length * size);
  const w = weights(length, size, isCubic);
  for (let i = 0; i < y.length; i++) {
    const row = Math.floor(i / (n * length * size));
    w[Math.floor(i / n) % (length * size)].forEach((weight, at) => {
      y[i] += weight * x[(row * length + at) * n + (i % n)];
    });
  }
  return y;
}

export function interpolateGrad(dy: Numbers, n: number, length: number, size: number, isCubic: boolean) {
  const dx = zeros(dy.length / size);
  const w = weights(length, size, isCubic);
  for (let i = 0; i < dy.length; i++) {
    const row = Math.floor(i / (n * length * size));
    w[Math.floor(i / n) % (length * size)].forEach((weight, at) => {
      dx[(row * length + at) * n + (i % n)] += weight * dy[i];
    });
  }
  return dx;
}
