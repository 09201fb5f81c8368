import { packB, transpose } from "../gemm/pack";
import { ADD, KC, MC, NR, product, ROW, Row } from "../gemm/tiles";
import { countBelow, firstInside } from "./band";

/** Planes that are laid out at a time, or those of one channel when they are more. */
const PLANES = 64;
/** Rows of dw from which it pays to pack dy. */
const PACK = 32;

/**
 * dw[kernelHeight,kernelWidth,channels,filters] = Σ over the pixels of y of patch(x)ᵀ · dy; the range is over the
 * kernelHeight·kernelWidth·channels rows of dw, which are wStride floats apart. Everything else as in conv2d.
 *
 * A row of patchesᵀ is the same place of every patch. A band of x is laid out as one plane for each channel and column of the kernel, with the pixels
 * that it meets: then each line of y makes a run of outWidth floats in such a row, and with strideHeight 1 the lines follow each other.
 *
 * scratch for each thread: 240 floats, then rows·outWidth·⌈filters / 8⌉·8 floats for dy and max(64, kernelWidth)·bandHeight·outWidth floats for x,
 * where rows = max(1, ⌊256 / outWidth⌋) and bandHeight = (rows - 1)·strideHeight + (kernelHeight - 1)·dilationHeight + 1.
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
  const linesAtOnce = max(1, KC / outWidth);
  const panelCount = (filters + NR - 1) / NR;
  const fieldHeight = (kernelHeight - 1) * dilationHeight + 1;
  const most = max(1, PLANES / kernelWidth);
  const list = scratch;
  const panels = scratch + MC * ROW;
  const planes = panels + ((linesAtOnce * outWidth * panelCount * NR) << 2);
  const pack = filters % NR !== 0 || end - begin >= PACK;
  for (let image = 0; image < batch; ++image) {
    for (let top = 0; top < outHeight; top += linesAtOnce) {
      const lines = min(linesAtOnce, outHeight - top);
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
      const segments = strideHeight === 1 ? 1 : lines;
      const length = k / segments;
      const step = (strideHeight * outWidth) << 2;
      const bandHeight = (lines - 1) * strideHeight + fieldHeight;
      const plane = bandHeight * outWidth;
      for (let first = 0; first < channels; first += most) {
        const some = min(most, channels - first);
        for (let kx = 0; kx < kernelWidth; ++kx) {
          const from = x + ((image * height * width * xStride + first) << 2);
          const to = planes + ((kx * plane) << 2);
          const left = kx * dilationWidth - padLeft;
          copyPlanes(
            to,
            kernelWidth * plane,
            from,
            top * strideHeight - padTop,
            left,
            bandHeight,
            outWidth,
            strideWidth,
            height,
            width,
            some,
            xStride,
          );
        }
        let count = 0;
        for (let tap = 0; tap < kernelHeight * kernelWidth; ++tap) {
          const at = (tap % kernelWidth) * plane + (tap / kernelWidth) * dilationHeight * outWidth;
          for (let channel = 0; channel < some; ++channel) {
            const index = tap * channels + first + channel;
            if (index < begin || index >= end) continue;
            const row = changetype<Row>(list + count * ROW);
            row.a = planes + ((channel * kernelWidth * plane + at) << 2);
            row.c = dw + ((index * wStride) << 2);
            if (++count < MC) continue;
            product(list, count, b, bRow, bPanel, 0, filters, segments, length, step, ADD);
            count = 0;
          }
        }
        product(list, count, b, bRow, bPanel, 0, filters, segments, length, step, ADD);
      }
    }
  }
}

/**
 * planes[channel][line][i] of lines top.. and columns left + i·strideWidth of one image, zeros where there is no pixel; `step` floats lie between the
 * planes of two channels.
 */
function copyPlanes(
  planes: usize,
  step: i32,
  image: usize,
  top: i32,
  left: i32,
  lines: i32,
  columns: i32,
  strideWidth: i32,
  height: i32,
  width: i32,
  channels: i32,
  xStride: i32,
): void {
  const first = firstInside(left, strideWidth);
  const count = countBelow(left, strideWidth, columns, width) - first;
  if (top < 0 || top + lines > height || count < columns) {
    for (let c = 0; c < channels; ++c) memory.fill(planes + ((c * step) << 2), 0, (lines * columns) << 2);
  }
  const pixel = strideWidth * xStride;
  let to = planes + ((max(0, -top) * columns + first) << 2);
  let from = image + (((max(0, top) * width + left + first * strideWidth) * xStride) << 2);
  const last = (count - 4) << 2;
  for (let iy = max(0, top); iy < min(height, top + lines); ++iy) {
    if (pixel === 1 && last >= 0) {
      for (let i = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
      v128.store(to + last, v128.load(from + last));
    } else {
      transpose(to, step, from, pixel, count, channels);
    }
    to += columns << 2;
    from += (width * xStride) << 2;
  }
}
