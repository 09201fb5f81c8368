import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkInteger } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface RepeatVectorOptions extends LayerOptions {
  /** how often */
  n: number;
}

/** y[n, features] = x[features], the same at each step */
export class RepeatVector extends Layer<RepeatVectorOptions> {
  constructor(options: RepeatVectorOptions) {
    super("RepeatVector", options, { n: 0 });
    checkInteger(this.name, "n", options.n);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 1, "features", "Add flatten() before it.");
    return [this.options.n, ...inputShape];
  }

  record(plan: Plan, x: View): Recorded {
    const [batch, features] = x.shape;
    const sizes = { n: features, times: this.options.n };
    const y = plan.tensor([batch, ...this.outputShape!], x.needsGradient);
    plan.call("repeat", { y, x, ...sizes }, { range: batch });
    return {
      y,
      backward(dy) {
        const dx = plan.tensor(x.shape);
        plan.call("repeatGrad", { dx, dy, ...sizes }, { range: batch });
        return dx;
      },
    };
  }
}
