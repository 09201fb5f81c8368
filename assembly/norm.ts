// Sums over groups of numbers, and normalization, which is made of them.
// Groups  x[r0,k0,r1,k1,r2]: the axes r are added up, the axes k tell k0·k1 groups apart, as in y[k0,k1].
//         Where r2 is 1, vectors lie along k1, else along r2.
// Range   16 groups of a row of k1 each where r2 is 1 (the last of a row may have less), else one group each.
// weights one for each of the rows that x has behind its last axis: behind r2, or behind k1 where r2 is 1; 0 stands for ones.
import { map, option } from "./map";
import { loadRow } from "./row";
import { loadTail, madd, reduceAdd, storeTail } from "./simd";

/** What is added up one after the other; then the sum joins the total. Errors grow with BLOCK + n / BLOCK instead of n. */
const BLOCK = 64;

/**
 * y[k0,k1] = factor · Σ weights · (a - mean[k0,k1]) · (b - mean[k0,k1]); mean 0 stands for zeros, and where b is 0 its factor is left out:
 * sums, squares (b = a) and products of two tensors with the same axes.
 */
export function groupSums(
  y: usize,
  a: usize,
  b: usize,
  mean: usize,
  weights: usize,
  factor: f32,
  r0: i32,
  k0: i32,
  r1: i32,
  k1: i32,
  r2: i32,
  begin: i32,
  end: i32,
): void {
  if (r2 > 1) {
    for (let g = begin; g < end; g++) {
      const center = mean ? v128.load32_splat(mean + (g << 2)) : f32x4.splat(0);
      store<f32>(y + (g << 2), factor * sumOfRows(a, b, center, weights, r0, k0, r1, k1, r2, g));
    }
    return;
  }
  const blocks = (k1 + 15) >> 4;
  for (let unit = begin; unit < end; unit++) {
    const i = unit / blocks;
    let j = (unit % blocks) << 4;
    const last = min(j + 16, k1);
    if (last - j === 16) addColumns16(y, a, b, mean, weights, factor, r0, k0, r1, k1, i, j);
    else for (; j < last; j += 4) addColumns4(y, a, b, mean, weights, factor, r0, k0, r1, k1, i, j);
  }
}

/** The sum of a group whose numbers lie in rows of n = r2. */
function sumOfRows(a: usize, b: usize, center: v128, weights: usize, r0: i32, k0: i32, r1: i32, k1: i32, n: i32, group: i32): f32 {
  const bytes = n << 2;
  let total = f32x4.splat(0);
  let sum = total;
  let count = 0;
  for (let outer = 0; outer < r0; outer++) {
    let row = (outer * k0 + group / k1) * r1 * k1 + (group % k1);
    for (let inner = 0; inner < r1; inner++, row += k1) {
      const at = row * bytes;
      const terms = sumOfRow(a + at, b ? b + at : 0, center, n);
      sum = weights ? madd(terms, v128.load32_splat(weights + (row << 2)), sum) : f32x4.add(sum, terms);
      if (++count % BLOCK === 0) {
        total = f32x4.add(total, sum);
        sum = f32x4.splat(0);
      }
    }
  }
  return reduceAdd(f32x4.add(total, sum));
}

/** The sum of a row of n, on four lanes. */
function sumOfRow(a: usize, b: usize, center: v128, n: i32): v128 {
  let total = f32x4.splat(0);
  let i = 0;
  while (i <= n - 16) {
    const last = min(n - 16, i + 16 * (BLOCK - 1));
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; i <= last; i += 16) {
      const at = i << 2;
      let d0 = f32x4.sub(v128.load(a + at), center);
      let d1 = f32x4.sub(v128.load(a + at, 16), center);
      let d2 = f32x4.sub(v128.load(a + at, 32), center);
      let d3 = f32x4.sub(v128.load(a + at, 48), center);
      if (b) {
        d0 = f32x4.mul(d0, f32x4.sub(v128.load(b + at), center));
        d1 = f32x4.mul(d1, f32x4.sub(v128.load(b + at, 16), center));
        d2 = f32x4.mul(d2, f32x4.sub(v128.load(b + at, 32), center));
        d3 = f32x4.mul(d3, f32x4.sub(v128.load(b + at, 48), center));
      }
      s0 = f32x4.add(s0, d0);
      s1 = f32x4.add(s1, d1);
      s2 = f32x4.add(s2, d2);
      s3 = f32x4.add(s3, d3);
    }
    total = f32x4.add(total, f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3)));
  }
  for (; i <= n - 4; i += 4) {
    let d = f32x4.sub(v128.load(a + (i << 2)), center);
    if (b) d = f32x4.mul(d, f32x4.sub(v128.load(b + (i << 2)), center));
    total = f32x4.add(total, d);
  }
  if (i < n) {
    // behind the end stands the center, whose distance is 0
    const d = f32x4.sub(loadRow(a, i, n, center), center);
    total = f32x4.add(total, b ? f32x4.mul(d, f32x4.sub(loadRow(b, i, n, center), center)) : d);
  }
  return total;
}

/** The sums of the groups (i, j) to (i, j + 15). */
function addColumns16(
  y: usize,
  a: usize,
  b: usize,
  mean: usize,
  weights: usize,
  factor: f32,
  r0: i32,
  k0: i32,
  r1: i32,
  k1: i32,
  i: i32,
  j: i32,
): void {
  const zero = f32x4.splat(0);
  const group = (i * k1 + j) << 2;
  const c0 = mean ? v128.load(mean + group) : zero;
  const c1 = mean ? v128.load(mean + group, 16) : zero;
  const c2 = mean ? v128.load(mean + group, 32) : zero;
  const c3 = mean ? v128.load(mean + group, 48) : zero;
  let t0 = zero;
  let t1 = zero;
  let t2 = zero;
  let t3 = zero;
  for (let outer = 0; outer < r0; outer++) {
    const first = (outer * k0 + i) * r1;
    for (let block = 0; block < r1; block += BLOCK) {
      let s0 = zero;
      let s1 = zero;
      let s2 = zero;
      let s3 = zero;
      const last = first + min(block + BLOCK, r1);
      for (let row = first + block; row < last; row++) {
        const at = (row * k1 + j) << 2;
        let d0 = f32x4.sub(v128.load(a + at), c0);
        let d1 = f32x4.sub(v128.load(a + at, 16), c1);
        let d2 = f32x4.sub(v128.load(a + at, 32), c2);
        let d3 = f32x4.sub(v128.load(a + at, 48), c3);
        if (b) {
          d0 = f32x4.mul(d0, f32x4.sub(v128.load(b + at), c0));
          d1 = f32x4.mul(d1, f32x4.sub(v128.load(b + at, 16), c1));
          d2 = f32x4.mul(d2, f32x4.sub(v128.load(b + at, 32), c2));
          d3 = f32x4.mul(d3, f32x4.sub(v128.load(b + at, 48), c3));
        }
        if (weights) {
          const w = v128.load32_splat(weights + (row << 2));
          d0 = f32x4.mul(d0, w);
          d1 = f32x4.mul(d1, w);
          d2 = f32x4.mul(d2, w);
          d3 = f32x4.mul(d3, w);
        }
        s0 = f32x4.add(s0, d0);
        s1 = f32x4.add(s1, d1);
        s2 = f32x4.add(s2, d2);
        s3 = f32x4.add(s3, d3);
      }
      t0 = f32x4.add(t0, s0);
      t1 = f32x4.add(t1, s1);
      t2 = f32x4.add(t2, s2);
      t3 = f32x4.add(t3, s3);
    }
  }
  const scale = f32x4.splat(factor);
  v128.store(y + group, f32x4.mul(t0, scale));
  v128.store(y + group, f32x4.mul(t1, scale), 16);
  v128.store(y + group, f32x4.mul(t2, scale), 32);
  v128.store(y + group, f32x4.mul(t3, scale), 48);
}

/** The sums of the groups (i, j) to (i, j + 3), as many as there are. */
function addColumns4(
  y: usize,
  a: usize,
  b: usize,
  mean: usize,
  weights: usize,
  factor: f32,
  r0: i32,
  k0: i32,
  r1: i32,
  k1: i32,
  i: i32,
  j: i32,
): void {
  const zero = f32x4.splat(0);
  const group = (i * k1 + j) << 2;
  const rest = k1 - j;
  const center = mean ? loadTail(mean + group, rest) : zero;
  let total = zero;
  for (let outer = 0; outer < r0; outer++) {
    const first = (outer * k0 + i) * r1;
    for (let block = 0; block < r1; block += BLOCK) {
      let sum = zero;
      const last = first + min(block + BLOCK, r1);
      for (let row = first + block; row < last; row++) {
        const w = weights ? v128.load32_splat(weights + (row << 2)) : f32x4.splat(1);
        const at = (row * k1 + j) << 2;
        const d = f32x4.sub(loadTail(a + at, rest), center);
        sum = madd(w, b ? f32x4.mul(d, f32x4.sub(loadTail(b + at, rest), center)) : d, sum);
      }
      total = f32x4.add(total, sum);
    }
  }
  storeTail(y + group, f32x4.mul(total, f32x4.splat(factor)), rest);
}

/** y = 1 / √max(x + epsilon, least) */
@unmanaged
class InverseRoot {
  f(x: v128, o: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.pmax(f32x4.add(x, option(o, 0)), option(o, 1))));
  }
}
export function inverseRoot(y: usize, x: usize, epsilon: f32, least: f32, begin: i32, end: i32): void {
  map<InverseRoot>(y, x, begin, end, f32x4(epsilon, least, 0, 0));
}

/**
 * dx = scale[k0,k1] · (dy - factor · weight · (sum[k0,k1] + y · dot[k0,k1])): the way back of y = (x - mean) / √variance, where
 * sum = Σ dy and dot = Σ dy · y over a group. sum 0 stands for zeros, for what has no mean taken off. dx may be dy.
 * Rows [begin, end) of r2, or of k1 where r2 is 1.
 */
export function normalizeGrad(
  dx: usize,
  dy: usize,
  y: usize,
  scale: usize,
  sum: usize,
  dot: usize,
  weights: usize,
  factor: f32,
  k0: i32,
  r1: i32,
  k1: i32,
  r2: i32,
  begin: i32,
  end: i32,
): void {
  const alongGroups = r2 === 1;
  const n = alongGroups ? k1 : r2;
  const groups = alongGroups ? 1 : k1;
  for (let row = begin; row < end; row++) {
    const group = (((row / groups / r1) % k0) * k1 + (alongGroups ? 0 : row % k1)) << 2;
    const share = f32x4.splat(weights ? factor * load<f32>(weights + (row << 2)) : factor);
    const at = row * (n << 2);
    let s = v128.load32_splat(scale + group);
    let p = sum ? f32x4.mul(share, v128.load32_splat(sum + group)) : f32x4.splat(0);
    let q = f32x4.mul(share, v128.load32_splat(dot + group));
    let i = 0;
    for (; i <= n - 4; i += 4) {
      const j = i << 2;
      if (alongGroups) {
        s = v128.load(scale + group + j);
        if (sum) p = f32x4.mul(share, v128.load(sum + group + j));
        q = f32x4.mul(share, v128.load(dot + group + j));
      }
      const mean = f32x4.add(f32x4.mul(v128.load(y + at + j), q), p);
      v128.store(dx + at + j, f32x4.mul(s, f32x4.sub(v128.load(dy + at + j), mean)));
    }
    if (i < n) {
      const j = i << 2;
      const rest = n - i;
      if (alongGroups) {
        s = loadTail(scale + group + j, rest);
        if (sum) p = f32x4.mul(share, loadTail(sum + group + j, rest));
        q = f32x4.mul(share, loadTail(dot + group + j, rest));
      }
      const mean = f32x4.add(f32x4.mul(loadTail(y + at + j, rest), q), p);
      storeTail(dx + at + j, f32x4.mul(s, f32x4.sub(loadTail(dy + at + j, rest), mean)), rest);
    }
  }
}
