import { writeBytes } from "../host.js";
import type { Model } from "../model/model.js";
import { toSafetensors } from "./modelFile.js";

/** How Keras's files are written. */
export interface KerasOptions {
  /** of the model in Keras, which needs it where layers are stateful; default null: any */
  batchSize?: number | null;
}

/** @throws where there is no file system, or for an ending that is not known */
export async function save(model: Model, path: string, options?: KerasOptions): Promise<void> {
  await writeBytes(path, await encoded(model, path, options));
}

/** The bytes of a file, in the format that its ending names. @throws for an ending that is not known */
export async function encoded(model: Model, path: string, options?: KerasOptions): Promise<Uint8Array> {
  if (path.endsWith(".safetensors")) return toSafetensors(model);
  if (path.endsWith(".keras")) return toKeras(model, options);
  throw new Error(`save: the path must end in ".safetensors" or ".keras", got "${path}".`);
}

/** @throws where the package h5wasm is not installed or cannot run */
export async function toKeras(model: Model, options?: KerasOptions): Promise<Uint8Array> {
  return (await writer()).toKeras(model, options);
}

/** @throws where there is no file system, or for an ending that is not known */
export async function saveWeights(model: Model, path: string): Promise<void> {
  if (path.endsWith(".safetensors")) return save(model, path);
  if (!path.endsWith(".weights.h5")) throw new Error(`saveWeights: the path must end in ".weights.h5" or ".safetensors", got "${path}".`);
  await writeBytes(path, await (await writer()).toWeightsH5(model));
}

/** With it come zip and HDF5, which most programs do without. */
const writer = () => import("./keras/write.js");
