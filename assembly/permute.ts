/**
 * y[b,i1,i2,i3,i4] = x[b · n1·n2·n3·n4 + i1·s1 + i2·s2 + i3·s3 + i4·s4]: axes in another order.
 * The range is over the rows of n4.
 */
export function permute(
  y: usize,
  x: usize,
  n1: i32,
  n2: i32,
  n3: i32,
  n4: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  s4: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = n4 << 2;
  const step = s4 << 2;
  for (let row = begin; row < end; row++) {
    const plane = row / n3;
    const block = plane / n2;
    const sample = block / n1;
    const at = sample * (n1 * n2 * n3 * n4) + (block % n1) * s1 + (plane % n2) * s2 + (row % n3) * s3;
    const to = y + row * bytes;
    let from = x + (at << 2);
    if (s4 === 1) memory.copy(to, from, bytes);
    else for (let i = 0; i < bytes; i += 4, from += step) store<f32>(to + i, load<f32>(from));
  }
}
