import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, checkSeed } from "../options.js";
import { sizeOf } from "../tensor.js";
import { checkRate } from "./keep.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface GaussianNoiseOptions extends LayerOptions {
  /** of the noise, from 0 to 1 */
  stddev: number;
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training y = x + a normal number of mean 0; in inference y = x */
export class GaussianNoise extends Layer<GaussianNoiseOptions> {
  override readonly supportsMasking = true;

  constructor(options: GaussianNoiseOptions) {
    super("GaussianNoise", options, { stddev: 0, seed: null });
    checkNumber(this.name, "stddev", options.stddev, 0, 1);
    checkSeed(this.name, this.options.seed);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { stddev, seed } = this.options;
    if (!plan.training || stddev === 0) return { y: x, backward: dy => dy };
    const y = plan.tensor(x.shape, x.needsGradient);
    plan.call("gaussianNoise", { y, x, ...plan.random(seed), relative: 0, absolute: stddev }, { range: sizeOf(x.shape) });
    return { y, backward: dy => dy };
  }
}

export interface GaussianDropoutOptions extends LayerOptions {
  /** at least 0 and below 1: the noise has the deviation √(rate / (1 - rate)) of a dropout of this rate */
  rate: number;
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training y = x · a normal number of mean 1; in inference y = x */
export class GaussianDropout extends Layer<GaussianDropoutOptions> {
  override readonly supportsMasking = true;

  constructor(options: GaussianDropoutOptions) {
    super("GaussianDropout", options, { rate: 0, seed: null });
    checkRate(this.name, options.rate);
    checkSeed(this.name, this.options.seed);
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { rate, seed } = this.options;
    if (!plan.training || rate === 0) return { y: x, backward: dy => dy };
    const y = plan.tensor(x.shape, x.needsGradient);
    const noise = { ...plan.random(seed), relative: Math.sqrt(rate / (1 - rate)), absolute: 0 };
    const range = sizeOf(x.shape);
    plan.call("gaussianNoise", { y, x, ...noise }, { range });
    return {
      y,
      backward(dy) {
        plan.call("gaussianNoise", { y: dy, x: dy, ...noise }, { range });
        return dy;
      },
    };
  }
}
