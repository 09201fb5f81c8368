// A whole model in one safetensors file, and back.
import type { Layer } from "../layers/layer.js";
import type { Weight } from "../layers/weight.js";
import type { Model } from "../model/model.js";
import type { OptimizerState } from "../model/trainer.js";
import { checkShape } from "../options.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { preprocessingIn, readDescription, stateIn } from "./description.js";
import { isRecord } from "./json.js";
import { assemble, type FoundLayer, type Parts } from "./model.js";
import { toKerasNames } from "./names.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";

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

/**
 * A model from the file that `toSafetensors` makes.
 * @param compile false leaves out how it was trained
 */
export function fromSafetensors<M extends Model>(bytes: Uint8Array, parts: Parts<M>, compile: boolean): M {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.format !== FORMAT) throw new Error("loadModel: the file holds tensors, but no model.");
  const { config, inputShape } = readDescription(metadata.model);
  const found = {
    name: config.name,
    trainable: config.trainable,
    layers: config.layers.map(readLayer),
    inputShape: inputShape && checkShape("loadModel", "inputShape", inputShape),
    compile: compile ? config.compile : null,
    preprocessing: preprocessingIn(metadata),
  };
  return assemble(
    found,
    parts,
    layers => weightsIn(layers, tensors),
    () => stateIn(tensors, metadata),
  );
}

function readLayer(given: unknown, i: number): FoundLayer {
  const { className, config } = isRecord(given) ? given : {};
  if (typeof className !== "string" || !isRecord(config)) throw new Error("loadModel: the file's description of a layer is damaged.");
  return { className, config, place: `layers[${i}] (${config.name ?? className})` };
}

/** @throws where a tensor is missing or does not fit */
function weightsIn(layers: readonly Layer[], tensors: Record<string, Tensor>): [Weight, Tensor][] {
  const named = layers.flatMap(layer => layer.namedWeights);
  for (const [name, weight] of named) checkTensor(`loadModel: ${name}`, tensors[name], weight.shape);
  return named.map(([name, weight]) => [weight, tensors[name]]);
}
