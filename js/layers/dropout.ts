import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, checkSeed } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface DropoutOptions extends LayerOptions {
  /** the share of elements that become 0, from 0 to 1 */
  rate: number;
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training y = x / (1 - rate) where the element is kept, else 0; in inference y = x */
export class Dropout extends Layer<DropoutOptions> {
  override readonly supportsMasking = true;
  constructor(options: DropoutOptions) {
    super("Dropout", options, { rate: 0, seed: null });
    checkNumber(this.name, "rate", options.rate, 0, 1);
    checkSeed(this.name, this.options.seed);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { rate } = this.options;
    if (!plan.training || rate === 0) return { y: x, backward: dy => dy };
    const y = plan.tensor(x.shape, x.needsGradient);
    const range = sizeOf(x.shape);
    const draw = plan.random(this.options.seed);
    plan.call("dropout", { y, x, ...draw, rate }, { range });
    return {
      y,
      backward(dy) {
        plan.call("dropout", { y: dy, x: dy, ...draw, rate }, { range });
        return dy;
      },
    };
  }
}
