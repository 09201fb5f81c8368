import { MC, NR, product, ROW, Row } from "../../gemm/tiles";
import { filterLine, inputLine, outputLine } from "./lines";

// Winograd's minimal filtering for 3x3 filters with stride 1: y is cut into tiles of 4x4 pixels, each of which sees 6x6 of x. Where the direct sum
// takes 144 multiplications for each channel and filter of a tile, this takes 36: an element-wise product of transformed tiles, which over
// channels and filters is 36 products of matrices. The transforms cost memory traffic, which the products must outweigh: from about 8
// channels and filters on.

/** Pixels of y and of x on a side of a tile, and the products that it takes. */
export const OUT = 4;
export const IN = 6;
export const POINTS = IN * IN;
const VECTOR = 16;
/** Room for a list of rows, and for a tile of vectors half transformed. */
export const LIST = MC * ROW;
export const MIDDLE = POINTS * VECTOR;
/** Floats behind each point's tiles, so that 36 points do not fall into the same lines of the cache. */
export const GAP = 16;

/**
 * w[3,3,channels,filters] → for each of 36 points (G w Gᵀ)[channels,filters] in panels as packB makes them; the range is over channels / 4.
 * With `turn` the filters are turned by half a circle and transposed to [filters,channels], as the gradient of x needs them. channels and
 * filters are multiples of 4. panels: 36·⌈n / 8⌉·8·k floats, of which the columns behind n are not written and may hold anything.
 * scratch: 96 floats for each thread.
 */
export function winogradFilters(
  panels: usize,
  w: usize,
  scratch: usize,
  channels: i32,
  filters: i32,
  turn: i32,
  begin: i32,
  end: i32,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  assert(channels % 4 === 0 && filters % 4 === 0, "winogradFilters: channels and filters must be multiples of 4");
  const tap = (channels * filters) << 2;
  const n = turn ? channels : filters;
  const k = turn ? filters : channels;
  const point = (((n + NR - 1) / NR) * NR * k) << 2;
  const ahead = turn ? -tap : tap;
  const first = turn ? 8 * tap : 0;
  for (let c = 4 * begin; c < 4 * end; ++c) {
    for (let f = 0; f < filters; f += 4) {
      const from = w + first + ((c * filters + f) << 2);
      // columns of the filter: 3x3 → 6x3
      for (let j = 0; j < 3; ++j) filterLine(scratch + j * VECTOR, 3 * VECTOR, from + j * ahead, 3 * ahead, half, root2);
      for (let i = 0; i < IN; ++i) {
        const line = scratch + 3 * IN * VECTOR;
        filterLine(line, VECTOR, scratch + i * 3 * VECTOR, VECTOR, half, root2);
        for (let j = 0; j < IN; ++j) {
          const u = v128.load(line + j * VECTOR);
          const to = panels + (i * IN + j) * point;
          if (turn) {
            const at = to + (((c / NR) * NR * k + f * NR + (c % NR)) << 2);
            v128.store_lane<f32>(at, u, 0);
            v128.store_lane<f32>(at, u, 1, 4 * NR);
            v128.store_lane<f32>(at, u, 2, 8 * NR);
            v128.store_lane<f32>(at, u, 3, 12 * NR);
          } else {
            v128.store(to + (((f / NR) * NR * k + c * NR + (f % NR)) << 2), u);
          }
        }
      }
    }
  }
}

/**
 * y[batch,outHeight,outWidth,filters] = act(x[batch,height,width,channels] ⋆ w[3,3,channels,filters] + bias) for as much of y as
 * down x across tiles of 4x4 pixels cover; the range is over the batch·down lines of tiles. panels are those of winogradFilters; bias may be 0; activation is 0 (linear) or 1 (relu).
 * `tiles` (up to 120) are transformed together. channels and filters are multiples of 4.
 * scratch for each thread: 400 floats, then 36·max(channels, filters), then 36·(tiles·(channels + filters) + 32).
 */
export function winograd(
  y: usize,
  x: usize,
  panels: usize,
  bias: usize,
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
  down: i32,
  across: i32,
  tiles: i32,
  activation: i32,
  begin: i32,
  end: i32,
): void {
  assert(channels % 4 === 0 && filters % 4 === 0, "winograd: channels and filters must be multiples of 4");
  assert(0 <= begin && begin <= end && end <= batch * down, "winograd: the range is over the lines of tiles");
  const middle = scratch + LIST;
  const patch = middle + MIDDLE;
  const v = patch + ((POINTS * max(channels, filters)) << 2);
  const vStep = (tiles * channels + GAP) << 2;
  const mStep = (tiles * filters + GAP) << 2;
  const m = v + POINTS * vStep;
  const point = (((filters + NR - 1) / NR) * NR * channels) << 2;
  for (let first = begin * across; first < end * across; first += tiles) {
    const count = min(tiles, end * across - first);
    for (let i = 0; i < count; ++i) {
      const tile = first + i;
      const image = x + (((tile / across / down) * height * width * channels) << 2);
      const top = ((tile / across) % down) * OUT - padTop;
      const left = (tile % across) * OUT - padLeft;
      transformInput(v + ((i * channels) << 2), vStep, image, top, left, height, width, channels, patch, middle);
    }
    for (let p = 0; p < POINTS; ++p) {
      for (let i = 0; i < count; ++i) {
        const row = changetype<Row>(scratch + i * ROW);
        row.a = v + p * vStep + ((i * channels) << 2);
        row.c = m + p * mStep + ((i * filters) << 2);
      }
      product(scratch, count, panels + p * point, NR << 2, (channels * NR) << 2, 0, filters, 1, channels, 0, 0);
    }
    for (let i = 0; i < count; ++i) {
      const tile = first + i;
      const line = ((tile / across) % down) * OUT;
      const column = (tile % across) * OUT;
      const to = y + (((((tile / across / down) * outHeight + line) * outWidth + column) * filters) << 2);
      const from = m + ((i * filters) << 2);
      const rows = min(OUT, outHeight - line);
      transformOutput(to, outWidth, rows, min(OUT, outWidth - column), from, mStep, filters, bias, activation, middle);
    }
  }
}

/** v[point][channels] = Bᵀ d B of the 6x6 pixels of an image from (top, left) on, zeros where there is none; points are `step` bytes apart. */
function transformInput(
  v: usize,
  step: usize,
  image: usize,
  top: i32,
  left: i32,
  height: i32,
  width: i32,
  channels: i32,
  patch: usize,
  middle: usize,
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
  for (let c = 0; c < pixel; c += VECTOR) {
    for (let j = 0; j < IN; ++j) inputLine(middle + j * VECTOR, IN * VECTOR, from + j * pixel + c, pitch, half, root2);
    for (let i = 0; i < IN; ++i) inputLine(v + step * (i * IN) + c, step, middle + i * IN * VECTOR, VECTOR, half, root2);
  }
}

/** The size x size pixels from (top, left) on, with zeros where there are none. */
function copyPatch(patch: usize, image: usize, top: i32, left: i32, size: i32, height: i32, width: i32, channels: i32): void {
  const pixel = channels << 2;
  const before = min(size, max(0, -left));
  const behind = max(before, min(size, width - left));
  memory.fill(patch, 0, size * size * pixel);
  const end = min(height, top + size);
  for (let iy = max(0, top); iy < end; ++iy) {
    const to = patch + ((iy - top) * size + before) * pixel;
    memory.copy(to, image + (iy * width + left + before) * pixel, (behind - before) * pixel);
  }
}

/** rows x columns pixels of y = act(Aᵀ m A + bias) from m[point][filters]; points are `step` bytes apart. */
function transformOutput(
  y: usize,
  outWidth: i32,
  rows: i32,
  columns: i32,
  m: usize,
  step: usize,
  filters: i32,
  bias: usize,
  activation: i32,
  middle: usize,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  const floor = f32x4.splat(activation ? 0 : -Infinity);
  const pixel = filters << 2;
  const line = middle + IN * OUT * VECTOR;
  for (let f = 0; f < pixel; f += VECTOR) {
    const addend = bias ? v128.load(bias + f) : f32x4.splat(0);
    for (let j = 0; j < IN; ++j) outputLine(middle + j * VECTOR, IN * VECTOR, m + step * j + f, step * IN, half, root2);
    for (let i = 0; i < rows; ++i) {
      outputLine(line, VECTOR, middle + i * IN * VECTOR, VECTOR, half, root2);
      const to = y + i * outWidth * pixel + f;
      for (let j = 0; j < columns; ++j) v128.store(to + j * pixel, f32x4.pmax(f32x4.add(v128.load(line + j * VECTOR), addend), floor));
    }
  }
}
