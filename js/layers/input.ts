import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkInteger } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface InputOptions extends LayerOptions {
  /** of one sample */
  shape: readonly number[];
}

/** Says what the first layer gets; computes nothing. */
export class Input extends Layer<InputOptions> {
  constructor(options: InputOptions) {
    super("InputLayer", options, { shape: [] });
    if (!Array.isArray(options.shape))
      throw new Error(`${this.name}: shape must be an array of lengths, got ${JSON.stringify(options.shape)}.`);
    for (const length of options.shape) checkInteger(this.name, "shape", length);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(_plan: Plan, x: View): Recorded {
    return { y: x, backward: dy => dy };
  }
}
