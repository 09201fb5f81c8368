import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkSeed } from "../options.js";
import { checkNoiseFits, checkNoiseShape, checkRate, type NoiseShape, recordKeep } from "./keep.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface AlphaDropoutOptions extends LayerOptions {
  /** the share of elements that are dropped, at least 0 and below 1 */
  rate: number;
  /** the shape of the noise, batch included: with 1 for an axis, all along it is kept or dropped together; null is the input's own length */
  noiseShape?: NoiseShape;
  /** default: from the model's seed */
  seed?: number | null;
}

/** where selu levels off: -scale · alpha (Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017) */
const SATURATION = -1.6732632423543772 * 1.0507009873554805;

/** In training y = a · (x where the element is kept, else selu's lowest value) + b, so that mean 0 and variance 1 stay; in inference y = x */
export class AlphaDropout extends Layer<AlphaDropoutOptions> {
  override readonly supportsMasking = true;

  constructor(options: AlphaDropoutOptions) {
    super("AlphaDropout", options, { rate: 0, noiseShape: null, seed: null });
    checkRate(this.name, options.rate);
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
    const a = ((1 - rate) * (1 + rate * SATURATION ** 2)) ** -0.5;
    const b = -a * SATURATION * rate;
    return recordKeep(plan, x, noiseShape, seed, { rate, scale: a, shift: b, dropped: a * SATURATION + b });
  }
}
