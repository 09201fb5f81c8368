// Circle loss (Sun et al., 2020, https://arxiv.org/abs/2002.10857), of embeddings of unit length with labels of groups.
import { loadRow, rowFill, rowWeight, storeRow } from "../row";
import { exp, log, log1p, madd, reduceAdd } from "../simd";

function first(v: v128): f32 {
  return f32x4.extract_lane(v, 0);
}

/** log(1 + e^x) */
function softplus(x: f32): f32 {
  return max(x, 0) + first(log1p(exp(f32x4.splat(-abs(x)))));
}

/** 1 - a[0:n] · b[0:n], and no less than 0 */
function distance(a: usize, b: usize, n: i32): f32 {
  const zero = f32x4.splat(0);
  let sums = zero;
  for (let i = 0; i < n; i += 4) sums = madd(loadRow(a, i, n, zero), loadRow(b, i, n, zero), sums);
  return max<f32>(1 - reduceAdd(sums), 0);
}

/**
 * With d = max(1 - y_i · y_j, 0) for the rows j of i's group (without i itself, if removeDiagonal) and e for those of others:
 *   losses[i] = log(1 + Σ e^(γ(d + m)(d - m)) · Σ e^(γ max(1 + m - e, 0)(1 - m - e))) · f
 *   dy        = the gradient of Σ losses[i] · weights[i] · scale, unless dy is 0; weights 0 stands for ones
 * f makes a mean over all rows one over those alone that have a loss above 0: with mean 1 by their number, with 2 by their weights; 0 is no mean.
 * slopes is memory for rows x rows.
 */
export function circle(
  losses: usize,
  dy: usize,
  slopes: usize,
  y: usize,
  target: usize,
  weights: usize,
  rows: i32,
  n: i32,
  gamma: f32,
  margin: f32,
  removeDiagonal: i32,
  mean: i32,
  scale: f32,
): void {
  let all: f64 = 0;
  let valid: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const at = slopes + ((i * rows) << 2);
    const loss = pairs(at, y, target, i, rows, n, gamma, margin, removeDiagonal);
    store<f32>(losses + (i << 2), loss);
    const weight: f64 = mean === 2 ? rowWeight(weights, i, 1) : 1;
    all += weight;
    if (loss > 0) valid += weight;
  }
  const factor: f32 = mean && valid > 0 ? <f32>(all / valid) : 1;
  for (let i = 0; i < rows; i++) store<f32>(losses + (i << 2), load<f32>(losses + (i << 2)) * factor);
  if (!dy) return;
  const zero = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    const to = dy + ((i * n) << 2);
    rowFill(to, 0, n);
    for (let j = 0; j < rows; j++) {
      // -y_i · y_j is part of the distances from i to j and from j to i
      const own = load<f32>(slopes + ((i * rows + j) << 2)) * rowWeight(weights, i, scale);
      const other = load<f32>(slopes + ((j * rows + i) << 2)) * rowWeight(weights, j, scale);
      const slope = f32x4.splat(-(own + other) * factor);
      const from = y + ((j * n) << 2);
      for (let k = 0; k < n; k += 4) storeRow(to, k, n, madd(slope, loadRow(from, k, n, zero), loadRow(to, k, n, zero)));
    }
  }
}

/** the loss of row i; writes its slopes to each distance */
function pairs(slopes: usize, y: usize, target: usize, i: i32, rows: i32, n: i32, gamma: f32, margin: f32, removeDiagonal: i32): f32 {
  const own = load<f32>(target + (i << 2));
  let most: f32 = -Infinity;
  let mostOther: f32 = -Infinity;
  for (let j = 0; j < rows; j++) {
    const d = distance(y + ((i * n) << 2), y + ((j * n) << 2), n);
    store<f32>(slopes + (j << 2), d);
    if (load<f32>(target + (j << 2)) !== own) mostOther = max(mostOther, apart(d, gamma, margin));
    else if (j !== i || !removeDiagonal) most = max(most, together(d, gamma, margin));
  }
  let sum: f32 = 0;
  let sumOther: f32 = 0;
  for (let j = 0; j < rows; j++) {
    const d = load<f32>(slopes + (j << 2));
    if (load<f32>(target + (j << 2)) !== own) sumOther += first(exp(f32x4.splat(apart(d, gamma, margin) - mostOther)));
    else if (j !== i || !removeDiagonal) sum += first(exp(f32x4.splat(together(d, gamma, margin) - most)));
  }
  if (sum === 0 || sumOther === 0) {
    rowFill(slopes, 0, rows);
    return 0;
  }
  const logs = most + mostOther + first(log(f32x4.splat(sum))) + first(log(f32x4.splat(sumOther)));
  const loss = softplus(logs);
  const rise = first(exp(f32x4.splat(logs - loss))); // of softplus
  for (let j = 0; j < rows; j++) {
    const at = slopes + (j << 2);
    const d = load<f32>(at);
    let slope: f32 = 0;
    if (d > 0) {
      if (load<f32>(target + (j << 2)) !== own) {
        const share = first(exp(f32x4.splat(apart(d, gamma, margin) - mostOther))) / sumOther;
        if (d < 1 + margin) slope = -2 * gamma * (1 - d) * share;
      } else if (j !== i || !removeDiagonal) {
        slope = (2 * gamma * d * first(exp(f32x4.splat(together(d, gamma, margin) - most)))) / sum;
      }
    }
    store<f32>(at, slope * rise);
  }
  return loss;
}

/** the term of a distance that should be small */
function together(d: f32, gamma: f32, margin: f32): f32 {
  return gamma * max<f32>(margin + d, 0) * (d - margin);
}

/** the term of a distance that should be large */
function apart(d: f32, gamma: f32, margin: f32): f32 {
  return gamma * max<f32>(1 + margin - d, 0) * (1 - margin - d);
}
