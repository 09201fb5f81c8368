// Where Keras 3 keeps a layer's numbers in an HDF5 file: by the names of attributes in Python. https://keras.io/api/models/model_saving_apis

import type { Layer } from "../../layers/layer.js";
import type { Weight } from "../../layers/weight.js";

/** layers whose weights belong to the cell that they go from step to step with */
const CELLS = ["SimpleRNN", "LSTM", "GRU"];

/** what layers call those inside them */
const INNER: Record<string, readonly string[]> = { Bidirectional: ["forward_layer", "backward_layer"] };

/** The groups below a layer's own, with the weights that they hold as "0", "1", ... */
export function groupsOf(layer: Layer): [path: string, weights: Weight[]][] {
  const own = CELLS.includes(layer.className) ? "cell/vars" : "vars";
  const names = INNER[layer.className] ?? [];
  const inner = layer.inner.flatMap((part, i) =>
    groupsOf(part).map(([path, weights]): [string, Weight[]] => [`${names[i] ?? "layer"}/${path}`, weights]),
  );
  return [[own, layer.ownWeights], ...inner];
}
