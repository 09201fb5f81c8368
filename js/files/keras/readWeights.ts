import type { Model } from "../../model/model.js";
import { type FileSource, formatOf } from "../bytes.js";
import { bufferOf, isOurs, openArchive } from "./archive.js";
import { openHdf5 } from "./hdf5.js";
import { groupsInOrder, legacyWeightsIn } from "./legacy.js";
import { ownSettings } from "./metadata.js";
import { placesOf, readState, weightsIn } from "./weights.js";

/** Gives a built model the weights of a Keras file, and what else it keeps there: a compiled one what the optimizer remembers. */
export function readKerasWeights(model: Model, bytes: Uint8Array, source: FileSource): void {
  const own = isOurs(bytes, source);
  const archive = formatOf(bytes) === "keras" ? openArchive(bytes, own) : null;
  const root = openHdf5(archive ? archive.weights : bufferOf(bytes, own));
  const { seed, preprocessing } = ownSettings(archive?.metadata);
  const { layers } = model;
  const isNew = root.group("layers") ?? root.group("_layer_checkpoint_dependencies");
  const tensors = new Map(isNew ? weightsIn(root, layers, placesOf(layers)) : legacyWeightsIn(root, layers, groupsInOrder(root, layers)));
  const state = isNew && model.getConfig().compile ? readState(root, model, seed) : null;
  model.setWeights(layers.flatMap(layer => layer.weights).map(weight => tensors.get(weight)!));
  if (state) model.setOptimizerState(state);
  if (Object.keys(preprocessing).length > 0) model.preprocessing = preprocessing;
}
