import { fileSystem } from "../host.js";
import { show } from "../options.js";

/** Where a file can come from. */
export type FileSource = string | URL | ArrayBuffer | Uint8Array | Blob | Response;

/** What the first bytes say of a file. */
export function formatOf(bytes: Uint8Array): "keras" | "hdf5" | "json" | "safetensors" {
  const begins = (...signature: number[]) => signature.every((byte, i) => bytes[i] === byte);
  if (begins(0x50, 0x4b)) return "keras"; // a zip archive
  if (begins(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)) return "hdf5";
  // a safetensors file begins with its header's length, whose upper bytes are 0: no text has them
  if (bytes.subarray(4, 8).includes(0)) return "safetensors";
  return /^\uFEFF?\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64))) ? "json" : "safetensors";
}

/** @throws when the file is not there or the server says no */
export async function readBytes(source: FileSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== "undefined" && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof Response !== "undefined" && source instanceof Response) return fromResponse(source);
  if (typeof source !== "string" && !(source instanceof URL)) {
    throw new Error(`loadModel: expected a path, URL, ArrayBuffer, Uint8Array, Blob or Response, got ${show(source)}.`);
  }
  const files = fileSystem();
  if (files && isPath(source)) return files.readFile(source);
  return fromResponse(await fetch(source));
}

const isPath = (source: string | URL) => (source instanceof URL ? source.protocol === "file:" : !/^[a-z][a-z0-9+.-]+:\/\//i.test(source));

async function fromResponse(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new Error(`${response.url}: the server answered ${response.status} ${response.statusText}.`);
  return new Uint8Array(await response.arrayBuffer());
}
