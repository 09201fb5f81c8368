/**
 * out[0] = Σ x[n] · weights[n];  out[1] = Σ weights[n], where weights 0 stands for ones
 * out is two float64, so that the means in a history carry no rounding of their own.
 */
export function weightedSum(out: usize, x: usize, weights: usize, n: i32): void {
  let sum: f64 = 0;
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const weight: f64 = weights ? load<f32>(weights + (i << 2)) : 1;
    sum += weight * load<f32>(x + (i << 2));
    total += weight;
  }
  store<f64>(out, sum);
  store<f64>(out, total, 8);
}
