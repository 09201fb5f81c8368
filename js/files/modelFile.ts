// A whole model in one safetensors file. The way back is readModelFile.ts, which programs that only write do without.

import type { Weight } from "../layers/weight.js";
import type { Model } from "../model/model.js";
import type { OptimizerState } from "../model/trainer.js";
import type { Tensor } from "../tensor.js";
import { toKerasNames } from "./names.js";
import { encodeSafetensors } from "./safetensors.js";

/** What the metadata says of a file with a whole model in it. */
export const FORMAT = "wasmind";

/** Weights are called by their paths in a file, and the optimizer's state optimizer/state/path. */
const pathsOf = (weights: readonly [string, Weight][]) => weights.map(([path]) => path);

/** The optimizer's state, unless what is trainable has changed since it began: a loaded model could do nothing with it. */
export function stateOf(model: Model): OptimizerState | null {
  const trained = pathsOf(model.layers.flatMap(layer => layer.trainedWeights));
  const state = model.getOptimizerState();
  const names = new Set(Object.keys(state?.tensors ?? {}).map(name => name.slice(name.indexOf("/") + 1)));
  return names.size === 0 || [...names].join() === trained.join() ? state : null;
}

/** What a file is to say of the preprocessing; null for nothing. */
export const preprocessingOf = ({ preprocessing }: Model) => (Object.keys(preprocessing).length > 0 ? preprocessing : null);

/** A whole model in one safetensors file: the topology, weights, what it needs to train on, and what its data goes through before. */
export function toSafetensors(model: Model): Uint8Array {
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
