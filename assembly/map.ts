// The loops of the element-wise kernels: y[i] = f(x[i]) and dx[i] = f'(x[i]) · dy[i] for i in [begin, end).
// An operation is an unmanaged class with `f` and `df`: the compiler inlines both into the two loops, and leaves no call.
// `df` takes f' from y where y tells it, so that x need not be kept, and else from x: the kernel's parameter says which.
// The second operand holds the operation's options: one number on all lanes, or one on each; those without options ignore it.
import { aligned, wholeVectors } from "./simd";

export function map<Op>(y: usize, x: usize, begin: i32, end: i32, options: v128 = f32x4.splat(0)): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(x), "x must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(y + i, changetype<Op>(0).f(v128.load(x + i), options));
}

/** @param from y or x, as the operation's `df` wants it */
export function mapGrad<Op>(dx: usize, dy: usize, from: usize, begin: i32, end: i32, options: v128 = f32x4.splat(0)): void {
  assert(aligned(dx), "dx must be aligned to 16 bytes");
  assert(aligned(dy), "dy must be aligned to 16 bytes");
  assert(aligned(from), "y or x must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), changetype<Op>(0).df(v128.load(from + i), options)));
  }
}

/** y[i] = f(a[i], b[i]) */
export function zip<Op>(y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(a), "a must be aligned to 16 bytes");
  assert(aligned(b), "b must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(y + i, changetype<Op>(0).f(v128.load(a + i), v128.load(b + i)));
  }
}

/** lane k of v on all lanes; so small that it is inlined, and then leaves the loop */
export function option(v: v128, k: i32): v128 {
  return i8x16.swizzle(v, i32x4.splat(k * 0x04040404 + 0x03020100));
}
