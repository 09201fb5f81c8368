/** The least that a run of equal bytes is worth naming for. */
const RUN = 6;

/** What `applyDelta` in js/kernels/delta.ts makes `target` of: runs of the base, and the bytes between them. */
export function makeDelta(base, target) {
  const places = new Map();
  const key = (bytes, at) => bytes.toString("latin1", at, at + RUN);
  for (let at = 0; at + RUN <= base.length; at++) places.set(key(base, at), [...(places.get(key(base, at)) ?? []), at]);
  const delta = [];
  const number = value => {
    for (; value > 127; value >>= 7) delta.push((value & 127) | 128);
    delta.push(value);
  };
  const runFrom = (from, to) => {
    let length = 0;
    while (from + length < base.length && to + length < target.length && base[from + length] === target[to + length]) length++;
    return length;
  };
  let from = 0;
  let fresh = 0;
  for (let to = 0; to < target.length; ) {
    const runs = (places.get(key(target, to)) ?? []).map(at => ({ at, length: runFrom(at, to) }));
    // A run from near where the last one ended takes fewer bytes to name.
    const worth = ({ at, length }) => length - (Math.abs(at - from) < 64 ? 0 : 2);
    const best = runs.reduce((a, b) => (worth(b) > worth(a) ? b : a), { at: from, length: 0 });
    if (worth(best) < RUN) {
      to++;
      continue;
    }
    append(fresh, to, best);
    from = best.at + best.length;
    fresh = to += best.length;
  }
  if (fresh < target.length) append(fresh, target.length, { at: from, length: 0 });
  return Uint8Array.from(delta);

  function append(begin, end, { at, length }) {
    number(end - begin);
    delta.push(...target.subarray(begin, end));
    number(at < from ? 2 * (from - at) - 1 : 2 * (at - from));
    number(length);
  }
}
