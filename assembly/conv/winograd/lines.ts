// The one-dimensional transforms of F(4, 3): four outputs of a filter with three taps from six inputs, by six multiplications in place of
// twelve. With A, B and G the matrices below, y = Aᵀ[(G w) ⊙ (Bᵀ d)]; in two dimensions each is applied to the columns and then to the rows.
//
// They come from the Toom-Cook construction on the points 0, ±a, ±b and ∞ (A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015). With a = √½ and b = √2 = 1/a the entries stay small, and so does the error: with 32 channels, measured against float64,
// it is 2.2 times that of the direct sum on average; the usual ±1 and ±2 give 3.6 times.
//
//        1   0 -5/2  0   1  0             1   1   1   1   1   0            1     0     0
//        0  -b  -2   a   1  0             0   a  -a   b  -b   0          -2/3  -b/3  -1/3
//  Bᵀ =  0   b  -2  -a   1  0      Aᵀ =   0   ½   ½   2   2   0     G =  -2/3   b/3  -1/3
//        0  -a  -½   b   1  0             0  a/2 -a/2 2b -2b  1           1/6   b/6   1/3
//        0   a  -½  -b   1  0                                             1/6  -b/6   1/3
//        0   1   0 -5/2  0  1                                              0     0     1
//
// Each function takes its vectors from `from`, fromStep bytes apart, and leaves the results at `to`, toStep bytes apart, which may be the same
// place. ½ and √2 are all the constants that are needed; they are parameters, since an engine makes a constant anew at each use.

/** Bᵀ d: 6 → 6 */
export function inputLine(to: usize, toStep: usize, from: usize, fromStep: usize, half: v128, root2: v128): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const d5 = v128.load(from + 5 * fromStep);
  const h2 = f32x4.mul(half, d2);
  const h3 = f32x4.mul(half, d3);
  let even = f32x4.sub(d4, f32x4.add(d2, d2));
  let odd = f32x4.mul(root2, f32x4.sub(h3, d1));
  v128.store(to, f32x4.add(d0, f32x4.sub(even, h2)));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  even = f32x4.sub(d4, h2);
  odd = f32x4.mul(root2, f32x4.sub(d3, f32x4.mul(half, d1)));
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));
  v128.store(to + 5 * toStep, f32x4.sub(f32x4.add(d1, f32x4.sub(d5, f32x4.add(d3, d3))), h3));
}

/** Aᵀ m: 6 → 4 */
export function outputLine(to: usize, toStep: usize, from: usize, fromStep: usize, half: v128, root2: v128): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const sum = f32x4.add(m1, m2);
  const wide = f32x4.add(m3, m4);
  v128.store(to, f32x4.add(m0, f32x4.add(sum, wide)));
  v128.store(to + 2 * toStep, f32x4.add(f32x4.add(wide, wide), f32x4.mul(half, sum)));
  const h = f32x4.mul(half, f32x4.sub(m1, m2));
  const far = f32x4.sub(m3, m4);
  v128.store(to + toStep, f32x4.mul(root2, f32x4.add(far, h)));
  v128.store(to + 3 * toStep, f32x4.add(m5, f32x4.mul(root2, f32x4.add(f32x4.add(far, far), f32x4.mul(half, h)))));
}

/** A dy: 4 → 6, the way back through Aᵀ */
export function outputLineGrad(to: usize, toStep: usize, from: usize, fromStep: usize, half: v128, root2: v128): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  v128.store(to, d0);
  let even = f32x4.add(d0, f32x4.mul(half, d2));
  let odd = f32x4.mul(f32x4.mul(half, root2), f32x4.add(d1, f32x4.mul(half, d3)));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  even = f32x4.add(d0, f32x4.add(d2, d2));
  odd = f32x4.mul(root2, f32x4.add(d1, f32x4.add(d3, d3)));
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));
  v128.store(to + 5 * toStep, d3);
}

/** G w: 3 → 6 */
export function filterLine(to: usize, toStep: usize, from: usize, fromStep: usize, half: v128, root2: v128): void {
  const third = f32x4.splat(1.0 / 3);
  const w0 = v128.load(from);
  const w2 = v128.load(from + 2 * fromStep);
  const p = f32x4.mul(third, w0);
  const q = f32x4.mul(third, w2);
  const odd = f32x4.mul(f32x4.mul(third, root2), v128.load(from + fromStep));
  let even = f32x4.add(f32x4.add(p, p), q);
  v128.store(to, w0);
  v128.store(to + toStep, f32x4.neg(f32x4.add(even, odd)));
  v128.store(to + 2 * toStep, f32x4.sub(odd, even));
  even = f32x4.add(f32x4.mul(half, p), q);
  const h = f32x4.mul(half, odd);
  v128.store(to + 3 * toStep, f32x4.add(even, h));
  v128.store(to + 4 * toStep, f32x4.sub(even, h));
  v128.store(to + 5 * toStep, w2);
}

/** Gᵀ du: 6 → 3, the way back through G */
export function filterLineGrad(to: usize, toStep: usize, from: usize, fromStep: usize, half: v128, root2: v128): void {
  const third = f32x4.splat(1.0 / 3);
  const u1 = v128.load(from + fromStep);
  const u2 = v128.load(from + 2 * fromStep);
  const u3 = v128.load(from + 3 * fromStep);
  const u4 = v128.load(from + 4 * fromStep);
  const sum = f32x4.add(u1, u2);
  const wide = f32x4.add(u3, u4);
  const odd = f32x4.sub(f32x4.mul(half, f32x4.sub(u3, u4)), f32x4.sub(u1, u2));
  const even = f32x4.sub(f32x4.mul(half, wide), f32x4.add(sum, sum));
  v128.store(to, f32x4.add(v128.load(from), f32x4.mul(third, even)));
  v128.store(to + toStep, f32x4.mul(f32x4.mul(third, root2), odd));
  v128.store(to + 2 * toStep, f32x4.add(v128.load(from + 5 * fromStep), f32x4.mul(third, f32x4.sub(wide, sum))));
}
