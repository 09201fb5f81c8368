// Rates that adapt to each weight's gradients: laws as in sgd.ts.
import { aligned, exp, flush, log, madd, wholeVectors } from "../simd";

/** rho · average + (1 - rho) · x, and 0 where that is tiny */
function mixed(average: v128, x: v128, rho: f64): v128 {
  return flush(madd(average, f32x4.splat(<f32>rho), f32x4.mul(x, f32x4.splat(<f32>(1 - rho)))));
}

/**
 * v = rho · v + (1 - rho) · dw²;  step = rate · dw / √(v + epsilon);  w -= step
 * With `mean` (centred), mean = rho · mean + (1 - rho) · dw, and v - mean² takes the place of v under the root.
 * With `velocity`, velocity = momentum · velocity + step is what w goes down by. 0 stands for none of either.
 */
export function rmsprop(
  w: usize,
  v: usize,
  velocity: usize,
  mean: usize,
  dw: usize,
  rate: usize,
  rho: f64,
  momentum: f32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(v) && aligned(velocity) && aligned(mean) && aligned(dw), "all tensors must be aligned to 16 bytes");
  const by = f32x4.splat(load<f32>(rate));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    let square = mixed(v128.load(v + i), f32x4.mul(g, g), rho);
    v128.store(v + i, square);
    if (mean) {
      const centre = mixed(v128.load(mean + i), g, rho);
      v128.store(mean + i, centre);
      square = f32x4.sub(square, f32x4.mul(centre, centre));
    }
    let step = f32x4.div(f32x4.mul(g, by), f32x4.sqrt(f32x4.add(square, f32x4.splat(epsilon))));
    if (velocity) {
      step = flush(madd(v128.load(velocity + i), f32x4.splat(momentum), step));
      v128.store(velocity + i, step);
    }
    v128.store(w + i, f32x4.sub(v128.load(w + i), step));
  }
}

/** sum += dw²;  w -= rate · dw / √(sum + epsilon) */
export function adagrad(w: usize, sum: usize, dw: usize, rate: usize, epsilon: f32, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(sum) && aligned(dw), "w, sum and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const sum1 = madd(g, g, v128.load(sum + i));
    v128.store(sum + i, sum1);
    const step = f32x4.div(f32x4.mul(g, down), f32x4.sqrt(f32x4.add(sum1, f32x4.splat(epsilon))));
    v128.store(w + i, f32x4.add(v128.load(w + i), step));
  }
}

/** v = rho · v + (1 - rho) · dw²;  step = √(d + epsilon) / √(v + epsilon) · dw;  d = rho · d + (1 - rho) · step²;  w -= rate · step */
export function adadelta(w: usize, v: usize, d: usize, dw: usize, rate: usize, rho: f64, epsilon: f32, begin: i32, end: i32): void {
  assert(aligned(w) && aligned(v) && aligned(d) && aligned(dw), "w, v, d and dw must be aligned to 16 bytes");
  const down = f32x4.splat(-load<f32>(rate));
  const tiny = f32x4.splat(epsilon);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const d0 = v128.load(d + i);
    const v1 = mixed(v128.load(v + i), f32x4.mul(g, g), rho);
    const step = f32x4.div(f32x4.mul(f32x4.sqrt(f32x4.add(d0, tiny)), g), f32x4.sqrt(f32x4.add(v1, tiny)));
    v128.store(v + i, v1);
    v128.store(d + i, mixed(d0, f32x4.mul(step, step), rho));
    v128.store(w + i, madd(step, down, v128.load(w + i)));
  }
}

/** x^power for x ≥ 0 and power > 0 */
function toThe(x: v128, power: f32): v128 {
  if (power === 0.5) return f32x4.sqrt(x);
  return exp(f32x4.mul(log(x), f32x4.splat(power)));
}

/**
 * sum' = sum + dw²;  linear += dw + shrinkage · w - (sum'^power - sum^power) / rate · w;  w = (clip(linear, ±l1) - linear) / (sum'^power / rate + l2)
 * `rates` holds the rate and l2, which may depend on it.
 */
export function ftrl(
  w: usize,
  sum: usize,
  linear: usize,
  dw: usize,
  rates: usize,
  power: f32,
  l1: f32,
  shrinkage: f32,
  begin: i32,
  end: i32,
): void {
  assert(aligned(w) && aligned(sum) && aligned(linear) && aligned(dw), "w, sum, linear and dw must be aligned to 16 bytes");
  const rate = f32x4.splat(load<f32>(rates));
  const l2 = f32x4.splat(load<f32>(rates, 4));
  const bound = f32x4.splat(l1);
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    const g = v128.load(dw + i);
    const w0 = v128.load(w + i);
    const sum0 = v128.load(sum + i);
    const sum1 = madd(g, g, sum0);
    const power1 = toThe(sum1, power);
    const sigma = f32x4.div(f32x4.sub(power1, toThe(sum0, power)), rate);
    const gradient = madd(w0, f32x4.splat(shrinkage), g);
    const linear1 = f32x4.add(v128.load(linear + i), f32x4.sub(gradient, f32x4.mul(sigma, w0)));
    const clipped = f32x4.pmax(f32x4.pmin(linear1, bound), f32x4.neg(bound));
    v128.store(sum + i, sum1);
    v128.store(linear + i, linear1);
    v128.store(w + i, f32x4.div(f32x4.sub(clipped, linear1), f32x4.add(f32x4.div(power1, rate), l2)));
  }
}
