// What every kernel must compute: plain loops in float64, in no order but the formula's. Tests compare kernels with this file alone.

export type Numbers = ArrayLike<number>;

const zeros = (n: number) => new Float64Array(n);

/** n numbers, each from its index */
const each = (n: number, f: (i: number) => number) => zeros(n).map((_, i) => f(i));

// Element-wise ---------------------------------------------------------------------------------------------------------------

export const map = (x: Numbers, f: (x: number) => number) => each(x.length, i => f(x[i]));
export const relu = (x: number) => Math.max(x, 0);
export const reluGrad = (x: number) => (x > 0 ? 1 : 0);
export const leakyRelu = (slope: number) => (x: number) => (x > 0 ? x : slope * x);
export const leakyReluGrad = (slope: number) => (x: number) => (x > 0 ? 1 : slope);
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const sigmoidGrad = (x: number) => sigmoid(x) * sigmoid(-x);
export const tanh = (x: number) => Math.tanh(x);
export const tanhGrad = (x: number) => 1 / Math.cosh(x) ** 2;
export const add = (a: Numbers, b: Numbers) => each(a.length, i => a[i] + b[i]);

// Rows of n ------------------------------------------------------------------------------------------------------------------

/** the rows of n of x, one by one */
const rows = (x: Numbers, n: number) =>
  Array.from({ length: n ? x.length / n : 0 }, (_, r) => Array.from({ length: n }, (_, i) => x[r * n + i]));
const flat = (rows: number[][]) => Float64Array.from(rows.flat());
const sum = (x: Numbers) => Array.from(x).reduce((a, b) => a + b, 0);

export const softmax = (x: Numbers, n: number) =>
  flat(
    rows(x, n).map(row => {
      const most = Math.max(...row);
      const e = row.map(v => Math.exp(v - most));
      const total = sum(e);
      return e.map(v => v / total);
    }),
  );

export const softmaxGrad = (dy: Numbers, y: Numbers, n: number) => {
  const d = rows(dy, n);
  return flat(
    rows(y, n).map((row, r) => {
      const mean = sum(row.map((v, i) => v * d[r][i]));
      return row.map((v, i) => v * (d[r][i] - mean));
    }),
  );
};

export const addBias = (x: Numbers, bias: Numbers) => each(x.length, i => x[i] + bias[i % bias.length]);
export const biasGrad = (dy: Numbers, n: number) => rows(dy, n).reduce((db, row) => db.map((d, j) => d + row[j]), zeros(n));

// Products -------------------------------------------------------------------------------------------------------------------

/** C[m,n] = op(A)[m,k] · op(B)[k,n], where A is stored [k,m] if transposed, and B [n,k] */
export function gemm(a: Numbers, b: Numbers, m: number, n: number, k: number, transposeA = false, transposeB = false) {
  const c = zeros(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let p = 0; p < k; p++) c[i * n + j] += a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
  return c;
}

// Convolution: images [batch, height, width, channels], kernels [kernelHeight, kernelWidth, channels, filters] ---------------------------

export interface ConvShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
  filters: number;
  kernelHeight: number;
  kernelWidth: number;
  outHeight: number;
  outWidth: number;
  strideHeight?: number;
  strideWidth?: number;
  dilationHeight?: number;
  dilationWidth?: number;
  padTop?: number;
  padLeft?: number;
}

/** Calls back with the offsets of every pair of pixels that meet, and of their kernel tap: x[xi + c] · w[wi + c·filters + f] belongs to y[yi + f]. */
function eachTap(s: ConvShape, visit: (xi: number, yi: number, wi: number) => void) {
  const { strideHeight = 1, strideWidth = 1, dilationHeight = 1, dilationWidth = 1, padTop = 0, padLeft = 0 } = s;
  for (let b = 0; b < s.batch; b++)
    for (let oh = 0; oh < s.outHeight; oh++)
      for (let ow = 0; ow < s.outWidth; ow++)
        for (let kh = 0; kh < s.kernelHeight; kh++)
          for (let kw = 0; kw < s.kernelWidth; kw++) {
            const h = oh * strideHeight + kh * dilationHeight - padTop;
            const w = ow * strideWidth + kw * dilationWidth - padLeft;
            if (h < 0 || h >= s.height || w < 0 || w >= s.width) continue;
            visit(
              ((b * s.height + h) * s.width + w) * s.channels,
              ((b * s.outHeight + oh) * s.outWidth + ow) * s.filters,
              (kh * s.kernelWidth + kw) * s.channels * s.filters,
            );
          }
}

export function conv2d(x: Numbers, kernel: Numbers, s: ConvShape) {
  const y = zeros(s.batch * s.outHeight * s.outWidth * s.filters);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) y[yi + f] += x[xi + c] * kernel[wi + c * s.filters + f];
  });
  return y;
}

export function conv2dGradInput(dy: Numbers, kernel: Numbers, s: ConvShape) {
  const dx = zeros(s.batch * s.height * s.width * s.channels);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) dx[xi + c] += dy[yi + f] * kernel[wi + c * s.filters + f];
  });
  return dx;
}

export function conv2dGradKernel(x: Numbers, dy: Numbers, s: ConvShape) {
  const dw = zeros(s.kernelHeight * s.kernelWidth * s.channels * s.filters);
  eachTap(s, (xi, yi, wi) => {
    for (let c = 0; c < s.channels; c++) for (let f = 0; f < s.filters; f++) dw[wi + c * s.filters + f] += x[xi + c] * dy[yi + f];
  });
  return dw;
}
