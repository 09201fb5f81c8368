// Connectionist temporal classification (Graves et al., 2006). Of each step of a sequence the net gives the logits of n classes, of which class 0,
// the blank, says nothing. A sequence of steps says its classes without repetitions and blanks; the loss is -log of the probability of all
// sequences that say the labels, summed by going forward and backward over states: blank, label, blank, label, ..., blank.
//
//   α[t, s]   log of the probability of being in state s at step t, having said everything before it
//   β[s]      log of the probability of saying the rest from there
//
// Logarithms are float64, so that thousands of steps may be added up; what is added to the larger one of two needs no more than float32.
import { rowExp, rowMax, rowScale, rowWeight } from "../row";
import { exp, log, log1p } from "../simd";

function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}

/** log(e^a + e^b) */
function logAdd(a: f64, b: f64): f64 {
  const most = max(a, b);
  const least = min(a, b);
  if (least === -Infinity) return most;
  return most + f32x4.extract_lane(log1p(exp(f32x4.splat(<f32>(least - most)))), 0);
}

/** what the state s says: the labels between blanks */
function said(labels: usize, s: i32): i32 {
  return s & 1 ? <i32>load<f32>(labels + ((s >> 1) << 2)) : 0;
}

/** whether the state s may follow s - 2 without the blank between them */
function mayJump(labels: usize, s: i32): bool {
  return s >= 2 && (s & 1) === 1 && said(labels, s) !== said(labels, s - 2);
}

/** log of the probability of state s that comes from the states before: p[s], p[s - 1] and, where it may jump, p[s - 2] */
function arrive(p: usize, labels: usize, s: i32): f64 {
  let sum = load<f64>(p + (s << 3));
  if (s >= 1) sum = logAdd(sum, load<f64>(p + ((s - 1) << 3)));
  return mayJump(labels, s) ? logAdd(sum, load<f64>(p + ((s - 2) << 3))) : sum;
}

/** the same for what comes after: p[s], p[s + 1], p[s + 2] of `states` */
function leave(p: usize, labels: usize, s: i32, states: i32): f64 {
  let sum = load<f64>(p + (s << 3));
  if (s + 1 < states) sum = logAdd(sum, load<f64>(p + ((s + 1) << 3)));
  return s + 2 < states && mayJump(labels, s + 2) ? logAdd(sum, load<f64>(p + ((s + 2) << 3))) : sum;
}

/**
 * For sequences b in [begin, end) of y[batch, steps, n]:
 *   losses[b, t] = -log P(target[b, :]) · share, the same for all t
 *   dy[b, t, :]  = (softmax(y[b, t, :]) - what of it says the labels) · scale · share · Σ weights[b, :], unless dy is 0; weights 0 stands for ones
 * target[batch, steps] holds the labels, from 1 to n - 1, and zeros behind them; the loss is NaN where it holds others, and infinite, without a
 * slope, where there are too few steps to say them. room: (steps + 2) · (2 · steps + 1) + steps float64 for each sequence.
 */
export function ctc(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  room: usize,
  steps: i32,
  n: i32,
  share: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const most = 2 * steps + 1;
  for (let b = begin; b < end; b++) {
    const labels = target + ((b * steps) << 2);
    const logits = y + ((b * steps * n) << 2);
    const alpha = room + ((b * ((steps + 2) * most + steps)) << 3);
    const beta = alpha + ((steps * most) << 3);
    const normal = beta + ((2 * most) << 3);
    let count = 0;
    let known = true;
    let weight: f32 = 0;
    for (let t = 0; t < steps; t++) {
      const label = load<f32>(labels + (t << 2));
      if (label !== 0) count++;
      known = known && label >= 0 && label < <f32>n;
      weight += rowWeight(weights, b * steps + t, scale * share);
    }
    const states = 2 * count + 1;
    const total = known ? forward(alpha, normal, logits, labels, steps, n, states, most) : NaN;
    for (let t = 0; t < steps; t++) store<f32>(losses + ((b * steps + t) << 2), <f32>-total * share);
    if (!dy) continue;
    const to = dy + ((b * steps * n) << 2);
    if (total > -Infinity) backward(to, alpha, beta, normal, logits, labels, steps, n, states, most, total, weight);
    else memory.fill(to, 0, (steps * n) << 2);
  }
}

/** fills α and the logarithms of the softmax's divisors; returns log P */
function forward(alpha: usize, normal: usize, logits: usize, labels: usize, steps: i32, n: i32, states: i32, most: i32): f64 {
  for (let t = 0; t < steps; t++) {
    const row = logits + ((t * n) << 2);
    const largest = rowMax(row, n);
    const divisor: f64 = <f64>largest + <f64>logOf(rowExp(0, row, largest, n));
    store<f64>(normal + (t << 3), divisor);
    const at = alpha + ((t * most) << 3);
    for (let s = 0; s < states; s++) {
      const before: f64 = t > 0 ? arrive(at - (most << 3), labels, s) : s < 2 ? 0 : -Infinity;
      store<f64>(at + (s << 3), before + load<f32>(row + (said(labels, s) << 2)) - divisor);
    }
  }
  const last = alpha + (((steps - 1) * most + states - 1) << 3);
  return states > 1 ? logAdd(load<f64>(last), load<f64>(last - 8)) : load<f64>(last);
}

/** writes dy; `beta` has room for β of two steps, and for one of them with what its step says */
function backward(
  dy: usize,
  alpha: usize,
  beta: usize,
  normal: usize,
  logits: usize,
  labels: usize,
  steps: i32,
  n: i32,
  states: i32,
  most: i32,
  total: f64,
  weight: f32,
): void {
  const spoken = beta + (most << 3);
  for (let t = steps - 1; t >= 0; t--) {
    const row = logits + ((t * n) << 2);
    const to = dy + ((t * n) << 2);
    const divisor = load<f64>(normal + (t << 3));
    rowExp(to, row, <f32>divisor, n);
    rowScale(to, to, weight, n);
    for (let s = 0; s < states; s++) {
      const rest: f64 = t < steps - 1 ? leave(spoken, labels, s, states) : s >= states - 2 ? 0 : -Infinity;
      store<f64>(beta + (s << 3), rest);
    }
    for (let s = 0; s < states; s++) {
      const rest = load<f64>(beta + (s << 3));
      const word = said(labels, s) << 2;
      store<f64>(spoken + (s << 3), rest + load<f32>(row + word) - divisor);
      const part = <f32>(load<f64>(alpha + ((t * most + s) << 3)) + rest - total);
      store<f32>(to + word, load<f32>(to + word) - weight * f32x4.extract_lane(exp(f32x4.splat(part)), 0));
    }
  }
}
