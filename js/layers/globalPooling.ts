import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkBoolean } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import type { Rank } from "./window.js";

export interface GlobalPoolingOptions extends LayerOptions {
  /** whether the axes that are pooled stay, of length 1; default false */
  keepdims?: boolean;
}

/** y[channels]: one number for each channel of x[..., channels], over one axis or two */
abstract class GlobalPooling extends Layer<GlobalPoolingOptions> {
  readonly #rank: Rank;

  constructor(className: string, rank: Rank, options: GlobalPoolingOptions = {}) {
    super(className, options, { keepdims: false });
    checkBoolean(this.name, "keepdims", this.options.keepdims);
    this.#rank = rank;
  }

  protected build(inputShape: Shape): Shape {
    const names = this.#rank === 1 ? "steps, channels" : "height, width, channels";
    this.checkRank(inputShape, this.#rank + 1, names, "Pooling belongs behind convolutions, before dense().");
    const channels = inputShape.at(-1)!;
    if (!this.options.keepdims) return [channels];
    return inputShape.map((_, axis) => (axis < this.#rank ? 1 : channels));
  }

  record(plan: Plan, x: View): Recorded {
    const channels = x.shape.at(-1)!;
    const y = plan.tensor([x.shape[0], ...this.outputShape!], x.needsGradient);
    return { y, backward: this.pool(plan, y, x, sizeOf(this.inputShape!) / channels, channels) };
  }

  /** Records the pooling of x[batch, pixels, channels]; returns how to record the way back. */
  protected abstract pool(plan: Plan, y: View, x: View, pixels: number, channels: number): (dy: View) => View;
}

/** The mean. Of a sequence with a mask, that of the steps which count; NaN where none does. */
class GlobalAveragePooling extends GlobalPooling {
  protected pool(plan: Plan, y: View, x: View, pixels: number, channels: number) {
    const sizes = { mask: x.shape.length === 3 ? (x.mask ?? null) : null, pixels, channels };
    const range = x.shape[0];
    plan.call("globalAverage", { y, x, ...sizes }, { range });
    return (dy: View) => {
      const dx = plan.tensor(x.shape);
      plan.call("globalAverageGrad", { dx, dy, ...sizes }, { range });
      return dx;
    };
  }
}

/** The largest number. Where several pixels have it, they share its gradient. */
class GlobalMaxPooling extends GlobalPooling {
  protected pool(plan: Plan, y: View, x: View, pixels: number, channels: number) {
    const range = x.shape[0];
    const image = { height: 1, width: pixels, channels, outHeight: 1, outWidth: 1 };
    const window = { poolHeight: 1, poolWidth: pixels, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 };
    plan.call("maxPool2d", { y, x, ...image, ...window }, { range });
    return (dy: View) => {
      const dx = plan.tensor(x.shape);
      plan.call("globalMaxGrad", { dx, dy, x, y, pixels, channels }, { range });
      return dx;
    };
  }
}

export class GlobalAveragePooling2D extends GlobalAveragePooling {
  constructor(options?: GlobalPoolingOptions) {
    super("GlobalAveragePooling2D", 2, options);
  }
}

export class GlobalAveragePooling1D extends GlobalAveragePooling {
  constructor(options?: GlobalPoolingOptions) {
    super("GlobalAveragePooling1D", 1, options);
  }
}

export class GlobalMaxPooling2D extends GlobalMaxPooling {
  constructor(options?: GlobalPoolingOptions) {
    super("GlobalMaxPooling2D", 2, options);
  }
}

export class GlobalMaxPooling1D extends GlobalMaxPooling {
  constructor(options?: GlobalPoolingOptions) {
    super("GlobalMaxPooling1D", 1, options);
  }
}
