// Updates of a weight array in one pass, elements [begin, end). `rate` is the address of one float32: it changes from step to step,
// while the recorded call does not. Moving averages below 2^-100 become 0: where gradients have died away, they would decay into
// subnormal numbers, with which processors compute up to a hundred times slower, and no weight would feel the difference.
import { aligned, flush, madd, wholeVectors } from "./simd";

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

/**
 * m += (1 - beta1) · (dw - m);  v += (1 - beta2) · (dw² - v);  w -= rate · m / (√v + epsilon)
 * `rate` holds the learning rate with the bias correction of this step in it: rate · √(1 - beta2^t) / (1 - beta1^t).
 */
export function adam(
  w: usize,
  m: usize,
  v: usize,
  dw: usize,
  rate: usize,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(m) && aligned(v) && aligned(dw), "w, m, v and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const share1 = f32x4.splat(<f32>(1 - beta1));
  const share2 = f32x4.splat(<f32>(1 - beta2));
  const tiny = f32x4.splat(epsilon);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const m0 = v128.load(m + i);
    const v0 = v128.load(v + i);
    const m1 = flush(madd(f32x4.sub(g, m0), share1, m0));
    const v1 = flush(madd(f32x4.sub(f32x4.mul(g, g), v0), share2, v0));
    v128.store(m + i, m1);
    v128.store(v + i, v1);
    const step = f32x4.div(f32x4.mul(m1, down), f32x4.add(f32x4.sqrt(v1), tiny));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
  }
}
