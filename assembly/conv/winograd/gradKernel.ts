import { transpose } from "../../gemm/pack";
import { ADD, NR, product, ROW, Row } from "../../gemm/tiles";
import { filterLineGrad, inputLine, outputLineGrad } from "./lines";
import { GAP, IN, LIST, MIDDLE, OUT, POINTS } from "./winograd";

const VECTOR = 16;

/**
 * dw[3,3,channels,filters] = Σ over the pixels of y of patch(x)ᵀ · dy, by the way back through `winograd`: with V and dM the transformed tiles of
 * x and dy, dw = Gᵀ (Σ over tiles of Vᵀ dM) G. The batch is cut into `slices`, each of which leaves a dw of its own behind the one before: threads that
 * take different slices share all of the work, others transform the same dy. The range is over slices · channels / 4, everything else as in `winograd`.
 * tiles is a multiple of 4. scratch for each thread: 400 floats, then 36·(16 + tiles·(channels + ⌈filters / 8⌉·8) + channels·filters + 48).
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
  slices: i32,
  begin: i32,
  end: i32,
): void {
  assert(channels % 4 === 0 && filters % 4 === 0, "winogradGradKernel: channels and filters must be multiples of 4");
  assert(tiles % 4 === 0, "winogradGradKernel: tiles must be a multiple of 4");
  const parts = channels / 4;
  assert(0 <= begin && begin <= end && end <= slices * parts, "winogradGradKernel: the range is over slices · channels / 4");
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  const down = (outHeight + OUT - 1) / OUT;
  const across = (outWidth + OUT - 1) / OUT;
  const padded = ((filters + NR - 1) / NR) * NR;
  const middle = scratch + LIST;
  const four = middle + MIDDLE;
  const v = four + 4 * POINTS * VECTOR;
  const vStep = (tiles * channels + GAP) << 2;
  const mStep = (tiles * padded + GAP) << 2;
  const uStep = (channels * filters + GAP) << 2;
  const dm = v + POINTS * vStep;
  const du = dm + POINTS * mStep;
  const tap = (channels * filters) << 2;
  for (let slice = begin / parts; slice * parts < end; ++slice) {
    const left = max(0, begin - slice * parts);
    const right = min(parts, end - slice * parts);
    const to = dw + slice * 9 * tap;
    for (let p = 0; p < POINTS; ++p) memory.fill(du + p * uStep + ((4 * left * filters) << 2), 0, (4 * (right - left) * filters) << 2);
    const last = ((batch * (slice + 1)) / slices) * down * across;
    for (let first = ((batch * slice) / slices) * down * across; first < last; first += tiles) {
      const count = min(tiles, last - first);
      const image = first / across / down;
      const line = ((first / across) % down) * OUT;
      const column = (first % across) * OUT;
      const from = x + ((image * height * width * channels) << 2);
      planesOfInput(
        v,
        vStep,
        tiles << 2,
        from,
        line,
        column,
        padTop,
        padLeft,
        height,
        width,
        channels,
        outHeight,
        outWidth,
        count,
        middle,
        four,
        left,
        right,
      );
      const back = dy + ((image * outHeight * outWidth * filters) << 2);
      panelsOfOutput(dm, mStep, (tiles * NR) << 2, back, line, column, outHeight, outWidth, filters, count, middle);
      for (let p = 0; p < POINTS; ++p) {
        let rows = 0;
        for (let c = 4 * left; c < 4 * right; ++c) {
          const row = changetype<Row>(scratch + rows * ROW);
          row.a = v + p * vStep + ((c * tiles) << 2);
          row.c = du + p * uStep + ((c * filters) << 2);
          if (++rows < LIST / ROW && c + 1 < 4 * right) continue;
          product(scratch, rows, dm + p * mStep, NR << 2, (tiles * NR) << 2, 0, filters, 1, count, 0, ADD);
          rows = 0;
        }
      }
    }
    for (let c = 4 * left; c < 4 * right; ++c) {
      for (let f = 0; f < filters; f += 4) {
        const at = (c * filters + f) << 2;
        for (let j = 0; j < IN; ++j) filterLineGrad(middle + j * VECTOR, IN * VECTOR, du + j * uStep + at, IN * uStep, half, root2);
        for (let i = 0; i < 3; ++i) filterLineGrad(to + 3 * i * tap + at, tap, middle + i * IN * VECTOR, VECTOR, half, root2);
      }
    }
  }
}

/**
 * v[point][channel][tile] = Bᵀ d B of the channels 4·begin.. of 6x6 pixels of x: planes, so that a row of Vᵀ is a run of tiles. The first of `count`
 * tiles makes y from (line, column) on. The same four channels of all tiles come first, so that the lines that they fill stay in the
 * cache, and four tiles are transposed together.
 */
function planesOfInput(
  v: usize,
  step: usize,
  plane: usize,
  image: usize,
  line: i32,
  column: i32,
  padTop: i32,
  padLeft: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  count: i32,
  middle: usize,
  four: usize,
  begin: i32,
  end: i32,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  const pixel = channels << 2;
  for (let c = begin; c < end; ++c) {
    let to = v + plane * (4 * c);
    let first = image + c * VECTOR;
    let oy = line;
    let ox = column;
    for (let tile = 0; tile < count; ++tile) {
      const top = oy - padTop;
      const left = ox - padLeft;
      let from = first + (top * width + left) * pixel;
      let pitch = width * pixel;
      let next = pixel;
      if (top < 0 || left < 0 || top + IN > height || left + IN > width) {
        copyVectors(middle, first, top, left, IN, height, width, pixel);
        from = middle;
        pitch = IN * VECTOR;
        next = VECTOR;
      }
      const own = four + (tile & 3) * (POINTS * VECTOR);
      for (let j = 0; j < IN; ++j) inputLine(middle + j * VECTOR, IN * VECTOR, from + j * next, pitch, half, root2);
      for (let i = 0; i < IN; ++i) inputLine(own + i * IN * VECTOR, VECTOR, middle + i * IN * VECTOR, VECTOR, half, root2);
      if ((tile & 3) === 3 || tile === count - 1) {
        for (let point = 0; point < POINTS; ++point) transpose(to + step * point, <i32>plane >> 2, four + point * VECTOR, POINTS * 4, 4, 4);
        to += VECTOR;
      }
      if ((ox += OUT) < outWidth) continue;
      ox = 0;
      if ((oy += OUT) < outHeight) continue;
      oy = 0;
      first += height * width * pixel;
    }
  }
}

/** dm[point][panel of 8 filters][tile][8] = A dy Aᵀ of 4x4 pixels of dy: panels for `product`. Tiles and their order as in planesOfInput. */
function panelsOfOutput(
  dm: usize,
  step: usize,
  panel: usize,
  image: usize,
  line: i32,
  column: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  count: i32,
  middle: usize,
): void {
  const half = f32x4.splat(0.5);
  const root2 = f32x4.splat(Mathf.SQRT2);
  const pixel = filters << 2;
  for (let f = 0; f < filters; f += 4) {
    let to = dm + panel * (f / NR) + ((f % NR) << 2);
    let first = image + (f << 2);
    let oy = line;
    let ox = column;
    for (let tile = 0; tile < count; ++tile, to += NR << 2) {
      let from = first + (oy * outWidth + ox) * pixel;
      let pitch = outWidth * pixel;
      let next = pixel;
      if (oy + OUT > outHeight || ox + OUT > outWidth) {
        copyVectors(middle, first, oy, ox, OUT, outHeight, outWidth, pixel);
        from = middle;
        pitch = OUT * VECTOR;
        next = VECTOR;
      }
      for (let j = 0; j < OUT; ++j) outputLineGrad(middle + j * VECTOR, OUT * VECTOR, from + j * next, pitch, half, root2);
      for (let i = 0; i < IN; ++i) outputLineGrad(to + step * (i * IN), step, middle + i * OUT * VECTOR, VECTOR, half, root2);
      if ((ox += OUT) < outWidth) continue;
      ox = 0;
      if ((oy += OUT) < outHeight) continue;
      oy = 0;
      first += outHeight * outWidth * pixel;
    }
  }
}

/** to[size,size] = the vectors from (top, left) on, a `pixel` apart, with zeros where there are none. */
function copyVectors(to: usize, image: usize, top: i32, left: i32, size: i32, height: i32, width: i32, pixel: i32): void {
  for (let y = top; y < top + size; ++y) {
    for (let x = left; x < left + size; ++x, to += VECTOR) {
      const isInside = <u32>y < <u32>height && <u32>x < <u32>width;
      v128.store(to, isInside ? v128.load(image + (y * width + x) * pixel) : f32x4.splat(0));
    }
  }
}
