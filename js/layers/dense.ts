import type { ActivationLike } from "../activations/index.js";
import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, checkInteger } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { sizeOf } from "../tensor.js";
import { affine } from "./affine.js";
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
  kernelConstraint?: ConstraintLike;
  biasRegularizer?: RegularizerLike;
  biasConstraint?: ConstraintLike;
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
      kernelConstraint: null,
      biasRegularizer: null,
      biasConstraint: null,
      activityRegularizer: null,
    });
    checkInteger(this.name, "units", options.units);
    checkBoolean(this.name, "useBias", this.options.useBias);
  }

  protected build(inputShape: Shape): Shape {
    const { units, useBias } = this.options;
    if (inputShape.length === 0) throw new Error(`${this.name}: expected input of shape (None, features), got (None,).`);
    this.#kernel = this.addWeight("kernel", [inputShape.at(-1)!, units], this.weightOptions("kernel"));
    if (useBias) this.#bias = this.addWeight("bias", [units], this.weightOptions("bias"));
    return [...inputShape.slice(0, -1), units];
  }

  record(plan: Plan, x: View): Recorded {
    const [features, units] = this.#kernel.shape;
    const rows = sizeOf(x.shape) / features;
    const input = matrix(x, rows, features);
    const kernel = matrix(this.#kernel.view, features, units);
    const around = { needsGradient: this.needsGradient(x), bias: this.#bias, activation: this.options.activation };
    return affine(plan, x, [...x.shape.slice(0, -1), units], around, {
      forward: (z, bias, activation) => product(plan, z, input, kernel, { bias, activation, constant: true }),
      gradWeights: dz => {
        if (this.#kernel.gradient) product(plan, this.#kernel.gradient, transposed(input), matrix(dz, rows, units));
      },
      gradInput: (dx, dz) => product(plan, dx, matrix(dz, rows, units), transposed(kernel), { constant: true }),
    });
  }
}
