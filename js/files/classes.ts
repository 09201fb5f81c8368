import { classes } from "../layers/index.js";
import { Layer } from "../layers/layer.js";
import { show } from "../options.js";
import type { LayerClass } from "./model.js";

/** Every layer that a file may hold, by the name of its class there: ours, and the user's own. @throws for one of the latter that is none */
export function allClasses(where: string, customLayers: Record<string, LayerClass>): Record<string, LayerClass> {
  for (const [name, given] of Object.entries(customLayers)) {
    if (given?.prototype instanceof Layer) continue;
    throw new Error(`${where}: customLayers: ${name} must be a class that extends Layer, got ${show(given)}.`);
  }
  return { ...classes, ...customLayers };
}
