import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import {
  type CausalPadding,
  checkPadding,
  checkSizes,
  imageShape,
  type Length,
  type Padding,
  type Pair,
  placeWindow,
  type Rank,
  shapeOf,
  type Window,
} from "./window.js";

interface PoolingOptions<Size = unknown, P = CausalPadding> extends LayerOptions {
  /** length, or height and width, of the window; of the largest by default 2 */
  poolSize?: Size;
  /** default: poolSize */
  strides?: Size | null;
  /** default "valid" */
  padding?: P;
}

export type MaxPooling2DOptions = PoolingOptions<Pair, Padding>;
export type MaxPooling1DOptions = PoolingOptions<Length, Padding>;
export type AveragePooling2DOptions = MaxPooling2DOptions & { poolSize: Pair };
export type AveragePooling1DOptions = MaxPooling1DOptions & { poolSize: Length };

/** y[..., channels]: one number for each window of x[..., channels], over one axis or two */
abstract class Pooling extends Layer<PoolingOptions> {
  readonly #rank: Rank;
  readonly #window: Window;

  constructor(className: string, rank: Rank, options: PoolingOptions) {
    super(className, options, { poolSize: 2, strides: null, padding: "valid" });
    const { poolSize, strides, padding } = this.options;
    const size = checkSizes(this.name, "poolSize", poolSize, rank);
    const stride = strides === null ? size : checkSizes(this.name, "strides", strides, rank);
    this.#rank = rank;
    this.#window = { size, stride, dilation: [1, 1], padding: checkPadding(this.name, padding) };
  }

  #place(shape: Shape) {
    return placeWindow(this.name, this.#window, imageShape(shape, this.#rank), this.#rank, "window", "A smaller poolSize does.");
  }

  protected build(inputShape: Shape): Shape {
    const names = this.#rank === 1 ? "steps, channels" : "height, width, channels";
    this.checkRank(inputShape, this.#rank + 1, names, "Pooling belongs between convolutions, before flatten().");
    const { outHeight, outWidth } = this.#place(inputShape);
    return shapeOf([outHeight, outWidth, inputShape.at(-1)!], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const { size, stride } = this.#window;
    const sizes = {
      ...{ ...this.#place(this.inputShape!), channels: x.shape.at(-1)!, poolHeight: size[0], poolWidth: size[1] },
      ...{ strideHeight: stride[0], strideWidth: stride[1] },
    };
    const y = plan.tensor([x.shape[0], ...this.outputShape!], x.needsGradient);
    return { y, backward: this.pool(plan, y, x, sizes) };
  }

  /** Records the pooling; returns how to record the way back. */
  protected abstract pool(plan: Plan, y: View, x: View, sizes: PoolSizes): (dy: View) => View;
}

interface PoolSizes {
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  poolHeight: number;
  poolWidth: number;
  strideHeight: number;
  strideWidth: number;
  padTop: number;
  padLeft: number;
}

class MaxPooling extends Pooling {
  protected pool(plan: Plan, y: View, x: View, sizes: PoolSizes) {
    const range = x.shape[0];
    plan.call("maxPool2d", { y, x, ...sizes }, { range });
    return (dy: View) => {
      const dx = plan.tensor(x.shape);
      if (x.rectified) {
        // A maximum of a relu is 0 where all of its window are: a quarter of the numbers tells the same as all of them.
        plan.call("reluGrad", { dx: dy, dy, y }, { range: sizeOf(y.shape) });
        dx.ofLogits = true;
      }
      plan.call("maxPool2dGrad", { dx, dy, x, y, ...sizes }, { range });
      return dx;
    };
  }
}

/** Padding does not count. */
class AveragePooling extends Pooling {
  constructor(className: string, rank: Rank, options: PoolingOptions) {
    super(className, rank, options);
    checkSizes(this.name, "poolSize", options.poolSize, rank);
  }

  protected pool(plan: Plan, y: View, x: View, sizes: PoolSizes) {
    const batch = x.shape[0];
    plan.call("averagePool2d", { y, x, ...sizes }, { range: batch * sizes.outHeight });
    return (dy: View) => {
      const dx = plan.tensor(x.shape);
      plan.call("averagePool2dGrad", { dx, dy, ...sizes }, { range: batch * sizes.height });
      return dx;
    };
  }
}

export class MaxPooling2D extends MaxPooling {
  constructor(options: MaxPooling2DOptions = {}) {
    super("MaxPooling2D", 2, options);
  }
}

export class MaxPooling1D extends MaxPooling {
  constructor(options: MaxPooling1DOptions = {}) {
    super("MaxPooling1D", 1, options);
  }
}

export class AveragePooling2D extends AveragePooling {
  constructor(options: AveragePooling2DOptions) {
    super("AveragePooling2D", 2, options);
  }
}

export class AveragePooling1D extends AveragePooling {
  constructor(options: AveragePooling1DOptions) {
    super("AveragePooling1D", 1, options);
  }
}
