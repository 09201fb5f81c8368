import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkArray, show } from "../options.js";
import { formatShape, sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface ReshapeOptions extends LayerOptions {
  /** of a sample; one of its axes may be -1, and has then what the others leave */
  targetShape: readonly number[];
}

/** y[targetShape] = x[...], the same numbers in the same order */
export class Reshape extends Layer<ReshapeOptions> {
  constructor(options: ReshapeOptions) {
    super("Reshape", options, { targetShape: [] });
    const shape = checkArray(this.name, "targetShape", options.targetShape) as number[];
    const isLength = (n: number) => Number.isSafeInteger(n) && (n > 0 || n === -1);
    if (shape.every(isLength) && shape.filter(n => n === -1).length <= 1) return;
    throw new Error(`${this.name}: targetShape must be positive integers, one of which may be -1, got ${show(shape)}.`);
  }

  protected build(inputShape: Shape): Shape {
    const { targetShape } = this.options;
    const size = sizeOf(inputShape);
    const known = sizeOf(targetShape.filter(n => n !== -1));
    if (targetShape.includes(-1) ? size % known === 0 : size === known) return targetShape.map(n => (n === -1 ? size / known : n));
    const given = formatShape([null, ...inputShape]);
    throw new Error(
      `${this.name}: ${size} numbers, of an input of shape ${given}, do not fit a targetShape of ${show(targetShape)}. The sizes must agree.`,
    );
  }

  record(_plan: Plan, x: View): Recorded {
    const y = reshaped(x, [x.shape[0], ...this.outputShape!]);
    return { y, backward: dy => reshaped(dy, x.shape) };
  }
}
