import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { Layer } from "./layer.js";

/**
 * Records layers one behind the other; returns the last output, and the way back through all of them.
 * @param within what stands before the layers' names as owners of calls: the model that they are in, when it is a layer of another
 * @param onOutput sees each layer's output
 */
export function recordChain(plan: Plan, layers: readonly Layer[], x: View, within = "", onOutput?: (y: View) => void): Recorded {
  const recorded: Recorded[] = [];
  let y = x;
  for (const layer of layers) {
    plan.owner = within + layer.name;
    recorded.push(layer.apply(plan, y));
    y = recorded.at(-1)!.y;
    onOutput?.(y);
  }
  return {
    y,
    backward: dy => {
      let gradient: View | null = dy;
      for (let i = layers.length - 1; i >= 0 && gradient && recorded[i].y.needsGradient; i--) {
        plan.owner = within + layers[i].name;
        gradient = recorded[i].backward(gradient);
      }
      return gradient;
    },
  };
}
