import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { show } from "../options.js";
import { BatchNormalization } from "./batchNormalization.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface TimeDistributedOptions extends LayerOptions {
  layer: Layer;
}

/** y[steps, ...] = layer(x[steps, ...]), step by step with the same weights: the steps are samples of a larger batch to the layer inside */
export class TimeDistributed extends Layer<TimeDistributedOptions> {
  override readonly supportsMasking = true;

  constructor(options: TimeDistributedOptions) {
    super("TimeDistributed", options, { layer: null as unknown as Layer });
    const { layer } = options;
    if (!(layer instanceof Layer)) throw new Error(`${this.name}: expected a layer such as layers.dense(10), got ${show(layer)}.`);
    if (layer instanceof BatchNormalization) {
      throw new Error(`${this.name}: ${layer.name} would have moments of its own at each step. Use batchNormalization() by itself.`);
    }
  }

  protected build(inputShape: Shape): Shape {
    if (inputShape.length < 2) {
      this.checkRank(inputShape, 2, "steps, features", "Each step is a sample to the layer inside.");
    }
    return [inputShape[0], ...this.buildInner(this.options.layer, inputShape.slice(1))];
  }

  record(plan: Plan, x: View): Recorded {
    const [batch, steps, ...sample] = x.shape;
    // not apply: as in Keras, a penalty on the outputs of the layer inside does not count
    const { y, backward } = this.options.layer.record(plan, reshaped(x, [batch * steps, ...sample]));
    return {
      y: reshaped(y, [batch, steps, ...y.shape.slice(1)]),
      backward(dy) {
        const dx = backward(reshaped(dy, y.shape));
        return dx && reshaped(dx, x.shape);
      },
    };
  }
}
