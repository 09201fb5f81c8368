import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, checkSeed } from "../options.js";
import { recordKeep } from "./keep.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface SpatialDropoutOptions extends LayerOptions {
  /** the share of feature maps that become 0, from 0 to 1 */
  rate: number;
  /** default: from the model's seed */
  seed?: number | null;
}

/** Dropout of whole feature maps: a sample's channel is kept or dropped at all of its steps or pixels. */
abstract class SpatialDropout extends Layer<SpatialDropoutOptions> {
  override readonly supportsMasking = true;

  constructor(className: string, options: SpatialDropoutOptions) {
    super(className, options, { rate: 0, seed: null });
    checkNumber(this.name, "rate", options.rate, 0, 1);
    checkSeed(this.name, this.options.seed);
  }

  record(plan: Plan, x: View): Recorded {
    const { rate, seed } = this.options;
    if (!plan.training || rate === 0) return { y: x, backward: dy => dy };
    const noiseShape = x.shape.map((_, axis) => (axis === 0 || axis === x.shape.length - 1 ? null : 1));
    return recordKeep(plan, x, noiseShape, seed, { rate, scale: rate < 1 ? 1 / (1 - rate) : 0, shift: 0, dropped: 0 });
  }
}

/** y[steps, channels] = x[steps, channels] / (1 - rate) where the channel is kept, else 0; in inference y = x */
export class SpatialDropout1D extends SpatialDropout {
  constructor(options: SpatialDropoutOptions) {
    super("SpatialDropout1D", options);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 2, "steps, channels", "dropout() takes every shape.");
    return inputShape;
  }
}

/** y[height, width, channels] = x[height, width, channels] / (1 - rate) where the channel is kept, else 0; in inference y = x */
export class SpatialDropout2D extends SpatialDropout {
  constructor(options: SpatialDropoutOptions) {
    super("SpatialDropout2D", options);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "dropout() takes every shape.");
    return inputShape;
  }
}
