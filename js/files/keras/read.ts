import { checkShape, show } from "../../options.js";
import type { Sequential } from "../../sequential.js";
import { type FileSource, formatOf } from "../bytes.js";
import { isRecord, parseJson } from "../json.js";
import { assemble, type FoundLayer, type FoundModel, isFound, type LoadOptions, type Parts } from "../model.js";
import { bufferOf, isOurs, openArchive } from "./archive.js";
import { readCompile } from "./compile.js";
import { openHdf5 } from "./hdf5.js";
import { description, legacyWeightsIn, readLegacyState } from "./legacy.js";
import { ownSettings } from "./metadata.js";
import { leavesOf } from "./paths.js";
import { readShards, tfjsWeightsIn } from "./tfjs.js";
import { readTopology, type Topology } from "./topology.js";
import { readState, weightsIn } from "./weights.js";

type Options = Required<LoadOptions>;

/**
 * A model from a `.keras` archive, a whole-model `.h5` file, or tfjs's model.json.
 * @param source where the bytes came from: bytes that the caller holds stay as they are
 */
export async function readKeras(bytes: Uint8Array, source: FileSource, parts: Parts<Sequential>, options: Options): Promise<Sequential> {
  switch (formatOf(bytes)) {
    case "keras":
      return fromArchive(bytes, isOurs(bytes, source), parts, options);
    case "hdf5":
      return fromHdf5(bytes, isOurs(bytes, source), parts, options);
    case "json":
      return fromTfjs(bytes, source, parts, options);
    default:
      throw new Error("loadModel: expected a .keras archive, an .h5 file or a model.json.");
  }
}

function fromArchive(bytes: Uint8Array, isOurs: boolean, parts: Parts<Sequential>, options: Options): Sequential {
  const { config, metadata, weights } = openArchive(bytes, isOurs);
  const topology = readTopology(config, "config.json");
  if (isRecord(metadata) && String(metadata.keras_version).startsWith("2.")) topology.leaves.forEach(byOldRules);
  const root = openHdf5(weights);
  const compile = isRecord(config) && options.compile ? readCompile(config.compile_config, "compile_config") : null;
  const own = ownSettings(metadata);
  if (isRecord(compile?.optimizer)) Object.assign(compile.optimizer.config, own.optimizer);
  return assemble(
    foundModel(topology, compile, options, own.preprocessing),
    parts,
    layers => weightsIn(root, leavesOf(layers), topology.leaves),
    model => readState(root, model, own.seed),
  );
}

function fromHdf5(bytes: Uint8Array, isOurs: boolean, parts: Parts<Sequential>, options: Options): Sequential {
  const root = openHdf5(bufferOf(bytes, isOurs));
  const config = description(root, "model_config");
  if (!config) throw new Error("loadModel: the file holds weights, but no model. Make the model, and model.loadWeights(file).");
  const topology = readTopology(config, "model_config");
  if (!root.texts("keras_version")?.[0]?.startsWith("3.")) topology.leaves.forEach(byOldRules);
  const compile = options.compile ? readCompile(description(root, "training_config"), "training_config") : null;
  return assemble(
    foundModel(topology, compile, options),
    parts,
    layers => legacyWeightsIn(root, leavesOf(layers), topology.leaves),
    model => readLegacyState(root, model),
  );
}

/** tfjs says null for a default. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => (item === null ? null : withoutNulls(item)));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

/** What is called as in Keras 3, but is something else in Keras 2 and tfjs: in a layer, and in layers inside it. */
function byOldRules({ className, config }: Omit<FoundLayer, "place">): void {
  for (const name of ["activation", "recurrentActivation"])
    if (config[name] === "hard_sigmoid") config[name] = { className: "hard_sigmoid", config: { slope: 0.2 } };
  if (className === "BatchNormalization") config.axis = [config.axis].flat()[0]; // of one, in a list
  if (className === "GRU") config.resetAfter ??= false; // before Keras 2.1 and in tfjs there was nothing else
  Object.values(config).filter(isFound).forEach(byOldRules);
}

async function fromTfjs(bytes: Uint8Array, source: FileSource, parts: Parts<Sequential>, options: Options): Promise<Sequential> {
  const file = parseJson("model.json", bytes);
  const { modelTopology: described, weightsManifest, trainingConfig, format } = isRecord(file) ? file : {};
  if (format === "graph-model") throw new Error("loadModel: model.json holds a graph of operations; only models of layers can be loaded.");
  const config = isRecord(described) && isRecord(described.model_config) ? described.model_config : described;
  const topology = readTopology(withoutNulls(config), "modelTopology");
  topology.leaves.forEach(byOldRules);
  const tensors = await readShards(weightsManifest, source, options.shards);
  const training = trainingConfig ?? (isRecord(described) ? described.training_config : null);
  const compile = options.compile ? readCompile(training, "trainingConfig") : null;
  return assemble(
    foundModel(topology, compile, options),
    parts,
    layers => tfjsWeightsIn(tensors, leavesOf(layers), topology.leaves),
    () => null,
  );
}

function foundModel(
  { name, layers, inputShape }: Topology,
  compile: FoundModel["compile"],
  options: Options,
  preprocessing = {},
): FoundModel {
  const shape = options.inputShape ?? inputShape;
  if (shape?.some(length => length === null)) {
    const help = `Give it: loadModel(file, { inputShape: ${show(shape.map(length => length ?? 100))} }).`;
    throw new Error(`loadModel: the file leaves a length of the input's shape free: ${show([null, ...shape])}. ${help}`);
  }
  return { name, layers, inputShape: shape && checkShape("loadModel", "inputShape", shape), compile, preprocessing };
}
