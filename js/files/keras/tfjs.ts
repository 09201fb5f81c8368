// tfjs-layers: a model.json with the topology, and files of weights beside it, one behind the other as a manifest names them.

import type { Layer } from "../../layers/layer.js";
import type { Weight } from "../../layers/weight.js";
import { show } from "../../options.js";
import { checkTensor, sizeOf, type Tensor } from "../../tensor.js";
import { type FileSource, readBytes } from "../bytes.js";
import { isRecord } from "../json.js";
import type { LoadOptions } from "../model.js";
import type { KerasLayer } from "./topology.js";

/** The tensors of a manifest by name, in its order. */
export async function readShards(
  manifest: unknown,
  source: FileSource,
  shards: Required<LoadOptions>["shards"],
): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  const known = new Set<string>();
  for (const group of Array.isArray(manifest) ? manifest : []) {
    const { paths, weights } = isRecord(group) ? group : {};
    if (!Array.isArray(paths) || !Array.isArray(weights)) throw new Error("loadModel: weightsManifest of model.json is damaged.");
    for (const path of paths) checkPath(path, known);
    const bytes = new Files(paths.map(path => shardAt(path, source, shards)));
    for (const weight of weights) {
      const { name, length, decode } = readEntry(weight);
      const own = await bytes.take(length);
      if (!own) throw new Error(`loadModel: the files of weights are cut short at ${name}.`);
      tensors.set(name, decode(own));
    }
  }
  return tensors;
}

/** what would be 4 GB in the pieces that tfjs cuts */
const MOST_SHARDS = 1000;

/** @throws for what is no file's name, lies elsewhere than beside model.json or below, or was named before */
function checkPath(path: unknown, known: Set<string>): asserts path is string {
  const isBelow = typeof path === "string" && path.split("/").every(part => /^(?!\.\.?$)[^\p{Cc}\\:%?#]+$/u.test(part));
  if (!isBelow) throw new Error(`loadModel: model.json names the file ${show(path)}, which does not lie beside it.`);
  if (known.has(path)) throw new Error(`loadModel: model.json names the file ${show(path)} twice.`);
  if (known.size === MOST_SHARDS) throw new Error(`loadModel: model.json names more than ${MOST_SHARDS} files.`);
  known.add(path);
}

/** files that are read at the same time */
const AHEAD = 4;

/** The bytes of files one behind the other. A file is read when it is needed, and let go when what it holds is taken. */
class Files {
  readonly #left: FileSource[];
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  constructor(files: FileSource[]) {
    this.#left = files;
  }

  /** The next bytes, in place where they lie in one file; null where there are not so many. */
  async take(length: number): Promise<Uint8Array | null> {
    while (this.#size < length && this.#left.length > 0) {
      for (const part of await Promise.all(this.#left.splice(0, AHEAD).map(readBytes))) {
        this.#parts.push(part);
        this.#size += part.length;
      }
    }
    if (this.#size < length) return null;
    this.#size -= length;
    if (this.#parts.length > 0 && length <= this.#parts[0].length) return this.#next(length);
    const whole = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const piece = this.#next(length - at);
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** So many bytes of the first file, or what is left of it. */
  #next(most: number): Uint8Array {
    const [part] = this.#parts;
    if (most < part.length) this.#parts[0] = part.subarray(most);
    else this.#parts.shift();
    return part.subarray(0, most);
  }
}

/** A file beside model.json, or one that came with it. */
function shardAt(path: string, source: FileSource, shards: Required<LoadOptions>["shards"]): FileSource {
  if (Object.hasOwn(shards, path)) return shards[path];
  if (source instanceof URL) return new URL(path, source);
  if (typeof source === "string") return source.replace(/[^/\\]*$/, "") + path;
  throw new Error(`loadModel: model.json names the file "${path}": loadModel(json, { shards: { "${path}": file } }) takes it.`);
}

/** A float of 16 bits: sign, 5 of the exponent, 10 of the fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const TYPES: Record<string, { bytes: number; read: (view: DataView, at: number) => number }> = {
  float16: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
};

/** What the manifest says of a weight: its name, its bytes' number, and how they become numbers. */
function readEntry(given: unknown): { name: string; length: number; decode(bytes: Uint8Array): Tensor } {
  const { name, shape, dtype, quantization } = isRecord(given) ? given : {};
  const isShape = Array.isArray(shape) && shape.every(length => Number.isSafeInteger(length) && length >= 0);
  if (typeof name !== "string" || !isShape) throw new Error("loadModel: weightsManifest of model.json is damaged.");
  const { dtype: stored = dtype, scale = 1, min = 0 } = isRecord(quantization) ? quantization : {};
  const type = typeof stored === "string" && Object.hasOwn(TYPES, stored) ? TYPES[stored] : null;
  if (!type) throw new Error(`loadModel: ${name} is stored as ${stored}, which cannot be read.`);
  const size = sizeOf(shape);
  const decode = (bytes: Uint8Array): Tensor => {
    const isPlain = stored === "float32" && scale === 1 && min === 0 && bytes.byteOffset % 4 === 0;
    if (isPlain) return { data: new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, size), shape };
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[i] = type.read(view, i * type.bytes) * Number(scale) + Number(min);
    return { data, shape };
  };
  return { name, length: size * type.bytes, decode };
}

/** The tensors of built layers by their names: "dense/kernel", with the name of a cell between, or the path of a Keras 3 file. */
export function tfjsWeightsIn(tensors: Map<string, Tensor>, layers: readonly Layer[], found: readonly KerasLayer[]): [Weight, Tensor][] {
  const bare = new Map([...tensors].map(([name, tensor]) => [name.replace(/\/[^/]*_cell(_\d+)?\//, "/"), tensor]));
  return layers.flatMap((layer, i) => {
    const own = layer.namedWeights;
    return own.map(([path, weight], k): [Weight, Tensor] => {
      const names = [path, path.split("/").slice(-2).join("/"), `${found[i].group}/${weight.name}`, `${found[i].path}/vars/${k}`];
      const tensor = names.map(name => bare.get(name)).find(one => one);
      checkTensor(`loadModel: ${found[i].place}: ${path}`, tensor, weight.shape);
      return [weight, tensor!];
    });
  });
}
