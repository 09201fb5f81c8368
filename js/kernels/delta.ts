/**
 * A file from another one that it differs little from. The delta is a list of whole numbers, of seven bits a byte with the lowest first: the length
 * of the result, then again and again how many bytes are new, those bytes, how far on in the base it goes (twice that; back is twice, less one), and how
 * many bytes of it are taken over.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = delta[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const result = new Uint8Array(next());
  let to = 0;
  let from = 0;
  const append = (bytes: Uint8Array) => {
    result.set(bytes, to);
    to += bytes.length;
  };
  while (to < result.length) {
    const fresh = next();
    append(delta.subarray(at, (at += fresh)));
    const way = next();
    from += way & 1 ? -(way + 1) / 2 : way / 2;
    const kept = next();
    append(base.subarray(from, (from += kept)));
  }
  return result;
}
