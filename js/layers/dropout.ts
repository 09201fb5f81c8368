import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, checkSeed } from "../options.js";
import { sizeOf } from "../tensor.js";
import { checkNoiseFits, checkNoiseShape, type NoiseShape, recordKeep } from "./keep.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface DropoutOptions extends LayerOptions {
  /** the share of elements that become 0, from 0 to 1 */
  rate: number;
  /** the shape of the noise, batch included: with 1 for an axis, all along it is kept or dropped together; null is the input's own length */
  noiseShape?: NoiseShape;
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training y = x / (1 - rate) where the element is kept, else 0; in inference y = x */
export class Dropout extends Layer<DropoutOptions> {
  override readonly supportsMasking = true;

  constructor(options: DropoutOptions) {
    super("Dropout", options, { rate: 0, noiseShape: null, seed: null });
    checkNumber(this.name, "rate", options.rate, 0, 1);
    checkNoiseShape(this.name, this.options.noiseShape);
    checkSeed(this.name, this.options.seed);
  }

  protected build(inputShape: Shape): Shape {
    checkNoiseFits(this.name, this.options.noiseShape, inputShape);
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { rate, noiseShape, seed } = this.options;
    if (!plan.training || rate === 0) return { y: x, backward: dy => dy };
    if (noiseShape) {
      return recordKeep(plan, x, noiseShape, seed, { rate, scale: rate < 1 ? 1 / (1 - rate) : 0, shift: 0, dropped: 0 });
    }
    const y = plan.tensor(x.shape, x.needsGradient);
    const range = sizeOf(x.shape);
    const draw = plan.random(seed);
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
