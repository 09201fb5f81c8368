import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkInteger } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { affine } from "./affine.js";
import { channelwise } from "./channelwise.js";
import { axes, checkFilter, type FilterOptions, filterDefaults, filterGeometry } from "./filter.js";
import { Layer, type Shape } from "./layer.js";
import { matrix, product, transposed } from "./product.js";
import type { Weight } from "./weight.js";
import { type CausalPadding, type Length, type Padding, type Pair, type Rank, shapeOf, type Window } from "./window.js";

interface SeparableOptions<Size = unknown, P = CausalPadding> extends FilterOptions<Size, P> {
  filters: number;
  /** channels between the two steps, for each channel of the input; default 1 */
  depthMultiplier?: number;
  /** default "glorot_uniform" */
  depthwiseInitializer?: InitializerLike;
  /** default "glorot_uniform" */
  pointwiseInitializer?: InitializerLike;
  depthwiseRegularizer?: RegularizerLike;
  depthwiseConstraint?: ConstraintLike;
  pointwiseRegularizer?: RegularizerLike;
  pointwiseConstraint?: ConstraintLike;
}

export type SeparableConv2DOptions = SeparableOptions<Pair, Padding>;
export type SeparableConv1DOptions = SeparableOptions<Length, Padding>;

/** Each channel by itself, then the channels of each pixel: y[..., filters] = activation((x ⋆ depthwise_kernel) · pointwise_kernel + bias) */
class SeparableConv extends Layer<SeparableOptions> {
  readonly #rank: Rank;
  readonly #window: Window;
  #depthwise!: Weight;
  #pointwise!: Weight;
  #bias: Weight | null = null;
  #geometry!: ReturnType<typeof filterGeometry>;

  constructor(className: string, rank: Rank, options: SeparableOptions) {
    super(className, options, {
      ...filterDefaults,
      filters: 0,
      depthMultiplier: 1,
      depthwiseInitializer: "glorot_uniform",
      pointwiseInitializer: "glorot_uniform",
      depthwiseRegularizer: null,
      depthwiseConstraint: null,
      pointwiseRegularizer: null,
      pointwiseConstraint: null,
    });
    checkInteger(this.name, "filters", options.filters);
    checkInteger(this.name, "depthMultiplier", this.options.depthMultiplier);
    this.#rank = rank;
    this.#window = checkFilter(this.name, rank, options.kernelSize, this.options, true);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, this.#rank + 1, ...axes[this.#rank]);
    const { filters, depthMultiplier, useBias } = this.options;
    const channels = inputShape.at(-1)!;
    const size = this.#window.size.slice(-this.#rank);
    this.#geometry = filterGeometry(this.name, this.#window, inputShape, this.#rank);
    this.#depthwise = this.addWeight("depthwise_kernel", [...size, channels, depthMultiplier], this.weightOptions("depthwise"));
    this.#pointwise = this.addWeight(
      "pointwise_kernel",
      [...size.map(() => 1), channels * depthMultiplier, filters],
      this.weightOptions("pointwise"),
    );
    if (useBias) this.#bias = this.addWeight("bias", [filters], this.weightOptions("bias"));
    return shapeOf([this.#geometry.outHeight, this.#geometry.outWidth, filters], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const { filters, depthMultiplier } = this.options;
    const { outHeight, outWidth, channels } = this.#geometry;
    const [pixels, between] = [x.shape[0] * outHeight * outWidth, channels * depthMultiplier];
    const conv = channelwise(plan, this.#geometry, x.shape[0], depthMultiplier);
    const middle = plan.tensor([pixels, between]);
    conv.forward(middle, x, this.#depthwise.view, null, 0);
    const rows = matrix(middle, pixels, between);
    const weights = matrix(this.#pointwise.view, between, filters);
    let dMiddle: View;
    const around = { needsGradient: this.needsGradient(x), bias: this.#bias, activation: this.options.activation };
    return affine(plan, x, [x.shape[0], ...this.outputShape!], around, {
      forward: (z, bias, activation) => product(plan, z, rows, weights, { bias, activation, constant: true }),
      gradWeights: dz => {
        const output = matrix(dz, pixels, filters);
        if (this.#pointwise.gradient) product(plan, this.#pointwise.gradient, transposed(rows), output);
        if (!this.#depthwise.gradient && !x.needsGradient) return;
        dMiddle = plan.tensor(middle.shape);
        product(plan, dMiddle, output, transposed(weights), { constant: true });
        if (this.#depthwise.gradient) conv.gradKernel(this.#depthwise.gradient, x, dMiddle);
      },
      gradInput: dx => conv.gradInput(dx, dMiddle, this.#depthwise.view),
    });
  }
}

export class SeparableConv2D extends SeparableConv {
  constructor(options: SeparableConv2DOptions) {
    super("SeparableConv2D", 2, options);
  }
}

export class SeparableConv1D extends SeparableConv {
  constructor(options: SeparableConv1DOptions) {
    super("SeparableConv1D", 1, options);
  }
}
