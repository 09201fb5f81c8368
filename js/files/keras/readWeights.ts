import type { Sequential } from "../../model/sequential.js";
import { type FileSource, formatOf } from "../bytes.js";
import { bufferOf, openArchive } from "./archive.js";
import { openHdf5 } from "./hdf5.js";
import { groupsInOrder, legacyWeightsIn } from "./legacy.js";
import { isOurs } from "./read.js";
import { placesOf, readState, weightsIn } from "./weights.js";

/** Gives a built model the weights of a Keras file, and a compiled one what the optimizer remembers there. */
export function readKerasWeights(model: Sequential, bytes: Uint8Array, source: FileSource): void {
  const own = isOurs(bytes, source);
  const root = openHdf5(formatOf(bytes) === "keras" ? openArchive(bytes, own).weights : bufferOf(bytes, own));
  const { layers } = model;
  const isNew = root.group("layers") ?? root.group("_layer_checkpoint_dependencies");
  const tensors = new Map(isNew ? weightsIn(root, layers, placesOf(layers)) : legacyWeightsIn(root, layers, groupsInOrder(root, layers)));
  const state = isNew && model.getConfig().compile ? readState(root, model, null) : null;
  model.setWeights(layers.flatMap(layer => layer.weights).map(weight => tensors.get(weight)!));
  if (state) model.setOptimizerState(state);
}
