// Where Keras 3 keeps a layer's numbers in an HDF5 file: by the names of attributes in Python. https://keras.io/api/models/model_saving_apis

import { type Layer, snakeClass } from "../../layers/layer.js";
import type { Weight } from "../../layers/weight.js";

/** layers whose weights belong to the cell that they go from step to step with */
const CELLS = ["SimpleRNN", "LSTM", "GRU"];

/** what layers call those inside them */
const INNER: Record<string, readonly string[]> = { Bidirectional: ["forward_layer", "backward_layer"] };

/** Keras's names for a model's layers: the class in snake_case, and a number from the second one on. */
export function groupNames(layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ className }) => {
    const snake = snakeClass(className);
    const count = counts.get(snake) ?? 0;
    counts.set(snake, count + 1);
    return count === 0 ? snake : `${snake}_${count}`;
  });
}

/** The layers, and in place of each model among them those inside it, once built. */
export function leavesOf(layers: readonly Layer[]): Layer[] {
  return layers.flatMap(layer => (layer.className === "Sequential" ? leavesOf(layer.inner) : [layer]));
}

/** The groups below a layer's own, with the weights that they hold as "0", "1", ... */
export function groupsOf(layer: Layer): [path: string, weights: Weight[]][] {
  const own: [string, Weight[]][] = CELLS.includes(layer.className)
    ? [
        ["vars", []],
        ["cell/vars", layer.ownWeights],
      ]
    : [["vars", layer.ownWeights]];
  const names = layer.className === "Sequential" ? groupNames(layer.inner).map(name => `layers/${name}`) : (INNER[layer.className] ?? []);
  const inner = layer.inner.flatMap((part, i) =>
    groupsOf(part).map(([path, weights]): [string, Weight[]] => [`${names[i] ?? "layer"}/${path}`, weights]),
  );
  return [...own, ...inner];
}
