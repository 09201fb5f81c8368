import { packB, transpose } from "../gemm/pack";
import { ADD, KC, MC, NR, product, ROW, Row } from "../gemm/tiles";

/** Channels that are laid out as planes at a time. */
const PLANES = 64;
/** Rows of dw from which it pays to pack dy. */
const PACK = 32;

/**
 * dw[kernelHeight,kernelWidth,channels,filters] = Σ over the pixels of y of patch(x)ᵀ · dy; the range is over the
 * kernelHeight·kernelWidth·channels rows of dw, which are wStride floats apart. Everything else as in conv2d.
 *
 * A row of patchesᵀ is the same place of every patch. A band of x is laid out as one plane for each channel, its columns sorted by their
 * remainder by strideWidth: then each line of y makes a run of outWidth floats in such a row, which is read in place.
 *
 * scratch for each thread: 256 floats, then rows·outWidth·⌈filters / 8⌉·8 floats for dy and 64·bandHeight·bandWidth floats for x, where
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
  const fieldHeight = (kernelHeight - 1) * dilationHeight + 1;
  const phase = outWidth + ((kernelWidth - 1) * dilationWidth + strideWidth - 1) / strideWidth;
  const list = scratch;
  const panels = scratch + MC * ROW;
  const planes = panels + ((most * outWidth * panelCount * NR) << 2);
  const pack = filters % NR !== 0 || end - begin >= PACK;
  for (let image = 0; image < batch; ++image) {
    for (let top = 0; top < outHeight; top += most) {
      const lines = min(most, outHeight - top);
      const k = lines * outWidth;
      let b = dy + (((image * outHeight + top) * outWidth * yStride) << 2);
      let bRow = yStride << 2;
      let bPanel = NR << 2;
      if (pack) {
        packB(panels, b, yStride, 1, k, filters, 0, panelCount);
        b = panels;
        bRow = NR << 2;
        bPanel = k * bRow;
      }
      const bandHeight = (lines - 1) * strideHeight + fieldHeight;
      const plane = bandHeight * strideWidth * phase;
      for (let first = 0; first < channels; first += PLANES) {
        const some = min(PLANES, channels - first);
        const from = x + ((image * height * width * xStride + first) << 2);
        copyPlanes(planes, from, top * strideHeight - padTop, -padLeft, bandHeight, strideWidth, phase, height, width, some, xStride);
        let count = 0;
        for (let tap = 0; tap < kernelHeight * kernelWidth; ++tap) {
          const column = (tap % kernelWidth) * dilationWidth;
          const at = ((tap / kernelWidth) * dilationHeight * strideWidth + (column % strideWidth)) * phase + column / strideWidth;
          for (let channel = 0; channel < some; ++channel) {
            const index = tap * channels + first + channel;
            if (index < begin || index >= end) continue;
            const row = changetype<Row>(list + count * ROW);
            row.a = planes + ((channel * plane + at) << 2);
            row.c = dw + ((index * wStride) << 2);
            if (++count < MC) continue;
            product(list, count, b, bRow, bPanel, 0, filters, lines, outWidth, (strideHeight * strideWidth * phase) << 2, ADD);
            count = 0;
          }
        }
        product(list, count, b, bRow, bPanel, 0, filters, lines, outWidth, (strideHeight * strideWidth * phase) << 2, ADD);
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
  const plane = bandHeight * strideWidth * phase;
  if (top < 0 || left < 0 || top + bandHeight > height || left + strideWidth * phase > width)
    memory.fill(planes, 0, (channels * plane) << 2);
  for (let iy = max(0, top); iy < min(height, top + bandHeight); ++iy) {
    for (let remainder = 0; remainder < strideWidth; ++remainder) {
      // columns left + remainder + i·strideWidth that are inside
      const start = left + remainder;
      const first = max(0, strideWidth - 1 - start) / strideWidth;
      const last = min(phase, max(0, width - start + strideWidth - 1) / strideWidth);
      const to = planes + ((((iy - top) * strideWidth + remainder) * phase + first) << 2);
      const from = image + (((iy * width + start + first * strideWidth) * xStride) << 2);
      transpose(to, plane, from, strideWidth * xStride, last - first, channels);
    }
  }
}
