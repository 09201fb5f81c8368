import { Layer } from "../layers/layer.js";
import type { Weight } from "../layers/weight.js";
import type { Sequential } from "../model/sequential.js";
import { checkShape, readOptions, show } from "../options.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { type FileSource, formatOf, readBytes } from "./bytes.js";
import { preprocessingIn, readDescription, stateIn } from "./description.js";
import { isRecord } from "./json.js";
import { assemble, type FoundLayer, type LoadOptions, loadDefaults } from "./model.js";
import { decodeSafetensors } from "./safetensors.js";
import { FORMAT } from "./save.js";

export type { LayerClass, LoadOptions } from "./model.js";

/**
 * A model from a file: layers, weights, and how it was compiled, with the optimizer's state. Reads what `model.save` writes, Keras's `.keras` and
 * `.h5` files, and tfjs's `model.json` with the files beside it.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response
 * @throws when it is no such file, only a part of one, or holds a layer or an option that is not possible here
 */
export async function loadModel(source: FileSource, options?: LoadOptions): Promise<Sequential> {
  const all = readOptions("loadModel", options, loadDefaults);
  for (const [name, given] of Object.entries(all.customLayers)) {
    if (given?.prototype instanceof Layer) continue;
    throw new Error(`loadModel: customLayers: ${name} must be a class that extends Layer, got ${show(given)}.`);
  }
  const bytes = await readBytes(source);
  if (formatOf(bytes) !== "safetensors") {
    const { readKeras } = await import("./keras/read.js"); // and with it zip and HDF5, which most programs do without
    return readKeras(bytes, source, all);
  }
  return fromSafetensors(bytes, all);
}

function fromSafetensors(bytes: Uint8Array, { customLayers, compile }: Required<LoadOptions>): Sequential {
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
    customLayers,
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
