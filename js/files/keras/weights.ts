import type { Layer } from "../../layers/layer.js";
import type { Weight } from "../../layers/weight.js";
import type { Model } from "../../model/model.js";
import type { OptimizerState } from "../../model/trainer.js";
import { nextSeed } from "../../random.js";
import { checkTensor, type Tensor } from "../../tensor.js";
import type { Group } from "./hdf5.js";
import { variablesOf } from "./optimizer.js";
import { groupNames, groupsOf } from "./paths.js";

/** a layer's place in a file, for messages, and its group */
interface Place {
  place: string;
  path: string;
}

/** The numbers of built layers in a Keras 3 file. @throws where some are missing, or of another shape */
export function weightsIn(root: Group, layers: readonly Layer[], places: readonly Place[]): [Weight, Tensor][] {
  // Keras 2.12 to 2.15 wrote such files under another name
  const top = root.group("layers") ? "layers" : "_layer_checkpoint_dependencies";
  return layers.flatMap((layer, i) => {
    const { place, path } = places[i];
    return groupsOf(layer).flatMap(([below, weights]) => {
      const where = `${path.replace(/^layers/, top)}/${below}`;
      const names = weights.length === 0 ? [] : (root.group(where)?.names ?? []);
      if (names.length !== weights.length) {
        throw new Error(`loadModel: ${place} has ${weights.length} weights, but the file ${names.length} in ${where}.`);
      }
      return weights.map((weight, k): [Weight, Tensor] => {
        const tensor = root.tensor(`${where}/${k}`);
        checkTensor(`loadModel: ${place}: ${weight.name}`, tensor, weight.shape);
        return [weight, tensor];
      });
    });
  });
}

/** Where Keras keeps a model's layers: the class in snake_case, and a number from the second one on. */
export function placesOf(layers: readonly Layer[]): Place[] {
  const names = groupNames(layers);
  return layers.map(({ name }, i) => ({ place: name, path: `layers/${names[i]}` }));
}

/** What a compiled model's optimizer remembers, from a Keras 3 file; null where it has not begun. */
export function readState(root: Group, model: Model, seed: number | null): OptimizerState | null {
  const group = root.group("optimizer/vars");
  if (!group || group.names.length === 0) return null;
  return stateFrom(i => group.tensor(String(i)), group.names.length, model, seed);
}

/** @param variable the optimizer's variables by number: an update's number, the rate, what it remembers of each weight */
export function stateFrom(variable: (i: number) => Tensor, count: number, model: Model, seed: number | null): OptimizerState | null {
  const iterations = variable(0).data[0];
  if (!(iterations > 0)) return null;
  const trained = model.layers.flatMap(layer => layer.trainedWeights.map(([path]) => path));
  const trainable = model.layers.flatMap(layer => layer.namedWeights.filter(([, weight]) => weight.trainable));
  const shapes = new Map(trainable.map(([path, weight]) => [path, weight.shape.join()]));
  const pathOf = (name: string) => name.slice(name.indexOf("/") + 1);
  // Keras 3.0 has some for layers that are frozen, too
  const all = [trained, [...shapes.keys()]].flatMap(paths => [false, true].map(isOld => variablesOf(model.optimizer, paths, isOld)));
  // Keras 2 has no learning rate among them
  const orders = [...all, ...all.map(names => names.filter(name => name !== "learning_rate"))];
  const fits = (names: string[]) => names.every((name, i) => variable(i).shape.join() === (shapes.get(pathOf(name)) ?? ""));
  const order = orders.find(names => names.length === count && fits(names));
  if (!order) {
    console.warn(
      `loadModel: the file's ${count} variables of the optimizer are not those of ${model.optimizer.className} here: it starts anew.`,
    );
    return null;
  }
  const tensors: Record<string, Tensor> = {};
  for (const [i, name] of order.entries()) {
    if (name === "learning_rate") followRate(model, variable(i).data[0]);
    else if (trained.includes(pathOf(name))) tensors[name] = variable(i);
  }
  return { iterations, seed: seed ?? nextSeed(), tensors };
}

/** Callbacks change the rate: then it is not the one in the description. */
function followRate({ optimizer }: Model, rate: number): void {
  if (Math.fround(optimizer.learningRate as number) !== rate) optimizer.learningRate = rate;
}
