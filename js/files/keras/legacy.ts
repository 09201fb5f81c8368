// Keras 2's whole-model .h5 files: descriptions in attributes, and weights by layer in the order of a list of names.

import type { Layer } from "../../layers/layer.js";
import type { Weight } from "../../layers/weight.js";
import type { Model } from "../../model/model.js";
import type { OptimizerState } from "../../model/trainer.js";
import { checkTensor, type Tensor } from "../../tensor.js";
import { parseJson } from "../json.js";
import type { Group } from "./hdf5.js";
import type { KerasLayer } from "./topology.js";
import { stateFrom } from "./weights.js";

/** A description in an attribute of the root; null where there is none. */
export function description(root: Group, attribute: string): unknown {
  const [text] = root.texts(attribute) ?? [];
  return text === undefined ? null : parseJson(attribute, text);
}

/** A list that is cut into pieces where it does not fit into one attribute. */
function namesIn(group: Group, attribute: string): string[] {
  const whole = group.texts(attribute);
  if (whole) return whole;
  const names: string[] = [];
  for (let i = 0; ; i++) {
    const piece = group.texts(`${attribute}${i}`);
    if (!piece) return names;
    names.push(...piece);
  }
}

/** The numbers of built layers that lists name. @throws where some are missing, or of another shape */
export function legacyWeightsIn(root: Group, layers: readonly Layer[], found: readonly KerasGroup[]): [Weight, Tensor][] {
  const all = weightGroups(root);
  const tensorsOf = (name: string): [string, Tensor][] => {
    const group = all.group(name);
    return group ? namesIn(group, "weight_names").map(path => [path, group.tensor(path)]) : [];
  };
  return weightsInOrder(layers, found, tensorsOf);
}

/** Whole models have them in a group of its own, `save_weights` of Keras 2 at the root. */
const weightGroups = (root: Group): Group => root.group("model_weights") ?? root;

/** Which group belongs to which layer, by the order of those that have weights. */
export function groupsInOrder(root: Group, layers: readonly Layer[]): KerasGroup[] {
  const all = weightGroups(root);
  const names = namesIn(all, "layer_names").filter(name => namesIn(all.group(name) ?? all, "weight_names").length > 0);
  return layers.map(layer => {
    const group = layer.weights.length > 0 ? (names.shift() ?? layer.name) : layer.name;
    return { place: layer.name, group, isNested: layer.className === "Sequential", isThawed: layer.trainable };
  });
}

type KerasGroup = Pick<KerasLayer, "place" | "group" | "isNested" | "isThawed">;

/** @param tensorsOf what a file has for an outermost layer, by its name */
export function weightsInOrder(
  layers: readonly Layer[],
  found: readonly KerasGroup[],
  tensorsOf: (group: string) => [string, Tensor][],
): [Weight, Tensor][] {
  return [...new Set(found.map(layer => layer.group))].flatMap(group => {
    const own = found.flatMap((layer, i) => (layer.group === group ? [{ ...layer, layer: layers[i] }] : []));
    const weights = inOrder(own);
    const tensors = weights.length === 0 ? [] : tensorsOf(group);
    if (tensors.length !== weights.length) {
      throw new Error(`loadModel: ${own[0].place} has ${weights.length} weights, but the file ${tensors.length} for ${group}.`);
    }
    return weights.map((weight, i): [Weight, Tensor] => {
      const [path, tensor] = tensors[i];
      checkTensor(`loadModel: ${own[0].place}: ${path}`, tensor, weight.shape);
      return [weight, tensor];
    });
  });
}

/** The weights of a layer, or of the layers of a model inside the model: those that are trained first, if the model is. */
function inOrder(parts: readonly (KerasGroup & { layer: Layer })[]): Weight[] {
  const all = parts.flatMap(({ layer }) => layer.weights);
  if (!parts.some(({ isNested, isThawed }) => isNested && isThawed)) return all;
  const trained = parts.flatMap(({ layer }) => layer.trainedWeights.map(([, weight]) => weight));
  return [...trained, ...all.filter(weight => !trained.includes(weight))];
}

/** What the optimizer remembers. */
export function readLegacyState(root: Group, model: Model): OptimizerState | null {
  const group = root.group("optimizer_weights");
  const names = group ? namesIn(group, "weight_names") : [];
  if (!group || names.length === 0) return null;
  return stateFrom(i => group.tensor(names[i]), names.length, model, null);
}
