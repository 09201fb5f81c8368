// Adam and its kin: laws as in sgd.ts.
import { aligned, flush, madd, wholeVectors } from "../simd";

/** average + share · (x - average), and 0 where that is tiny */
function moved(average: v128, x: v128, share: v128): v128 {
  return flush(madd(f32x4.sub(x, average), share, average));
}

/**
 * m += (1 - beta1) · (dw - m);  v += (1 - beta2) · (dw² - v);  w -= rate · m / (√v + epsilon)
 * `rate` holds the learning rate with the bias correction of this step in it: rate · √(1 - beta2^t) / (1 - beta1^t).
 * With `most` (AMSGrad), most = max(most, v) takes the place of v in the last formula; 0 stands for none.
 */
export function adam(
  w: usize,
  m: usize,
  v: usize,
  most: usize,
  dw: usize,
  rate: usize,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(m) && aligned(v) && aligned(most) && aligned(dw), "w, m, v, most and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const share1 = f32x4.splat(<f32>(1 - beta1));
  const share2 = f32x4.splat(<f32>(1 - beta2));
  const tiny = f32x4.splat(epsilon);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const m1 = moved(v128.load(m + i), g, share1);
    const v1 = moved(v128.load(v + i), f32x4.mul(g, g), share2);
    v128.store(m + i, m1);
    v128.store(v + i, v1);
    let scale = v1;
    if (most) {
      scale = f32x4.pmax(v1, v128.load(most + i));
      v128.store(most + i, scale);
    }
    const step = f32x4.div(f32x4.mul(m1, down), f32x4.add(f32x4.sqrt(scale), tiny));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
  }
}

/** m += (1 - beta1) · (dw - m);  u = max(beta2 · u, |dw|);  w -= rate · m / (u + epsilon), where rate has 1 / (1 - beta1^t) in it */
export function adamax(
  w: usize,
  m: usize,
  u: usize,
  dw: usize,
  rate: usize,
  beta1: f64,
  beta2: f32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(m) && aligned(u) && aligned(dw), "w, m, u and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const share = f32x4.splat(<f32>(1 - beta1));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const m1 = moved(v128.load(m + i), g, share);
    const u1 = flush(f32x4.pmax(f32x4.abs(g), f32x4.mul(v128.load(u + i), f32x4.splat(beta2))));
    v128.store(m + i, m1);
    v128.store(u + i, u1);
    const step = f32x4.div(f32x4.mul(m1, down), f32x4.add(u1, f32x4.splat(epsilon)));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
  }
}

/**
 * m += (1 - beta1) · (dw - m);  v += (1 - beta2) · (dw² - v);  w -= (rates[0] · m + rates[1] · dw) / (√(rates[2] · v) + epsilon)
 * The rates of step t: rate · u[t+1] / (1 - Π u[1:t+1]),  rate · (1 - u[t]) / (1 - Π u[1:t]),  1 / (1 - beta2^t).
 */
export function nadam(
  w: usize,
  m: usize,
  v: usize,
  dw: usize,
  rates: usize,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(m) && aligned(v) && aligned(dw), "w, m, v and dw must be aligned to 16 bytes");
  const ofMean = f32x4.splat(-load<f32>(rates));
  const ofGradient = f32x4.splat(-load<f32>(rates, 4));
  const ofSquare = f32x4.splat(load<f32>(rates, 8));
  const share1 = f32x4.splat(<f32>(1 - beta1));
  const share2 = f32x4.splat(<f32>(1 - beta2));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const m1 = moved(v128.load(m + i), g, share1);
    const v1 = moved(v128.load(v + i), f32x4.mul(g, g), share2);
    v128.store(m + i, m1);
    v128.store(v + i, v1);
    const down = madd(m1, ofMean, f32x4.mul(g, ofGradient));
    const step = f32x4.div(down, f32x4.add(f32x4.sqrt(f32x4.mul(v1, ofSquare)), f32x4.splat(epsilon)));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
  }
}

/** w -= rate · sign(beta1 · m + (1 - beta1) · dw), sign(0) = 0;  m += (1 - beta2) · (dw - m) */
export function lion(w: usize, m: usize, dw: usize, rate: usize, beta1: f64, beta2: f64, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(m) && aligned(dw), "w, m and dw must be aligned to 16 bytes");
  const zero = f32x4.splat(0);
  const by = f32x4.splat(load<f32>(rate));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const m0 = v128.load(m + i);
    const towards = madd(m0, f32x4.splat(<f32>beta1), f32x4.mul(g, f32x4.splat(<f32>(1 - beta1))));
    const step = f32x4.sub(v128.and(f32x4.lt(towards, zero), by), v128.and(f32x4.gt(towards, zero), by));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
    v128.store(m + i, moved(m0, g, f32x4.splat(<f32>(1 - beta2))));
  }
}
