import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkShape } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface InputOptions extends LayerOptions {
  /** of one sample */
  shape: readonly number[];
}

/** Says what the first layer gets; computes nothing. */
export class Input extends Layer<InputOptions> {
  override readonly supportsMasking = true;
  constructor(options: InputOptions) {
    super("InputLayer", options, { shape: [] });
    checkShape(this.name, "shape", options.shape);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(_plan: Plan, x: View): Recorded {
    return { y: x, backward: dy => dy };
  }
}
