import type { Weight } from "../layers/weight.js";
import type { Sequential } from "../model/sequential.js";
import type { OptimizerState } from "../model/trainer.js";
import type { Tensor } from "../tensor.js";
import { writeBytes } from "./bytes.js";
import { toKerasNames } from "./names.js";
import { encodeSafetensors } from "./safetensors.js";

/** What the metadata says of a file with a whole model in it. */
export const FORMAT = "wasmind";

/** Weights are called by their paths in a file, and the optimizer's state optimizer/state/path. */
const pathsOf = (weights: readonly [string, Weight][]) => weights.map(([path]) => path);

/** The optimizer's state, unless what is trainable has changed since it began: a loaded model could do nothing with it. */
function stateOf(model: Sequential): OptimizerState | null {
  const trained = pathsOf(model.layers.flatMap(layer => layer.trainedWeights));
  const state = model.getOptimizerState();
  const names = new Set(Object.keys(state?.tensors ?? {}).map(name => name.slice(name.indexOf("/") + 1)));
  return names.size === 0 || [...names].join() === trained.join() ? state : null;
}

/** A whole model in one safetensors file: the topology, weights, and what it needs to train on. */
export function toSafetensors(model: Sequential): Uint8Array {
  const { inputShape, ...config } = model.getConfig();
  const state = stateOf(model);
  const weights = model.layers.some(({ outputShape }) => outputShape) ? model.getWeights() : [];
  const tensors: Record<string, Tensor> = {};
  pathsOf(model.layers.flatMap(layer => layer.namedWeights)).forEach((name, i) => {
    tensors[name] = weights[i];
  });
  for (const [name, tensor] of Object.entries(state?.tensors ?? {})) tensors[`optimizer/${name}`] = tensor;
  const topology = toKerasNames({ className: "Sequential", config, inputShape });
  return encodeSafetensors({
    tensors,
    metadata: {
      format: FORMAT,
      model: JSON.stringify(topology),
      ...(state && { iterations: String(state.iterations), seed: String(state.seed) }),
    },
  });
}

/** @throws where there is no file system, or for an ending that is not ".safetensors" */
export async function save(model: Sequential, path: string): Promise<void> {
  if (!path.endsWith(".safetensors")) throw new Error(`save: the path must end in ".safetensors", got "${path}".`);
  await writeBytes(path, toSafetensors(model));
}
