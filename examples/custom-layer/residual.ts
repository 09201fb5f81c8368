import { initializers, Layer, type LayerOptions, layers, type Plan, type Recorded, type Shape, type View, type Weight } from "wasmind";

export interface ResidualOptions extends LayerOptions {
  /** of the dense layer inside; default "tanh" */
  activation?: string;
}

/**
 * y = x + scale ⊙ f(x), with f a dense layer as wide as x, and a scale for each feature that begins near 0: a deep stack of them begins as
 * the identity (LayerScale: Touvron et al., 2021, https://arxiv.org/abs/2103.17239).
 */
export class Residual extends Layer<ResidualOptions> {
  #f!: Layer;
  #scale!: Weight;

  constructor(options: ResidualOptions = {}) {
    super("Residual", options, { activation: "tanh" });
  }

  protected build(inputShape: Shape): Shape {
    const features = inputShape.at(-1)!;
    this.#scale = this.addWeight("scale", [features], { initializer: initializers.constant({ value: 0.1 }) });
    this.#f = layers.dense(features, { name: "f", activation: this.options.activation });
    return this.buildInner(this.#f, inputShape);
  }

  record(plan: Plan, x: View): Recorded {
    const { view: factors, gradient, size: n } = this.#scale;
    const rows = x.shape.reduce((a, b) => a * b) / n;
    const inner = this.#f.apply(plan, x);
    const y = plan.tensor(x.shape, this.needsGradient(x));
    plan.call("scaleRows", { y, x: inner.y, factors, n, repeat: 1, period: 1 }, { range: rows });
    plan.call("add", { y, a: y, b: x }, { range: rows * n });
    return {
      y,
      backward: dy => {
        const d = plan.tensor(x.shape);
        if (gradient) {
          plan.call("multiply", { y: d, a: dy, b: inner.y }, { range: rows * n });
          plan.call("biasGrad", { db: gradient, dy: d, m: rows, n }, { range: n });
        }
        plan.call("scaleRows", { y: d, x: dy, factors, n, repeat: 1, period: 1 }, { range: rows });
        const dx = inner.y.needsGradient ? inner.backward(d) : null;
        if (dx) plan.call("add", { y: dx, a: dx, b: dy }, { range: rows * n });
        return dx;
      },
    };
  }
}
