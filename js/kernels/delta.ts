import { ByteReader, concat } from "../bytes.js";

/**
 * A file from another one that it differs little from. The delta says again and again, in LEB128, how many bytes are new, those bytes, how far on in
 * the base it goes (twice that; back is twice, less one), and how many bytes of it are taken over.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = new ByteReader(base);
  const reader = new ByteReader(delta);
  const parts: Uint8Array[] = [];
  while (reader.at < delta.length) {
    parts.push(reader.take(reader.number()));
    const way = reader.number();
    from.at += way & 1 ? -(way + 1) / 2 : way / 2;
    parts.push(from.take(reader.number()));
  }
  return concat(parts);
}
