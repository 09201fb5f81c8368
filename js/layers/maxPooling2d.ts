import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkPair } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { checkPadding, type Padding, windowAxis } from "./window.js";

export interface MaxPooling2DOptions extends LayerOptions {
  /** height and width of the window; default 2 */
  poolSize?: number | [number, number];
  /** default: poolSize */
  strides?: number | [number, number] | null;
  /** default "valid" */
  padding?: Padding;
}

/** y[outHeight, outWidth, channels]: the largest of each window of x[height, width, channels] */
export class MaxPooling2D extends Layer<MaxPooling2DOptions> {
  #pool: [number, number];
  #stride: [number, number];

  constructor(options: MaxPooling2DOptions = {}) {
    super("MaxPooling2D", options, { poolSize: 2, strides: null, padding: "valid" });
    this.#pool = checkPair(this.name, "poolSize", this.options.poolSize);
    this.#stride = this.options.strides === null ? this.#pool : checkPair(this.name, "strides", this.options.strides);
    checkPadding(this.name, this.options.padding);
  }

  #axes(inputShape: Shape) {
    return [0, 1].map(axis => windowAxis(inputShape[axis], this.#pool[axis], this.#stride[axis], 1, this.options.padding));
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "Pooling belongs between convolutions, before flatten().");
    const [rows, columns] = this.#axes(inputShape);
    if (rows.out < 1 || columns.out < 1) {
      const window = this.#pool.join("x");
      throw new Error(
        `${this.name}: a ${window} window does not fit into an input of ${inputShape[0]}x${inputShape[1]}. A smaller poolSize does.`,
      );
    }
    return [rows.out, columns.out, inputShape[2]];
  }

  record(plan: Plan, x: View): Recorded {
    const [batch, height, width, channels] = x.shape;
    const [rows, columns] = this.#axes(x.shape.slice(1));
    const [poolHeight, poolWidth] = this.#pool;
    const [strideHeight, strideWidth] = this.#stride;
    const y = plan.tensor([batch, rows.out, columns.out, channels], x.needsGradient);
    const sizes = {
      ...{ height, width, channels, outHeight: rows.out, outWidth: columns.out, poolHeight, poolWidth },
      ...{ strideHeight, strideWidth, padTop: rows.pad, padLeft: columns.pad },
    };
    plan.call("maxPool2d", { y, x, ...sizes }, { range: batch });
    return {
      y,
      backward(dy) {
        const dx = plan.tensor(x.shape);
        if (x.rectified) {
          // A maximum of a relu is 0 where all of its window are: a quarter of the numbers tells the same as all of them.
          plan.call("reluGrad", { dx: dy, dy, y }, { range: sizeOf(y.shape) });
          dx.ofLogits = true;
        }
        plan.call("maxPool2dGrad", { dx, dy, x, y, ...sizes }, { range: batch });
        return dx;
      },
    };
  }
}
