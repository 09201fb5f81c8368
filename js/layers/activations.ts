import { type Activation, elu, leakyRelu, relu } from "../activations/index.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkNumber } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface ReLUOptions extends LayerOptions {
  /** the largest output; default null: no bound */
  maxValue?: number | null;
  /** default 0 */
  negativeSlope?: number;
  /** up to where x counts as negative; default 0 */
  threshold?: number;
}

export interface LeakyReLUOptions extends LayerOptions {
  /** default 0.3: of the activation function it is 0.2, as in Keras */
  negativeSlope?: number;
}

export interface ELUOptions extends LayerOptions {
  /** default 1 */
  alpha?: number;
}

/** An activation function with options, as a layer. */
abstract class Elementwise<Options extends LayerOptions> extends Layer<Options> {
  override readonly supportsMasking = true;
  readonly #activation: Activation;

  constructor(make: (options: object) => Activation, ...[className, given, defaults]: ConstructorParameters<typeof Layer<Options>>) {
    super(className, given, defaults);
    const own = Object.entries(defaults).map(([key, byDefault]) => {
      const value = (this.options as Record<string, unknown>)[key];
      if (value !== null || byDefault !== null) checkNumber(this.name, key, value, 0);
      return [key, value];
    });
    this.#activation = make(Object.fromEntries(own));
  }

  protected build(inputShape: Shape): Shape {
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    return this.#activation.record(plan, x, "apart");
  }
}

/** min(x, maxValue) where x > threshold, else negativeSlope · (x - threshold) */
export class ReLU extends Elementwise<ReLUOptions> {
  constructor(options: ReLUOptions = {}) {
    super(relu, "ReLU", options, { maxValue: null, negativeSlope: 0, threshold: 0 });
  }
}

/** x where x > 0, else negativeSlope · x */
export class LeakyReLU extends Elementwise<LeakyReLUOptions> {
  constructor(options: LeakyReLUOptions = {}) {
    super(leakyRelu, "LeakyReLU", options, { negativeSlope: 0.3 });
  }
}

/** x where x ≥ 0, else alpha · (e^x - 1) */
export class ELU extends Elementwise<ELUOptions> {
  constructor(options: ELUOptions = {}) {
    super(elu, "ELU", options, { alpha: 1 });
  }
}
