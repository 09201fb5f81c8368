import type { Layer } from "../layers/layer.js";
import type { Weight } from "../layers/weight.js";
import type { Model } from "../model/model.js";
import { checkShape } from "../options.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { preprocessingIn, readDescription, stateIn } from "./description.js";
import { isRecord } from "./json.js";
import { assemble, type FoundLayer, type Parts } from "./model.js";
import { FORMAT } from "./modelFile.js";
import { decodeSafetensors } from "./safetensors.js";

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
