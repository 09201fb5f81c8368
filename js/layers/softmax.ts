import { type Activation, softmax } from "../activations/index.js";
import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { show } from "../options.js";
import { sizeOf } from "../tensor.js";
import { axesAlong, checkAxes } from "./axes.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { inverse, MOST_AXES, recordPermuted } from "./permute.js";

export interface SoftmaxOptions extends LayerOptions {
  /** the axis, or axes, whose elements add up to 1, the batch being axis 0; default -1 */
  axis?: number | readonly number[];
}

/** y = e^x / Σ e^x along `axis`. A mask of steps goes on to the layers behind, as behind the activation function; the sum leaves nothing out. */
export class Softmax extends Layer<SoftmaxOptions> {
  override readonly supportsMasking = true;
  readonly #activation: Activation = softmax();
  /** the axes of a batch, those of the sum last */
  #order: number[] = [];
  #summed = 0;

  constructor(options: SoftmaxOptions = {}) {
    super("Softmax", options, { axis: -1 });
    checkAxes(this.name, this.options.axis);
  }

  protected build(inputShape: Shape): Shape {
    const along = axesAlong(this.name, this.options.axis, inputShape);
    const axes = along.map((_, axis) => axis);
    this.#order = [...axes.filter(axis => !along[axis]), ...axes.filter(axis => along[axis])];
    if (inputShape.length > MOST_AXES && this.#order.some((axis, i) => axis !== i)) {
      throw new Error(`${this.name}: of an input of over ${MOST_AXES} axes, axis must name the last ones, got ${show(this.options.axis)}.`);
    }
    this.#summed = sizeOf(inputShape.filter((_, i) => along[i + 1]));
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const isInOrder = this.#order.every((axis, i) => axis === i);
    if (isInOrder && this.#summed === x.shape.at(-1)) return this.#activation.record(plan, x, "apart");
    const apart = isInOrder ? x : recordPermuted(plan, x, this.#order);
    const rows = [sizeOf(x.shape) / this.#summed, this.#summed];
    const { y, backward } = this.#activation.record(plan, reshaped(apart, rows), "apart");
    const whole = reshaped(y, apart.shape);
    return {
      y: isInOrder ? reshaped(y, x.shape) : recordPermuted(plan, whole, inverse(this.#order)),
      backward: dy => {
        const dx = reshaped(backward(reshaped(isInOrder ? dy : recordPermuted(plan, dy, this.#order), rows))!, apart.shape);
        return isInOrder ? dx : recordPermuted(plan, dx, inverse(this.#order));
      },
    };
  }
}
