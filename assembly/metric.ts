// Metrics of rows r in [begin, end) of n, each into values[r].

/** the index of the first largest of x[0:n] */
function argmax(x: usize, n: i32): i32 {
  let best = 0;
  let most = load<f32>(x);
  for (let i = 1; i < n; i++) {
    const value = load<f32>(x + (i << 2));
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best;
}

/** values[r] = 1/n · Σ [(y[r,:] > threshold) = target[r,:]] */
export function binaryAccuracy(values: usize, y: usize, target: usize, n: i32, threshold: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    let hits = 0;
    for (let i = row * n; i < (row + 1) * n; i++) {
      const guess: f32 = load<f32>(y + (i << 2)) > threshold ? 1 : 0;
      if (guess === load<f32>(target + (i << 2))) hits++;
    }
    store<f32>(values + (row << 2), <f32>hits / <f32>n);
  }
}

/** values[r] = [argmax y[r,:] = argmax target[r,:]], the first index where there are equals */
export function categoricalAccuracy(values: usize, y: usize, target: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const at = (row * n) << 2;
    store<f32>(values + (row << 2), argmax(y + at, n) === argmax(target + at, n) ? 1 : 0);
  }
}

/** values[r] = [argmax y[r,:] = target[r]], where target[r] is the number of a class, as float32 */
export function sparseCategoricalAccuracy(values: usize, y: usize, target: usize, n: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    store<f32>(values + (row << 2), <f32>argmax(y + ((row * n) << 2), n) === load<f32>(target + (row << 2)) ? 1 : 0);
  }
}
