// Images made larger.
import { addRows, rowFill, rowSum } from "./row";

/** y[r,t,:] = x[r,:] for t < times, rows r of n in [begin, end) */
export function repeat(y: usize, x: usize, n: i32, times: i32, begin: i32, end: i32): void {
  const bytes = n << 2;
  let to = y + begin * times * bytes;
  for (let row = begin; row < end; row++) {
    const from = x + row * bytes;
    if (n === 1) {
      rowFill(to, load<f32>(from), times);
      to += times << 2;
    } else {
      for (let t = 0; t < times; t++, to += bytes) memory.copy(to, from, bytes);
    }
  }
}

/** dx[r,:] = Σ over t < times of dy[r,t,:], rows r of n in [begin, end) */
export function repeatGrad(dx: usize, dy: usize, n: i32, times: i32, begin: i32, end: i32): void {
  const bytes = n << 2;
  for (let row = begin; row < end; row++) {
    const to = dx + row * bytes;
    const from = dy + row * times * bytes;
    if (n === 1) store<f32>(to, rowSum(from, times));
    else addRows(to, from, n, 1, times, 0, bytes, f32x4.splat(1), false);
  }
}

/** The weight of a pixel at a distance: Keys's cubic with a = -1/2, or a tent. */
function weight(distance: f32, cubic: i32): f32 {
  const d = abs(distance);
  if (!cubic) return max<f32>(0, 1 - d);
  if (d >= 2) return 0;
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((2.5 - 0.5 * d) * d - 4) * d + 2;
}

/** For each new pixel o of each row the pixels i that it is made of: to[o] += w · from[i], or with isGrad to[i] += w · from[o] */
function spread(to: usize, from: usize, n: i32, length: i32, size: i32, cubic: i32, isGrad: bool, begin: i32, end: i32): void {
  const out = length * size;
  const bytes = n << 2;
  for (let row = begin; row < end; row++) {
    const small = row * length;
    const large = row * out;
    memory.fill(to + (isGrad ? small : large) * bytes, 0, (isGrad ? length : out) * bytes);
    for (let o = 0; o < out; o++) {
      // o's centre lies at (2o + 1 - size) / 2size, in [i - 1, i)
      const steps = 2 * o + 1 - size;
      const i = (steps + 2 * size) / (2 * size);
      const place = <f32>steps / <f32>(size + size);
      const first = max(0, i - (cubic ? 2 : 1));
      const last = min(length, i + (cubic ? 2 : 1));
      let sum: f32 = 0;
      for (let k = first; k < last; k++) sum += weight(place - <f32>k, cubic);
      for (let k = first; k < last; k++) {
        const w = f32x4.splat(weight(place - <f32>k, cubic) / sum);
        const a = to + (isGrad ? small + k : large + o) * bytes;
        const b = from + (isGrad ? large + o : small + k) * bytes;
        addRows(a, b, n, 1, 1, 0, 0, w, true);
      }
    }
  }
}

/**
 * y[r,o,:] = Σ over i of weight(o, i) · x[r,i,:] for length·size new pixels o, whose centres lie between the old ones'; pixels of n, rows r in
 * [begin, end). Weights are those of a line between two pixels, or with cubic = 1 of Keys's cubic over four; at the ends, those that are there
 * are scaled to make 1.
 */
export function interpolate(y: usize, x: usize, n: i32, length: i32, size: i32, cubic: i32, begin: i32, end: i32): void {
  spread(y, x, n, length, size, cubic, false, begin, end);
}

/** dx[r,i,:] = Σ over o of weight(o, i) · dy[r,o,:] */
export function interpolateGrad(dx: usize, dy: usize, n: i32, length: i32, size: i32, cubic: i32, begin: i32, end: i32): void {
  spread(dx, dy, n, length, size, cubic, true, begin, end);
}
