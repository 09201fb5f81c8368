// Rows of a table [entries,n] by whole numbers that arrive as float32. A number that has no row takes the nearest one: nothing outside of the
// table is read or written.
import { loadRow, storeRow } from "./row";

function rowOf(table: usize, id: f32, entries: i32, n: i32): usize {
  return table + ((max(0, min(entries - 1, <i32>id)) * n) << 2);
}

/** y[i,n] = table[ids[i],n]; the range is over ids */
export function embedding(y: usize, table: usize, ids: usize, n: i32, entries: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    memory.copy(y + ((i * n) << 2), rowOf(table, load<f32>(ids + (i << 2)), entries, n), n << 2);
  }
}

/** dtable[entries,n] = 0, then dtable[ids[i],n] += dy[i,n] for i < count in this order; the range is over ⌈n / 16⌉ bands of 16 columns */
export function embeddingGrad(dtable: usize, dy: usize, ids: usize, count: i32, n: i32, entries: i32, begin: i32, end: i32): void {
  const zero = f32x4.splat(0);
  const first = 16 * begin;
  const last = min(n, 16 * end);
  if (last - first === n) memory.fill(dtable, 0, (entries * n) << 2);
  else for (let row = 0; row < entries; row++) memory.fill(dtable + ((row * n + first) << 2), 0, (last - first) << 2);
  for (let i = 0; i < count; i++) {
    const to = rowOf(dtable, load<f32>(ids + (i << 2)), entries, n);
    const from = dy + ((i * n) << 2);
    for (let c = first; c < last; c += 4) storeRow(to, c, n, f32x4.add(loadRow(to, c, n, zero), loadRow(from, c, n, zero)));
  }
}
