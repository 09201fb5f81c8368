// Losses over the classes of a row. For rows r in [begin, end) of n classes:
//   losses[r] = -Σ t · log q, with t the row's target and q its probabilities
//   dy[r,:]   = the loss's gradient to y[r,:] · weights[r] · scale, unless dy is 0; weights 0 stands for ones; dy may be y
// A sparse target is the number of the class, as float32; where there is no such class, the loss is NaN.
import { loadRow, rowExp, rowFill, rowMax, rowSum, rowWeight, withinRow } from "../row";
import { log, madd, power, reduceAdd } from "../simd";
import { storeGradient } from "./loop";

/** Probabilities are clipped to [ε, 1 - ε] in float32. */
const EPSILON: f32 = 1e-7;

function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}

/** all ones where a clip leaves q as it is, else all zeros */
function unclipped(q: v128): v128 {
  return v128.not(v128.or(f32x4.lt(q, f32x4.splat(EPSILON)), f32x4.gt(q, f32x4.splat(1 - EPSILON))));
}

function clip(q: v128): v128 {
  return f32x4.pmax(f32x4.pmin(q, f32x4.splat(1 - EPSILON)), f32x4.splat(EPSILON));
}

/** where x[class] of a row of n classes stands in memory, or 0 if there is no such class */
function ofClass(x: usize, target: usize, row: i32, n: i32): usize {
  const known = load<f32>(target + (row << 2));
  return known >= 0 && known < <f32>n ? x + ((<usize>known) << 2) : 0;
}

/** adds to x[class], if there is such a class */
function addToClass(x: usize, target: usize, row: i32, n: i32, term: f32): void {
  const known = ofClass(x, target, row, n);
  if (known) store<f32>(known, load<f32>(known) + term);
}

/** q = softmax(y), from the logits y; t = target[r,:] · (1 - α) + α/n */
export function softmaxCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  labelSmoothing: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  const keep = f32x4.splat(1 - labelSmoothing);
  const spread = f32x4.splat(labelSmoothing / <f32>n);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const most = rowMax(y + at, n);
    let targets = zero;
    let products = zero;
    for (let i = 0; i < n; i += 4) {
      const t = withinRow(i, n, madd(loadRow(target + at, i, n, zero), keep, spread));
      targets = f32x4.add(targets, t);
      products = madd(t, f32x4.sub(loadRow(y + at, i, n, zero), f32x4.splat(most)), products);
    }
    const total = reduceAdd(targets);
    const sum = rowExp(dy ? dy + at : 0, y + at, most, n);
    store<f32>(losses + (row << 2), total * logOf(sum) - reduceAdd(products));
    if (!dy) continue;
    const weight = f32x4.splat(rowWeight(weights, row, scale));
    const share = f32x4.splat(total / sum);
    for (let i = 0; i < n; i += 4) {
      const t = madd(loadRow(target + at, i, n, zero), keep, spread);
      storeGradient(dy + at, i, n, f32x4.sub(f32x4.mul(loadRow(dy + at, i, n, zero), share), t), weight);
    }
  }
}

/** q = softmax(y), from the logits y; t is 1 for the class target[r], else 0 */
export function sparseSoftmaxCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const most = rowMax(y + at, n);
    const known = ofClass(y + at, target, row, n);
    const logit = known ? load<f32>(known) - most : NaN;
    const sum = rowExp(dy ? dy + at : 0, y + at, most, n);
    store<f32>(losses + (row << 2), logOf(sum) - logit);
    if (!dy) continue;
    const weight = rowWeight(weights, row, scale);
    const share = f32x4.splat(weight / sum);
    for (let i = 0; i < n; i += 4) storeGradient(dy + at, i, n, loadRow(dy + at, i, n, f32x4.splat(0)), share);
    addToClass(dy + at, target, row, n, -weight);
  }
}

/** q = clip(p, ε, 1 - ε) with p = y[r,:] / Σ y[r,:]; t = target[r,:] · (1 - α) + α/n; no slope where p is clipped */
export function categoricalCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  labelSmoothing: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  const keep = f32x4.splat(1 - labelSmoothing);
  const spread = f32x4.splat(labelSmoothing / <f32>n);
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const share = f32x4.splat(1 / rowSum(y + at, n));
    let sums = zero;
    let sloped = zero;
    for (let i = 0; i < n; i += 4) {
      const p = f32x4.mul(loadRow(y + at, i, n, zero), share);
      const t = withinRow(i, n, madd(loadRow(target + at, i, n, zero), keep, spread));
      sums = f32x4.sub(sums, f32x4.mul(t, log(clip(p))));
      sloped = f32x4.add(sloped, v128.and(t, unclipped(p)));
    }
    store<f32>(losses + (row << 2), reduceAdd(sums));
    if (!dy) continue;
    // d(-t log(y/S))/dy = t/S - t/y, and every class has a part in S
    const weight = f32x4.splat(rowWeight(weights, row, scale));
    const common = f32x4.mul(f32x4.splat(reduceAdd(sloped)), share);
    for (let i = 0; i < n; i += 4) {
      const p = loadRow(y + at, i, n, zero);
      const t = madd(loadRow(target + at, i, n, zero), keep, spread);
      const own = v128.and(f32x4.div(t, p), unclipped(f32x4.mul(p, share)));
      storeGradient(dy + at, i, n, f32x4.sub(common, own), weight);
    }
  }
}

/** q = clip(p, ε, 1 - ε) with p = y[r,:] / Σ y[r,:]; t is 1 for the class target[r], else 0; no slope where p is clipped */
export function sparseCategoricalCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const share: f32 = 1 / rowSum(y + at, n);
    const known = ofClass(y + at, target, row, n);
    const value = known ? load<f32>(known) : NaN;
    const p = f32x4.splat(value * share);
    store<f32>(losses + (row << 2), -f32x4.extract_lane(log(clip(p)), 0));
    if (!dy) continue;
    const weight = v128.any_true(unclipped(p)) ? rowWeight(weights, row, scale) : 0;
    rowFill(dy + at, weight * share, n);
    if (weight !== 0) addToClass(dy + at, target, row, n, -weight / value);
  }
}

/** losses[r] = (1 - p^q) / q with p = y[r, class] and 0 < q < 1 (Zhang and Sabuncu, 2018, https://arxiv.org/abs/1805.07836); no slope where p is 0 */
export function generalizedCrossentropy(
  losses: usize,
  dy: usize,
  y: usize,
  target: usize,
  weights: usize,
  n: i32,
  q: f32,
  scale: f32,
  begin: i32,
  end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    const known = ofClass(y + at, target, row, n);
    const value = known ? load<f32>(known) : NaN;
    const powered = f32x4.extract_lane(power(f32x4.splat(value), f32x4.splat(q)), 0);
    store<f32>(losses + (row << 2), (1 - powered) / q);
    if (!dy) continue;
    rowFill(dy + at, 0, n);
    if (value !== 0) addToClass(dy + at, target, row, n, (-powered / value) * rowWeight(weights, row, scale));
  }
}
