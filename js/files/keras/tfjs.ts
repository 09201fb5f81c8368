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
    const bytes = joined(await Promise.all(paths.map(path => readBytes(shardAt(path, source, shards)))));
    let at = 0;
    for (const weight of weights) {
      const { name, tensor, length } = readWeight(weight, bytes.subarray(at));
      tensors.set(name, tensor);
      at += length;
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

/** Pieces one behind the other; one alone as it is. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
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

function readWeight(given: unknown, bytes: Uint8Array): { name: string; tensor: Tensor; length: number } {
  const { name, shape, dtype, quantization } = isRecord(given) ? given : {};
  const isShape = Array.isArray(shape) && shape.every(length => Number.isSafeInteger(length) && length >= 0);
  if (typeof name !== "string" || !isShape) throw new Error("loadModel: weightsManifest of model.json is damaged.");
  const { dtype: stored = dtype, scale = 1, min = 0 } = isRecord(quantization) ? quantization : {};
  const type = typeof stored === "string" && Object.hasOwn(TYPES, stored) ? TYPES[stored] : null;
  if (!type) throw new Error(`loadModel: ${name} is stored as ${stored}, which cannot be read.`);
  const length = sizeOf(shape) * type.bytes;
  if (length > bytes.length) throw new Error(`loadModel: the files of weights are cut short at ${name}.`);
  if (stored === "float32" && scale === 1 && min === 0 && bytes.byteOffset % 4 === 0) {
    return { name, tensor: { data: new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, length / 4), shape }, length };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = type.read(view, i * type.bytes) * Number(scale) + Number(min);
  return { name, tensor: { data, shape }, length };
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
