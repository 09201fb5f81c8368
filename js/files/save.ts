import { writeBytes } from "../host.js";
import type { Weight } from "../layers/weight.js";
import type { Sequential } from "../model/sequential.js";
import type { OptimizerState } from "../model/trainer.js";
import type { Tensor } from "../tensor.js";
import { toKerasNames } from "./names.js";
import { encodeSafetensors } from "./safetensors.js";

/** What the metadata says of a file with a whole model in it. */
export const FORMAT = "wasmind";

/** How Keras's files are written. */
export interface KerasOptions {
  /** of the model in Keras, which needs it where layers are stateful; default null: any */
  batchSize?: number | null;
}

/** Weights are called by their paths in a file, and the optimizer's state optimizer/state/path. */
const pathsOf = (weights: readonly [string, Weight][]) => weights.map(([path]) => path);

/** The optimizer's state, unless what is trainable has changed since it began: a loaded model could do nothing with it. */
export function stateOf(model: Sequential): OptimizerState | null {
  const trained = pathsOf(model.layers.flatMap(layer => layer.trainedWeights));
  const state = model.getOptimizerState();
  const names = new Set(Object.keys(state?.tensors ?? {}).map(name => name.slice(name.indexOf("/") + 1)));
  return names.size === 0 || [...names].join() === trained.join() ? state : null;
}

/** What a file is to say of the preprocessing; null for nothing. */
export const preprocessingOf = ({ preprocessing }: Sequential) => (Object.keys(preprocessing).length > 0 ? preprocessing : null);

/** A whole model in one safetensors file: the topology, weights, what it needs to train on, and what its data goes through before. */
export function toSafetensors(model: Sequential): Uint8Array {
  const { inputShape, ...config } = model.getConfig();
  const state = stateOf(model);
  const weights = model.layers.some(({ outputShape }) => outputShape) ? model.getWeights() : [];
  const tensors: Record<string, Tensor> = {};
  pathsOf(model.layers.flatMap(layer => layer.namedWeights)).forEach((name, i) => {
    tensors[name] = weights[i];
  });
  for (const [name, tensor] of Object.entries(state?.tensors ?? {})) tensors[`optimizer/${name}`] = tensor;
  const preprocessing = preprocessingOf(model);
  const topology = toKerasNames({ className: "Sequential", config, inputShape });
  return encodeSafetensors({
    tensors,
    metadata: {
      format: FORMAT,
      model: JSON.stringify(topology),
      ...(state && { iterations: String(state.iterations), seed: String(state.seed) }),
      ...(preprocessing && { preprocessing: JSON.stringify(preprocessing) }),
    },
  });
}

/** @throws where there is no file system, or for an ending that is not known */
export async function save(model: Sequential, path: string, options?: KerasOptions): Promise<void> {
  await writeBytes(path, await encoded(model, path, options));
}

/** The bytes of a file, in the format that its ending names. @throws for an ending that is not known */
export async function encoded(model: Sequential, path: string, options?: KerasOptions): Promise<Uint8Array> {
  if (path.endsWith(".safetensors")) return toSafetensors(model);
  if (path.endsWith(".keras")) return toKeras(model, options);
  throw new Error(`save: the path must end in ".safetensors" or ".keras", got "${path}".`);
}

/** @throws where the package h5wasm is not installed or cannot run */
export async function toKeras(model: Sequential, options?: KerasOptions): Promise<Uint8Array> {
  const { toKeras } = await import("./keras/write.js"); // with it zip and HDF5, which most programs do without
  return toKeras(model, options);
}

/** @throws where there is no file system, or for an ending that is not known */
export async function saveWeights(model: Sequential, path: string): Promise<void> {
  if (path.endsWith(".safetensors")) return save(model, path);
  if (!path.endsWith(".weights.h5")) throw new Error(`saveWeights: the path must end in ".weights.h5" or ".safetensors", got "${path}".`);
  const { toWeightsH5 } = await import("./keras/write.js");
  await writeBytes(path, await toWeightsH5(model));
}
