import { map, option } from "./map";

/** What a weight is multiplied by so that its norm n = √x comes into bounds: (rate · clip(n, low, high) + (1 - rate) · n) / (n + 1e-7) */
@unmanaged
class NormFactor {
  f(x: v128, o: v128): v128 {
    const n = f32x4.sqrt(x);
    const rate = option(o, 2);
    const wanted = f32x4.mul(rate, f32x4.pmax(f32x4.pmin(n, option(o, 1)), option(o, 0)));
    const kept = f32x4.mul(f32x4.sub(f32x4.splat(1), rate), n);
    return f32x4.div(f32x4.add(wanted, kept), f32x4.add(n, f32x4.splat(1e-7)));
  }
}
export function normFactor(y: usize, x: usize, low: f32, high: f32, rate: f32, begin: i32, end: i32): void {
  map<NormFactor>(y, x, begin, end, f32x4(low, high, rate, 0));
}
