// Updates of a weight array in one pass, elements [begin, end). `rate` is the address of one float32, `rates` of several: they change from
// step to step, while the recorded call does not. Moving averages below 2^-100 become 0: where gradients have died away, they would decay
// into subnormal numbers, with which processors compute up to a hundred times slower, and no weight would feel the difference.
import { aligned, flush, madd, wholeVectors } from "../simd";

/** w -= rate · dw */
export function sgd(w: usize, dw: usize, rate: usize, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(dw), "w and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(w + i, madd(v128.load(dw + i), down, v128.load(w + i)));
}

/** velocity = momentum · velocity - rate · dw;  w += velocity */
export function sgdMomentum(w: usize, velocity: usize, dw: usize, rate: usize, momentum: f32, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(velocity) && aligned(dw), "w, velocity and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const mu = f32x4.splat(momentum);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const v = flush(madd(v128.load(velocity + i), mu, f32x4.mul(v128.load(dw + i), down)));
    v128.store(velocity + i, v);
    v128.store(w + i, f32x4.add(v128.load(w + i), v));
  }
}

/** velocity = momentum · velocity - rate · dw;  w += momentum · velocity - rate · dw */
export function sgdNesterov(w: usize, velocity: usize, dw: usize, rate: usize, momentum: f32, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(velocity) && aligned(dw), "w, velocity and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const mu = f32x4.splat(momentum);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const step = f32x4.mul(v128.load(dw + i), down);
    const v = flush(madd(v128.load(velocity + i), mu, step));
    v128.store(velocity + i, v);
    v128.store(w + i, f32x4.add(v128.load(w + i), madd(v, mu, step)));
  }
}
