import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, checkSeed, show } from "../options.js";
import { sizeOf } from "../tensor.js";
import { drawn, type Factor, readFactor } from "./factor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface RandomContrastOptions extends LayerOptions {
  /** one number f from 0 to 1: contrasts of 1 to 1 + f, never lower ones, as in Keras 3; [l, h]: of 1 - l to 1 + h */
  factor: Factor;
  /** what the result is cut to; default [0, 255] */
  valueRange?: readonly [low: number, high: number];
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training y = (x - m) · c + m with the mean m of each image's channel, and a contrast c by lot for each image; in inference y = x */
export class RandomContrast extends Layer<RandomContrastOptions> {
  #bounds: [number, number];

  constructor(options: RandomContrastOptions) {
    super("RandomContrast", options, { factor: 0, valueRange: [0, 255], seed: null });
    const { factor, valueRange, seed } = this.options;
    const [low, high] = readFactor(this.name, "factor", options.factor);
    if (!Array.isArray(factor)) checkNumber(this.name, "factor", factor, 0, 1);
    this.#bounds = Array.isArray(factor) ? [1 - low, 1 + high] : [1, 1 + high];
    if (!Array.isArray(valueRange) || valueRange.length !== 2) {
      throw new Error(`${this.name}: valueRange must be [low, high], got ${show(valueRange)}.`);
    }
    for (const bound of valueRange) checkNumber(this.name, "valueRange", bound, Number.NEGATIVE_INFINITY);
    checkSeed(this.name, seed);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "Images are changed before flatten().");
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    if (!plan.training) return { y: x, backward: dy => dy };
    const [batch, height, width, channels] = x.shape;
    const [low, high] = this.options.valueRange;
    const draw = plan.random(this.options.seed);
    const contrast = (y: View, x: View, low: number, high: number) => {
      const factors = drawn(plan, draw, batch, this.#bounds);
      plan.call("contrast", { y, x, factors, pixels: height * width, channels, low, high }, { range: batch });
    };
    const y = plan.tensor(x.shape, x.needsGradient);
    contrast(y, x, low, high);
    return {
      y,
      backward(dy) {
        const range = sizeOf(x.shape);
        const dx = plan.tensor(x.shape);
        contrast(dx, x, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
        plan.call("rampGrad", { dx: dy, dy, y: dx, slope: 1, low: beyond(low, -1), high: beyond(high, 1) }, { range });
        contrast(dx, dy, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
        return dx;
      },
    };
  }
}

/** The next float32 below or above a bound, for a comparison that leaves the bound out. */
function beyond(bound: number, direction: number): number {
  return Math.fround(bound + direction * (Math.abs(bound) * 2 ** -23 + 2 ** -126));
}
