import type { ActivationLike } from "../activations/index.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface ActivationOptions extends LayerOptions {
  activation: ActivationLike;
}

/** y = activation(x), element by element, or along the last axis for softmax */
export class ActivationLayer extends Layer<ActivationOptions> {
  override readonly supportsMasking = true;
  constructor(options: ActivationOptions) {
    super("Activation", options, { activation: null });
    if (options.activation === undefined) throw new Error(`${this.name}: activation is missing, such as "relu".`);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    return this.options.activation.record(plan, x, "apart");
  }
}
