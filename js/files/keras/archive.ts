import { Unzip, type UnzipFileInfo, unzipSync } from "fflate";
import type { FileSource } from "../bytes.js";
import { parseJson } from "../json.js";

/** What a `.keras` archive holds. */
export interface Archive {
  config: unknown;
  metadata: unknown;
  /** an HDF5 file */
  weights: ArrayBuffer;
}

const WEIGHTS = "model.weights.h5";
const TEXTS = ["config.json", "metadata.json"];

/** what the largest models describe themselves in, many times over */
const LONGEST_TEXT = 2 ** 26;
/** as Keras has it: what grows more than so many times is no model */
const MOST_GROWTH = 100;
const MOST_MEMBERS = 1000;

/** Whether a file's bytes may be written over. */
export const isOurs = (bytes: Uint8Array, source: FileSource) =>
  !(source instanceof Uint8Array || source instanceof ArrayBuffer) && bytes.byteLength === bytes.buffer.byteLength;

/** @param isOurs whether the bytes may be written over: weights that are stored as they are then need no room of their own */
export function openArchive(bytes: Uint8Array, isOurs: boolean): Archive {
  let stored: UnzipFileInfo | null = null;
  let count = 0;
  const filter = (member: UnzipFileInfo): boolean => {
    if (++count > MOST_MEMBERS) throw new Error(`it has more than ${MOST_MEMBERS} members.`);
    if (member.name !== WEIGHTS && !TEXTS.includes(member.name)) return false;
    checkSize(member, bytes.length);
    if (member.name !== WEIGHTS || member.compression !== 0) return true;
    stored = member;
    return false;
  };
  const members = unzip(bytes, filter);
  const weights = stored ? storedBytes(bytes, stored) : members[WEIGHTS];
  for (const [name, member] of [[TEXTS[0], members[TEXTS[0]]] as const, [WEIGHTS, weights] as const]) {
    if (!member) throw new Error(`loadModel: the archive has no ${name}. Is it a .keras file?`);
  }
  return {
    config: parseJson(TEXTS[0], members[TEXTS[0]]),
    metadata: members[TEXTS[1]] ? parseJson(TEXTS[1], members[TEXTS[1]]) : null,
    weights: bufferOf(weights, isOurs),
  };
}

function unzip(bytes: Uint8Array, filter: (member: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    throw new Error(`loadModel: the archive cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function checkSize({ name, size, originalSize, compression }: UnzipFileInfo, available: number): void {
  if (size > available) throw new Error(`${name} is cut short.`);
  const most = compression === 0 ? size : TEXTS.includes(name) ? LONGEST_TEXT : MOST_GROWTH * size;
  if (originalSize > most) throw new Error(`${name} would grow from ${size} to ${originalSize} bytes.`);
}

/** A member that lies in the archive as it is, in place; fflate's `unzipSync` would copy it. */
function storedBytes(bytes: Uint8Array, { name, size }: UnzipFileInfo): Uint8Array {
  let found: Uint8Array | null = null;
  const reader = new Unzip(file => {
    if (file.name !== name || file.compression !== 0 || file.size !== size) return;
    file.ondata = (error, data) => {
      if (!error && data.length === size) found = data;
    };
    file.start();
  });
  reader.push(bytes, true);
  return found ?? unzip(bytes, member => member.name === name)[name];
}

/** The same bytes from the first one of a buffer on, as jsfive takes them. */
export function bufferOf(bytes: Uint8Array, isOurs: boolean): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (!(buffer instanceof ArrayBuffer)) return new Uint8Array(bytes).buffer;
  if (byteOffset === 0) return buffer;
  if (!isOurs) return buffer.slice(byteOffset, byteOffset + byteLength);
  new Uint8Array(buffer).copyWithin(0, byteOffset, byteOffset + byteLength);
  return buffer;
}
