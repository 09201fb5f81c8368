import type { Sequential } from "../../model/sequential.js";
import { checkShape, show } from "../../options.js";
import { type FileSource, formatOf } from "../bytes.js";
import { isRecord } from "../json.js";
import { assemble, type FoundModel, type LoadOptions } from "../model.js";
import { bufferOf, openArchive } from "./archive.js";
import { readCompile } from "./compile.js";
import { openHdf5 } from "./hdf5.js";
import { description, legacyWeightsIn, readLegacyState } from "./legacy.js";
import { readTopology, type Topology } from "./topology.js";
import { readState, weightsIn } from "./weights.js";

/**
 * A model from a `.keras` archive, a whole-model `.h5` file, or tfjs's model.json.
 * @param source where the bytes came from: bytes that the caller holds stay as they are
 */
export async function readKeras(bytes: Uint8Array, source: FileSource, options: Required<LoadOptions>): Promise<Sequential> {
  switch (formatOf(bytes)) {
    case "keras":
      return fromArchive(bytes, isOurs(bytes, source), options);
    case "hdf5":
      return fromHdf5(bytes, isOurs(bytes, source), options);
    default:
      throw new Error("loadModel: expected a .keras archive, an .h5 file or a model.json.");
  }
}

/** Whether a file's bytes may be written over. */
export const isOurs = (bytes: Uint8Array, source: FileSource) =>
  !(source instanceof Uint8Array || source instanceof ArrayBuffer) && bytes.byteLength === bytes.buffer.byteLength;

function fromArchive(bytes: Uint8Array, isOurs: boolean, options: Required<LoadOptions>): Sequential {
  const { config, metadata, weights } = openArchive(bytes, isOurs);
  const topology = readTopology(config, "config.json");
  const root = openHdf5(weights);
  const compile = isRecord(config) && options.compile ? readCompile(config.compile_config, "compile_config") : null;
  const own = ownSettings(metadata);
  if (isRecord(compile?.optimizer)) Object.assign(compile.optimizer.config, own.optimizer);
  return assemble(
    foundModel(topology, compile, options),
    options.customLayers,
    layers => weightsIn(root, layers, topology.layers),
    model => readState(root, model, own.seed),
  );
}

function fromHdf5(bytes: Uint8Array, isOurs: boolean, options: Required<LoadOptions>): Sequential {
  const root = openHdf5(bufferOf(bytes, isOurs));
  const config = description(root, "model_config");
  if (!config) throw new Error("loadModel: the file holds weights, but no model. Make the model, and model.loadWeights(file).");
  const topology = readTopology(config, "model_config");
  const compile = options.compile ? readCompile(description(root, "training_config"), "training_config") : null;
  return assemble(
    foundModel(topology, compile, options),
    options.customLayers,
    layers => legacyWeightsIn(root, layers, topology.layers),
    model => readLegacyState(root, model),
  );
}

/** What `toKeras` leaves in metadata.json, as Keras has no other place for it: the seed of shuffles and dropout, weights that do not decay. */
function ownSettings(metadata: unknown): { seed: number | null; optimizer: object } {
  const own = isRecord(metadata) && isRecord(metadata.wasmind) ? metadata.wasmind : {};
  const { seed, excludeFromWeightDecay } = own;
  return { seed: typeof seed === "number" ? seed : null, optimizer: excludeFromWeightDecay ? { excludeFromWeightDecay } : {} };
}

function foundModel({ name, layers, inputShape }: Topology, compile: FoundModel["compile"], options: Required<LoadOptions>): FoundModel {
  const shape = options.inputShape ?? inputShape;
  if (shape?.some(length => length === null)) {
    const help = `Give it: loadModel(file, { inputShape: ${show(shape.map(length => length ?? 100))} }).`;
    throw new Error(`loadModel: the file leaves a length of the input's shape free: ${show([null, ...shape])}. ${help}`);
  }
  return { name, layers, inputShape: shape && checkShape("loadModel", "inputShape", shape), compile };
}
