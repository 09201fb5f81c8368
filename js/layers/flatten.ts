import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

/** y[size] = x[...], the same numbers in one row */
export class Flatten extends Layer {
  constructor(options: LayerOptions = {}) {
    super("Flatten", options, {});
  }

  protected build(inputShape: Shape): Shape {
    return [sizeOf(inputShape)];
  }

  record(_plan: Plan, x: View): Recorded {
    const y = reshaped(x, [x.shape[0], sizeOf(x.shape.slice(1))]);
    return { y, backward: dy => reshaped(dy, x.shape) };
  }
}
