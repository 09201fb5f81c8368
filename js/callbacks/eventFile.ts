// TensorBoard's event files, byte by byte. A file is a row of TFRecords: length (uint64), masked CRC of the length, data, masked CRC of the data
// (tensorflow/core/lib/io/record_writer.h). The data is a protocol buffer `Event` (tensorflow/core/util/event.proto).

import { concat, leb128 } from "../bytes.js";

/** CRC32C (Castagnoli, RFC 3720) of every byte, in reflected order. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** A CRC as records keep it: rotated by 15 bits and moved, so that the CRC of data with CRCs in it is no trivial one. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(data.length + 12, maskedCrc(data), true);
  return out;
}

// Fields of a protocol buffer: number and wire type (0 varint, 1 eight bytes, 2 bytes of a length, 5 four bytes), then the value.

const key = (field: number, wire: number) => Uint8Array.of((field << 3) | wire);

function fixed(field: number, bytes: 4 | 8, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return concat([key(field, bytes === 4 ? 5 : 1), new Uint8Array(view.buffer)]);
}

/** as all fields but one of a choice, it is left out where it is 0 */
const integer = (field: number, value: number) => (value === 0 ? new Uint8Array() : concat([key(field, 0), leb128(value)]));
const bytes = (field: number, value: Uint8Array) => concat([key(field, 2), leb128(value.length), value]);
const text = (field: number, value: string) => bytes(field, new TextEncoder().encode(value));

/** What a file begins with. @param wallTime seconds since 1970 */
export function fileVersion(wallTime: number): Uint8Array {
  return record(concat([fixed(1, 8, wallTime), text(3, "brain.Event:2")]));
}

/** One number under a name at a step. @param wallTime seconds since 1970 */
export function scalar(name: string, value: number, step: number, wallTime: number): Uint8Array {
  const summary = bytes(1, concat([text(1, name), fixed(2, 4, value)]));
  return record(concat([fixed(1, 8, wallTime), integer(2, step), bytes(5, summary)]));
}
