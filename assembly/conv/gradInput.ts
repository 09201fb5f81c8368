import { packB } from "../gemm/pack";
import { ADD, MC, NR, ROW, Row, tiles } from "../gemm/tiles";

/**
 * w[taps,channels,filters] → for each tap of the kernel the panels of its transpose [filters,channels]; the range is over taps.
 * wStride is the floats from one row of w to the next: groups are a call each on their slice of the filters.
 * panels: taps · ceil(channels / 8)·8·filters floats, taps = kernelHeight·kernelWidth.
 */
export function packFiltersGrad(panels: usize, w: usize, channels: i32, filters: i32, wStride: i32, begin: i32, end: i32): void {
  const count = (channels + NR - 1) / NR;
  for (let tap = begin; tap < end; ++tap) {
    packB(panels + ((tap * count * NR * filters) << 2), w + ((tap * channels * wStride) << 2), 1, wStride, filters, channels, 0, count);
  }
}

/**
 * dx[batch,height,width,channels] = Σ over taps of dy[the pixel that the tap led to] · w[tap]ᵀ; the range is over the batch·height rows of dx.
 * panels are those of packFiltersGrad; everything else as in conv2d. scratch: 1 KB for each thread.
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
  begin: i32,
  end: i32,
): void {
  assert(0 <= begin && begin <= end && end <= batch * height, "conv2dGradInput: the range is over the rows of dx");
  const panel = (filters * NR) << 2;
  const tapSize = ((channels + NR - 1) / NR) * panel;
  for (let pixel = begin * width; pixel < end * width; ++pixel) memory.fill(dx + ((pixel * xStride) << 2), 0, channels << 2);
  for (let ky = 0; ky < kernelHeight; ++ky) {
    for (let kx = 0; kx < kernelWidth; ++kx) {
      const b = panels + (ky * kernelWidth + kx) * tapSize;
      let count = 0;
      for (let row = begin; row < end; ++row) {
        const image = row / height;
        const down = (row % height) + padTop - ky * dilationHeight;
        if (down < 0 || down % strideHeight !== 0 || down / strideHeight >= outHeight) continue;
        const oy = down / strideHeight;
        for (let ox = 0; ox < outWidth; ++ox) {
          const ix = ox * strideWidth + kx * dilationWidth - padLeft;
          if (ix < 0 || ix >= width) continue;
          const item = changetype<Row>(scratch + count * ROW);
          item.a = dy + ((((image * outHeight + oy) * outWidth + ox) * yStride) << 2);
          item.c = dx + (((row * width + ix) * xStride) << 2);
          if (++count === MC) {
            tiles(scratch, count, b, NR << 2, panel, 0, channels, 1, filters, 0, ADD);
            count = 0;
          }
        }
      }
      tiles(scratch, count, b, NR << 2, panel, 0, channels, 1, filters, 0, ADD);
    }
  }
}
