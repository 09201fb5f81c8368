// Keras 3 has one hard_sigmoid, clip(x / 6 + ½). The one of Keras 2 and tfjs, of slope 0.2, goes into its files as a model of two layers that is called like
// any function: scale · x + ½, then cut off. Keras 3.15 opens it; 3.6 and before take no activation with options of its own, and say so.

import { isRecord, type Json } from "../json.js";

const NAME = "hard_sigmoid";

/** What stands in a file for one of another slope. */
export const hardSigmoid = (slope: number): Record<string, Json> => ({
  ...{ module: "keras", class_name: "Sequential", registered_name: null },
  config: {
    name: NAME,
    layers: [layer("Rescaling", { scale: slope, offset: 0.5 }), layer("ReLU", { max_value: 1, negative_slope: 0, threshold: 0 })],
  },
});

const layer = (className: string, config: Record<string, Json>): Record<string, Json> => ({
  ...{ module: "keras.layers", class_name: className, registered_name: null, config },
});

/** The slope, if it is what stands for one; Keras writes an input layer and more options when it saves it again. */
export function hardSigmoidSlope(value: Json): number | null {
  if (!isRecord(value) || value.class_name !== "Sequential" || !isRecord(value.config)) return null;
  const { name, layers } = value.config;
  const all = (Array.isArray(layers) ? layers : []).filter(layer => !isRecord(layer) || layer.class_name !== "InputLayer");
  const [scaled, cut] = all.map(layer => (isRecord(layer) && isRecord(layer.config) ? layer.config : {}));
  const isOne = name === NAME && all.length === 2 && scaled.offset === 0.5 && cut.max_value === 1 && !cut.negative_slope && !cut.threshold;
  return isOne && typeof scaled.scale === "number" ? scaled.scale : null;
}
