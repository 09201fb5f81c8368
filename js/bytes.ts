/** Bytes, part behind part. */
export function concat(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A whole number, not negative, in LEB128: seven bits a byte, the lowest first; the eighth bit says that more follow. */
export function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Takes bytes one after the other. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(count: number): Uint8Array {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** How many bytes the number takes, in LEB128, that comes next. */
  get lengthOfNumber(): number {
    let length = 1;
    while (this.bytes[this.at + length - 1] > 127) length++;
    return length;
  }

  number(): number {
    return this.take(this.lengthOfNumber).reduceRight((value, byte) => value * 128 + (byte & 127), 0);
  }
}
