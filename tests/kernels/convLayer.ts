import { spread, uniform } from "./data.js";

const NR = 8;

export interface Options {
  kernel?: [number, number];
  stride?: [number, number];
  dilation?: [number, number];
  same?: boolean;
  bias?: boolean;
  relu?: boolean;
  /** floats behind every pixel of x and y and every row of w that belong to other groups */
  gap?: number;
  bench?: boolean;
}

export type Size = [batch: number, height: number, width: number, channels: number, filters: number];

/** Everything that a convolution and its gradients have in common. */
export function layer(name: string, size: Size, options: Options) {
  const [batch, height, width, channels, filters] = size;
  const { kernel = [3, 3], stride = [1, 1], dilation = [1, 1], same = false, gap = 0, bench = false } = options;
  const field = kernel.map((n, axis) => (n - 1) * dilation[axis] + 1);
  const [[outHeight, padTop], [outWidth, padLeft]] = [height, width].map((n, axis) => {
    if (!same) return [Math.floor((n - field[axis]) / stride[axis]) + 1, 0];
    const out = Math.ceil(n / stride[axis]);
    return [out, Math.floor(Math.max((out - 1) * stride[axis] + field[axis] - n, 0) / 2)];
  });
  const shape = {
    ...{ batch, height, width, channels, outHeight, outWidth, filters, kernelHeight: kernel[0], kernelWidth: kernel[1] },
    ...{ strideHeight: stride[0], strideWidth: stride[1], dilationHeight: dilation[0], dilationWidth: dilation[1], padTop, padLeft },
  };
  const taps = kernel[0] * kernel[1];
  const pixels = batch * outHeight * outWidth;
  const [x, w, dy] = [uniform(batch * height * width * channels), uniform(taps * channels * filters, 2), uniform(pixels * filters, 3)];
  const option = Object.entries(options).filter(([key, value]) => value && key !== "bench");
  const lines = (most: number) => Math.max(1, Math.floor(most / outWidth));
  const bandHeight = (rows: number) => (rows - 1) * stride[0] + field[0];
  return {
    label: `${name} ${size.join("x")}${option.map(([key, value]) => ` ${key}${value === true ? "" : `=${value}`}`).join("")}`,
    ...{ shape, taps, pixels, channels, filters, x, w, dy, gap, bench },
    args: { ...shape, xStride: channels + gap, yStride: filters + gap },
    wide: {
      x: spread(x, batch * height * width, channels, gap),
      w: spread(w, taps * channels, filters, gap),
      dy: spread(dy, pixels, filters, gap),
    },
    flops: 2 * pixels * filters * taps * channels,
    padded: padTop > 0 || padLeft > 0 || same,
    // as the kernels document it
    band: bandHeight(lines(120)) * ((outWidth - 1) * stride[1] + field[1]) * channels,
    planes: lines(256) * outWidth * Math.ceil(filters / NR) * NR + Math.max(64, kernel[1]) * bandHeight(lines(256)) * outWidth,
  };
}
