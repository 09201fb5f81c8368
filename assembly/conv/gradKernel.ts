import { packB } from "../gemm/pack";
import { ADD, KC, MC, NR, ROW, Row, tiles } from "../gemm/tiles";

/** Channels that are laid out as planes at a time. */
const PLANES = 64;

/**
 * dw[kernelHeight,kernelWidth,channels,filters] = Σ over the pixels of y of patch(x)ᵀ · dy; the range is over the
 * kernelHeight·kernelWidth·channels rows of dw, which are wStride floats apart. Everything else as in conv2d.
 *
 * A band of x is laid out as one plane for each channel, its columns sorted by their remainder by strideWidth: then a row of
 * patchesᵀ, the same place of every patch, is a run of outWidth floats for each line of y, and is read in place.
 *
 * scratch for each thread: 1 KB, then rows·outWidth·⌈filters / 8⌉·8 floats for dy and 64·bandHeight·bandWidth floats for x, where
 * rows = max(1, ⌊256 / outWidth⌋), bandHeight = (rows - 1)·strideHeight + (kernelHeight - 1)·dilationHeight + 1 and
 * bandWidth = strideWidth·(outWidth + ⌈(kernelWidth - 1)·dilationWidth / strideWidth⌉).
 */
export function conv2dGradKernel(
  dw: usize,
  x: usize,
  dy: usize,
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
  wStride: i32,
  begin: i32,
  end: i32,
): void {
  assert(0 <= begin && begin <= end && end <= kernelHeight * kernelWidth * channels, "conv2dGradKernel: the range is over the rows of dw");
  for (let row = begin; row < end; ++row) memory.fill(dw + ((row * wStride) << 2), 0, filters << 2);
  const most = max(1, KC / outWidth);
  const panelCount = (filters + NR - 1) / NR;
  const reach = (kernelWidth - 1) * dilationWidth;
  const phase = outWidth + (reach + strideWidth - 1) / strideWidth;
  const panels = scratch + MC * ROW;
  const planes = panels + ((most * outWidth * panelCount * NR) << 2);
  for (let image = 0; image < batch; ++image) {
    for (let top = 0; top < outHeight; top += most) {
      const rows = min(most, outHeight - top);
      const k = rows * outWidth;
      packB(panels, dy + (((image * outHeight + top) * outWidth * yStride) << 2), yStride, 1, k, filters, 0, panelCount);
      const bandHeight = (rows - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1;
      const plane = bandHeight * strideWidth * phase;
      for (let first = 0; first < channels; first += PLANES) {
        const some = min(PLANES, channels - first);
        copyPlanes(
          planes,
          x + ((image * height * width * xStride + first) << 2),
          top * strideHeight - padTop,
          -padLeft,
          bandHeight,
          strideWidth,
          phase,
          height,
          width,
          some,
          xStride,
        );
        let count = 0;
        for (let tap = 0; tap < kernelHeight * kernelWidth; ++tap) {
          const ky = tap / kernelWidth;
          const kx = tap % kernelWidth;
          const column = kx * dilationWidth;
          const at = (ky * dilationHeight * strideWidth + (column % strideWidth)) * phase + column / strideWidth;
          for (let channel = 0; channel < some; ++channel) {
            const row = tap * channels + first + channel;
            if (row < begin || row >= end) continue;
            const item = changetype<Row>(scratch + count * ROW);
            item.a = planes + ((channel * plane + at) << 2);
            item.c = dw + ((row * wStride) << 2);
            if (++count === MC) {
              tiles(
                scratch,
                count,
                panels,
                NR << 2,
                (k * NR) << 2,
                0,
                filters,
                rows,
                outWidth,
                (strideHeight * strideWidth * phase) << 2,
                ADD,
              );
              count = 0;
            }
          }
        }
        tiles(scratch, count, panels, NR << 2, (k * NR) << 2, 0, filters, rows, outWidth, (strideHeight * strideWidth * phase) << 2, ADD);
      }
    }
  }
}

/** planes[channel][line][column % strideWidth][column / strideWidth] of lines top.. and columns left.. of one image, zeros where there is no pixel */
function copyPlanes(
  planes: usize,
  image: usize,
  top: i32,
  left: i32,
  bandHeight: i32,
  strideWidth: i32,
  phase: i32,
  height: i32,
  width: i32,
  channels: i32,
  xStride: i32,
): void {
  for (let channel = 0; channel < channels; ++channel) {
    for (let i = 0; i < bandHeight; ++i) {
      const iy = top + i;
      for (let j = 0; j < strideWidth * phase; ++j) {
        const ix = left + j;
        const inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
        const to = ((channel * bandHeight + i) * strideWidth + (j % strideWidth)) * phase + j / strideWidth;
        store<f32>(planes + (to << 2), inside ? load<f32>(image + (((iy * width + ix) * xStride + channel) << 2)) : 0);
      }
    }
  }
}
