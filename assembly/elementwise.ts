// y[i] = f(x[i]) and dx[i] = f'(x[i]) · dy[i] for i in [begin, end), where f' is taken from y so that x need not be kept.
// An operation is an unmanaged class with `f` and `df`: the compiler inlines both into the two loops, and leaves no call.
import { aligned, wholeVectors } from "./simd";

function map<Op>(y: usize, x: usize, begin: i32, end: i32): void {
  assert(aligned(y), "y must be aligned to 16 bytes");
  assert(aligned(x), "x must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(y + i, changetype<Op>(0).f(v128.load(x + i)));
}

function mapGrad<Op>(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  assert(aligned(dx), "dx must be aligned to 16 bytes");
  assert(aligned(dy), "dy must be aligned to 16 bytes");
  assert(aligned(y), "y must be aligned to 16 bytes");
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), changetype<Op>(0).df(v128.load(y + i))));
  }
}

/** relu(x) = max(x, 0), NaN stays NaN;  relu' = 1 where y > 0 */
@unmanaged
class Relu {
  f(x: v128): v128 {
    return f32x4.pmax(x, f32x4.splat(0));
  }
  df(y: v128): v128 {
    return v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1));
  }
}
export function relu(y: usize, x: usize, begin: i32, end: i32): void {
  map<Relu>(y, x, begin, end);
}
export function reluGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  mapGrad<Relu>(dx, dy, y, begin, end);
}
