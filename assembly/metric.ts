// Metrics. A kernel over a range gives a value for each row or element; the others add a whole batch to sums, which are float64 so that the
// value of an epoch carries no rounding of its own. Rows have n elements; weights[r] counts a row, and 0 in its place stands for ones.
import { map } from "./map";

/** out[r] = the index of the first largest of x[r,n] */
export function argmax(out: usize, x: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = x + ((row * n) << 2);
    let best = 0;
    for (let i = 1; i < n; i++) if (load<f32>(at + (i << 2)) > load<f32>(at + (best << 2))) best = i;
    store<f32>(out + (row << 2), <f32>best);
  }
}

/** 1 where x > threshold, else 0 */
@unmanaged
class Above {
  f(x: v128, threshold: v128): v128 {
    return v128.and(f32x4.gt(x, threshold), f32x4.splat(1));
  }
}
export function above(out: usize, x: usize, threshold: f32, begin: i32, end: i32): void {
  map<Above>(out, x, begin, end, f32x4.splat(threshold));
}

/** out[r,:] = 1 where x[r,:] is as large as the largest of x[r,n] and not 0 (|x| > 1e-9), else 0 */
export function isLargest(out: usize, x: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    let most = load<f32>(x + at);
    for (let i = 4; i < n << 2; i += 4) most = max(most, load<f32>(x + at + i));
    for (let i = 0; i < n << 2; i += 4) {
      const value = load<f32>(x + at + i);
      store<f32>(out + at + i, value >= most && abs(value) > 1e-9 ? 1 : 0);
    }
  }
}

/** how many of x[0:n] come before x[i] in falling order; of equals, those before it if `isStable`, else none */
function rankOf(x: usize, i: i32, n: i32, isStable: bool): i32 {
  const value = load<f32>(x + (i << 2));
  let rank = 0;
  for (let j = 0; j < n; j++) {
    const other = load<f32>(x + (j << 2));
    if (other > value || (isStable && j < i && other === value)) rank++;
  }
  return rank;
}

/** values[r] = 1 where fewer than k of y[r,n] exceed y[r,c], c = target[r] the number of a class; else 0, also where there is no such class */
export function inTopK(values: usize, y: usize, target: usize, n: i32, k: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const known = load<f32>(target + (row << 2));
    const isHit = known >= 0 && known < <f32>n && rankOf(y + ((row * n) << 2), <i32>known, n, false) < k;
    store<f32>(values + (row << 2), isHit ? 1 : 0);
  }
}

/** out[r,:] = y[r,:] for the k largest of y[r,n], the first of equals, else -1e10 */
export function keepTopK(out: usize, y: usize, n: i32, k: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    for (let i = 0; i < n; i++) {
      const to = at + (i << 2);
      store<f32>(out + to, rankOf(y + at, i, n, true) < k ? load<f32>(y + to) : -1e10);
    }
  }
}

/** values[r] = 1/n · Σ [y[r,:] = target[r,:]] */
export function accuracy(values: usize, y: usize, target: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    let hits = 0;
    for (let i = (row * n) << 2; i < ((row + 1) * n) << 2; i += 4) if (load<f32>(y + i) === load<f32>(target + i)) hits++;
    store<f32>(values + (row << 2), <f32>hits / <f32>n);
  }
}

function weightOf(weights: usize, i: i32): f64 {
  return weights ? load<f32>(weights + (i << 2)) : 1;
}

function add(sums: usize, i: i32, value: f64): void {
  store<f64>(sums + (i << 3), load<f64>(sums + (i << 3)) + value);
}

/** sums[0] += Σ x[n] · weights[n];  sums[1] += Σ weights[n] */
export function weightedSum(sums: usize, x: usize, weights: usize, n: i32): void {
  let sum: f64 = 0;
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const weight = weightOf(weights, i);
    sum += weight * load<f32>(x + (i << 2));
    total += weight;
  }
  add(sums, 0, sum);
  add(sums, 1, total);
}

/**
 * How many predictions lie between thresholds, for labels 0 and for others: bucket b of `count` + 1 takes what exceeds b thresholds.
 *   sums[set][label ≠ 0 ? 0 : 1][b] += weights[r] · columnWeights[c], for rows r < m and columns c in [first, last) of n
 * `set` is c - first if `isByColumn`, else 0.
 * @param thresholds in rising order; 0 for even ones i/(count - 1), of which every prediction exceeds `least`
 */
export function thresholdCounts(
  sums: usize,
  y: usize,
  target: usize,
  weights: usize,
  columnWeights: usize,
  thresholds: usize,
  count: i32,
  least: i32,
  first: i32,
  last: i32,
  isByColumn: i32,
  n: i32,
  m: i32,
): void {
  for (let row = 0; row < m; row++) {
    const weight = weightOf(weights, row);
    for (let column = first; column < last; column++) {
      const at = (row * n + column) << 2;
      const p = load<f32>(y + at);
      const bucket = thresholds ? exceeded(p, thresholds, count) : max(<i32>ceil(clip(p) * <f32>(count - 1)), least);
      const set = (isByColumn ? (column - first) << 1 : 0) + (load<f32>(target + at) === 0 ? 1 : 0);
      add(sums, set * (count + 1) + bucket, weight * weightOf(columnWeights, column));
    }
  }
}

/** p between 0 and 1; NaN is 0 */
function clip(p: f32): f32 {
  return p > 0 ? min(p, 1) : 0;
}

/** how many of `count` rising thresholds p exceeds */
function exceeded(p: f32, thresholds: usize, count: i32): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (p > load<f32>(thresholds + (middle << 2))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** sums[target[r]][y[r]] += weights[r], whole numbers, for rows r < m whose target is not `ignored` and that both are classes */
export function confusionMatrix(sums: usize, y: usize, target: usize, weights: usize, classes: i32, ignored: i32, m: i32): void {
  for (let row = 0; row < m; row++) {
    const known = load<f32>(target + (row << 2));
    const guess = load<f32>(y + (row << 2));
    if (!(known > -1 && known < <f32>classes && guess > -1 && guess < <f32>classes) || <i32>known === ignored) continue;
    add(sums, <i32>known * classes + <i32>guess, trunc(weightOf(weights, row)));
  }
}

/** sums[c] += Σ over rows r < m of weights[r] · (1, t, p, t², p², t·p), with t = target[r,c] and p = y[r,c], for columns c < n */
export function columnMoments(sums: usize, y: usize, target: usize, weights: usize, n: i32, m: i32): void {
  for (let row = 0; row < m; row++) {
    const weight = weightOf(weights, row);
    for (let column = 0; column < n; column++) {
      const at = (row * n + column) << 2;
      const t: f64 = load<f32>(target + at);
      const p: f64 = load<f32>(y + at);
      const own = sums + column * 48;
      add(own, 0, weight);
      add(own, 1, weight * t);
      add(own, 2, weight * p);
      add(own, 3, weight * t * t);
      add(own, 4, weight * p * p);
      add(own, 5, weight * t * p);
    }
  }
}
