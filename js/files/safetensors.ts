// The safetensors format: the header's length as uint64, the header as JSON, then the tensors' bytes, all little-endian.
// https://github.com/huggingface/safetensors#format

import { formatShape, sizeOf, type Tensor } from "../tensor.js";

export interface SafeTensors {
  /** float32 tensors by name */
  tensors: Record<string, Tensor>;
  /** anything else, as strings */
  metadata: Record<string, string>;
}

/** The header is padded with spaces to this many bytes, so that tensors lie where views of them may begin. */
const ALIGNMENT = 64;
/** what the format's own reader allows */
const LONGEST_HEADER = 100_000_000;

export function encodeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const begin = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(begin + end).fill(0x20, 0, begin);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(begin - 8), true);
  bytes.set(json, 8);
  let at = begin;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws when the bytes are cut short, or are not what the header says */
export function decodeSafetensors(bytes: Uint8Array): SafeTensors {
  const fail = (problem: string): never => {
    throw new Error(`safetensors: ${problem}`);
  };
  if (bytes.length < 8) fail(`the file is cut short: ${bytes.length} bytes, and the header's length alone takes 8.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER) fail(`the header would be ${length} bytes long. Is this a safetensors file?`);
  if (8 + length > bytes.length) fail(`the file is cut short: the header ends at byte ${8 + length} of ${bytes.length}.`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, 8 + length), fail);
  const body = bytes.subarray(8 + length);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const [name, { begin, end, shape }] of checkLayout(entries, body.length, fail)) {
    tensors[name] = { data: floats(body.subarray(begin, end)), shape };
  }
  if (!isRecord(metadata) || !Object.values(metadata).every(value => typeof value === "string"))
    fail("the metadata must map names to strings.");
  return { tensors, metadata: metadata as Record<string, string> };
}

/** In place, where float32 may begin there. */
function floats(bytes: Uint8Array): Float32Array {
  const isAligned = bytes.byteOffset % 4 === 0;
  return new Float32Array(...((isAligned ? [bytes.buffer, bytes.byteOffset, bytes.length / 4] : [bytes.slice().buffer]) as [ArrayBuffer]));
}

type Fail = (problem: string) => never;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch {}
  return fail("the header is not a JSON object.");
}

interface Entry {
  /** in bytes */
  begin: number;
  end: number;
  shape: number[];
}

/** The tensors in the order of their bytes, which must follow one another from the first to the last byte. */
function checkLayout(entries: Record<string, unknown>, length: number, fail: Fail): [string, Entry][] {
  const layout = Object.entries(entries).map(([name, entry]): [string, Entry] => [name, readEntry(name, entry, length, fail)]);
  layout.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [name, { begin, end }] of layout) {
    if (begin !== at) fail(`tensor "${name}" begins at byte ${begin} instead of ${at}: tensors must follow one another without gaps.`);
    at = end;
  }
  if (at !== length) fail(`the tensors end at byte ${at}, but the file at ${length}.`);
  return layout;
}

function readEntry(name: string, entry: unknown, length: number, fail: Fail): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (dtype !== "F32")
    fail(`tensor "${name}" has the type ${typeof dtype === "string" ? `"${dtype}"` : typeof dtype}; only "F32" can be read.`);
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail(`tensor "${name}" has no valid shape.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail(`tensor "${name}" has no valid data_offsets.`);
  const [begin, end] = offsets as number[];
  if (end > length) fail(`the file is cut short: tensor "${name}" ends at byte ${end} of ${length}.`);
  if (end - begin !== sizeOf(shape) * 4) {
    fail(`tensor "${name}" of shape ${formatShape(shape)} needs ${sizeOf(shape) * 4} bytes, but has ${end - begin}.`);
  }
  return { begin, end, shape };
}
