import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface MaskingOptions extends LayerOptions {
  /** steps that hold nothing else are skipped; default 0 */
  maskValue?: number;
}

/** y = x for steps [..., features] that hold anything but maskValue; the others are 0, and layers behind skip them */
export class Masking extends Layer<MaskingOptions> {
  constructor(options: MaskingOptions = {}) {
    super("Masking", options, { maskValue: 0 });
    checkNumber(this.name, "maskValue", this.options.maskValue, Number.NEGATIVE_INFINITY);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 2, "steps, features", "Masking tells which steps of sequences count.");
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const n = x.shape.at(-1)!;
    const range = sizeOf(x.shape) / n;
    const y = plan.tensor(x.shape, x.needsGradient);
    const mask = plan.tensor(x.shape.slice(0, -1));
    y.mask = mask;
    plan.call("maskRows", { y, mask, x, n, value: Math.fround(this.options.maskValue) }, { range });
    return {
      y,
      backward(dy) {
        plan.call("multiplyRows", { y: dy, x: dy, factors: mask, n }, { range });
        return dy;
      },
    };
  }
}
