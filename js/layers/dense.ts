import type { ActivationLike } from "../activations/index.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, checkInteger } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { matrix, product, transposed } from "./product.js";
import type { Weight } from "./weight.js";

export interface DenseOptions extends LayerOptions {
  units: number;
  /** default: linear */
  activation?: ActivationLike;
  /** default true */
  useBias?: boolean;
  /** default "glorot_uniform" */
  kernelInitializer?: InitializerLike;
  /** default "zeros" */
  biasInitializer?: InitializerLike;
  kernelRegularizer?: RegularizerLike;
  biasRegularizer?: RegularizerLike;
  activityRegularizer?: RegularizerLike;
}

/** y[..., units] = activation(x[..., features] · kernel[features, units] + bias[units]) */
export class Dense extends Layer<DenseOptions> {
  override readonly supportsMasking = true;
  #kernel!: Weight;
  #bias: Weight | null = null;

  constructor(options: DenseOptions) {
    super("Dense", options, {
      units: 0,
      activation: null,
      useBias: true,
      kernelInitializer: "glorot_uniform",
      biasInitializer: "zeros",
      kernelRegularizer: null,
      biasRegularizer: null,
      activityRegularizer: null,
    });
    checkInteger(this.name, "units", options.units);
    checkBoolean(this.name, "useBias", this.options.useBias);
  }

  protected build(inputShape: Shape): Shape {
    const { units, useBias, kernelInitializer, kernelRegularizer, biasInitializer, biasRegularizer } = this.options;
    if (inputShape.length === 0) throw new Error(`${this.name}: expected input of shape (None, features), got (None,).`);
    this.#kernel = this.addWeight("kernel", [inputShape.at(-1)!, units], {
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
    });
    if (useBias) this.#bias = this.addWeight("bias", [units], { initializer: biasInitializer, regularizer: biasRegularizer });
    return [...inputShape.slice(0, -1), units];
  }

  record(plan: Plan, x: View): Recorded {
    const [features, units] = this.#kernel.shape;
    const rows = sizeOf(x.shape) / features;
    const input = matrix(x, rows, features);
    const kernel = matrix(this.#kernel.view, features, units);
    const z = plan.tensor([...x.shape.slice(0, -1), units], this.needsGradient(x));
    const { fused } = this.options.activation;
    product(plan, z, input, kernel, { bias: this.#bias?.view, activation: fused, constant: true });
    const activated = this.options.activation.record(plan, z, fused === undefined ? "in place" : "applied");
    return {
      y: activated.y,
      backward: dy => {
        const dz = activated.backward(dy)!;
        const output = matrix(dz, rows, units);
        if (this.#bias?.gradient) plan.call("biasGrad", { db: this.#bias.gradient, dy: dz, m: rows, n: units }, { range: units });
        if (this.#kernel.gradient) product(plan, this.#kernel.gradient, transposed(input), output);
        if (!x.needsGradient) return null;
        const dx = plan.tensor(x.shape);
        product(plan, dx, output, transposed(kernel), { constant: true });
        return dx;
      },
    };
  }
}
