import { ADD, NR, product, ROW, Row } from "../../gemm/tiles";
import { filterLineGrad, inputLine, outputLineGrad } from "./lines";
import { copyPatch, GAP, IN, LIST, MIDDLE, OUT, POINTS } from "./winograd";

const VECTOR = 16;

/**
 * dw[3,3,channels,filters] = Σ over the pixels of y of patch(x)ᵀ · dy, by the way back through `winograd`: with V and dM the transformed tiles of
 * x and dy, dw = Gᵀ (Σ over tiles of Vᵀ dM) G. The range is over channels / 4, everything else as in `winograd`.
 * scratch for each thread: 400 floats, then 36·max(channels, filters), then 36·(tiles·(channels + ⌈filters / 8⌉·8) +
 * channels·filters + 48).
 */
export function winogradGradKernel(
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
  padTop: i32,
  padLeft: i32,
  tiles: i32,
  begin: i32,
  end: i32,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  assert(channels % 4 === 0 && filters % 4 === 0, "winogradGradKernel: channels and filters must be multiples of 4");
  assert(0 <= begin && begin <= end && 4 * end <= channels, "winogradGradKernel: the range is over channels / 4");
  const down = (outHeight + OUT - 1) / OUT;
  const across = (outWidth + OUT - 1) / OUT;
  const padded = ((filters + NR - 1) / NR) * NR;
  const middle = scratch + LIST;
  const patch = middle + MIDDLE;
  const v = patch + ((POINTS * max(channels, filters)) << 2);
  const vStep = (tiles * channels + GAP) << 2;
  const mStep = (tiles * padded + GAP) << 2;
  const uStep = (channels * filters + GAP) << 2;
  const dm = v + POINTS * vStep;
  const du = dm + POINTS * mStep;
  for (let p = 0; p < POINTS; ++p) memory.fill(du + p * uStep + ((4 * begin * filters) << 2), 0, (4 * (end - begin) * filters) << 2);
  for (let first = 0; first < batch * down * across; first += tiles) {
    const count = min(tiles, batch * down * across - first);
    for (let i = 0; i < count; ++i) {
      const tile = first + i;
      const image = tile / across / down;
      const line = ((tile / across) % down) * OUT;
      const column = (tile % across) * OUT;
      const from = x + ((image * height * width * channels) << 2);
      planesOfInput(
        v + (i << 2),
        vStep,
        tiles << 2,
        from,
        line - padTop,
        column - padLeft,
        height,
        width,
        channels,
        patch,
        middle,
        begin,
        end,
      );
      const back = dy + ((image * outHeight * outWidth * filters) << 2);
      panelsOfOutput(dm + ((i * NR) << 2), mStep, (tiles * NR) << 2, back, line, column, outHeight, outWidth, filters, patch, middle);
    }
    for (let p = 0; p < POINTS; ++p) {
      let rows = 0;
      for (let c = 4 * begin; c < 4 * end; ++c) {
        const row = changetype<Row>(scratch + rows * ROW);
        row.a = v + p * vStep + ((c * tiles) << 2);
        row.c = du + p * uStep + ((c * filters) << 2);
        if (++rows < LIST / ROW && c + 1 < 4 * end) continue;
        product(scratch, rows, dm + p * mStep, NR << 2, (tiles * NR) << 2, 0, filters, 1, count, 0, ADD);
        rows = 0;
      }
    }
  }
  const tap = (channels * filters) << 2;
  for (let c = 4 * begin; c < 4 * end; ++c) {
    for (let f = 0; f < filters; f += 4) {
      const at = (c * filters + f) << 2;
      for (let j = 0; j < IN; ++j) filterLineGrad(middle + j * VECTOR, IN * VECTOR, du + j * uStep + at, IN * uStep, half, root2);
      for (let i = 0; i < 3; ++i) filterLineGrad(dw + 3 * i * tap + at, tap, middle + i * IN * VECTOR, VECTOR, half, root2);
    }
  }
}

/** v[point][channel][tile] = Bᵀ d B of the channels 4·begin.. of 6x6 pixels of x: planes, so that a row of Vᵀ is a run of tiles. */
function planesOfInput(
  v: usize,
  step: usize,
  plane: usize,
  image: usize,
  top: i32,
  left: i32,
  height: i32,
  width: i32,
  channels: i32,
  patch: usize,
  middle: usize,
  begin: i32,
  end: i32,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  let from = image + (((top * width + left) * channels) << 2);
  let pitch = (width * channels) << 2;
  const pixel = channels << 2;
  if (top < 0 || left < 0 || top + IN > height || left + IN > width) {
    copyPatch(patch, image, top, left, IN, height, width, channels);
    from = patch;
    pitch = IN * pixel;
  }
  for (let c = begin; c < end; ++c) {
    for (let j = 0; j < IN; ++j) inputLine(middle + j * VECTOR, IN * VECTOR, from + j * pixel + c * VECTOR, pitch, half, root2);
    for (let i = 0; i < IN; ++i) {
      const row = middle + i * IN * VECTOR;
      inputLine(row, VECTOR, row, VECTOR, half, root2);
      for (let j = 0; j < IN; ++j) {
        const values = v128.load(row + j * VECTOR);
        const to = v + step * (i * IN + j) + plane * (4 * c);
        v128.store_lane<f32>(to, values, 0);
        v128.store_lane<f32>(to + plane, values, 1);
        v128.store_lane<f32>(to + plane * 2, values, 2);
        v128.store_lane<f32>(to + plane * 3, values, 3);
      }
    }
  }
}

/** dm[point][panel of 8 filters][tile][8] = A dy Aᵀ of 4x4 pixels of dy: panels for `product`. */
function panelsOfOutput(
  dm: usize,
  step: usize,
  panel: usize,
  image: usize,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  patch: usize,
  middle: usize,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  let from = image + (((top * outWidth + left) * filters) << 2);
  let pitch = (outWidth * filters) << 2;
  const pixel = filters << 2;
  if (top + OUT > outHeight || left + OUT > outWidth) {
    copyPatch(patch, image, top, left, OUT, outHeight, outWidth, filters);
    from = patch;
    pitch = OUT * pixel;
  }
  for (let f = 0; f < filters; f += 4) {
    for (let j = 0; j < OUT; ++j) outputLineGrad(middle + j * VECTOR, OUT * VECTOR, from + j * pixel + (f << 2), pitch, half, root2);
    const to = dm + panel * (f / NR) + ((f % NR) << 2);
    for (let i = 0; i < IN; ++i) outputLineGrad(to + step * (i * IN), step, middle + i * OUT * VECTOR, VECTOR, half, root2);
  }
}
