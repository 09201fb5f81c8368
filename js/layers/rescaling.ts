import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber, show } from "../options.js";
import { formatShape } from "../tensor.js";
import { recordScaleShift } from "./broadcast.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface RescalingOptions extends LayerOptions {
  /** for all of the input, or a number for each element of its last axis */
  scale: number | readonly number[];
  /** default 0; as scale */
  offset?: number | readonly number[];
}

/** y = x · scale + offset, in training and in inference: 1 / 255 makes pixels numbers from 0 to 1 */
export class Rescaling extends Layer<RescalingOptions> {
  override readonly supportsMasking = true;

  constructor(options: RescalingOptions) {
    super("Rescaling", options, { scale: 1, offset: 0 });
    for (const key of ["scale", "offset"] as const) {
      const value = key === "scale" ? options.scale : this.options.offset;
      for (const number of Array.isArray(value) ? value : [value]) checkNumber(this.name, key, number, Number.NEGATIVE_INFINITY);
    }
  }

  protected build(inputShape: Shape): Shape {
    for (const key of ["scale", "offset"] as const) {
      const value = this.options[key];
      if (!Array.isArray(value) || (inputShape.length > 0 && [1, inputShape.at(-1)].includes(value.length))) continue;
      const shape = formatShape([null, ...inputShape]);
      throw new Error(`${this.name}: ${key} ${show(value)} does not fit the last axis of an input of shape ${shape}. One number fits all.`);
    }
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const [scales, offsets] = [this.options.scale, this.options.offset].map(value => [value].flat() as number[]);
    const length = Math.max(scales.length, offsets.length);
    const along = x.shape.map((_, axis) => axis === x.shape.length - 1 && length > 1);
    const operand = (values: number[]) => plan.constant(Array.from({ length }, (_, i) => values[i % values.length]));
    const scale = operand(scales);
    const y = plan.tensor(x.shape, x.needsGradient);
    recordScaleShift(plan, y, x, { scale, shift: offsets.some(offset => offset !== 0) ? operand(offsets) : null }, along);
    return {
      y,
      backward(dy) {
        recordScaleShift(plan, dy, dy, { scale }, along);
        return dy;
      },
    };
  }
}
