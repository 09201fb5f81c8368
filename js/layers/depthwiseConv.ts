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
import type { Weight } from "./weight.js";
import { type CausalPadding, type Length, type Padding, type Pair, type Rank, shapeOf, type Window } from "./window.js";

interface DepthwiseOptions<Size = unknown, P = CausalPadding> extends FilterOptions<Size, P> {
  /** outputs for each channel; default 1 */
  depthMultiplier?: number;
  /** default "glorot_uniform" */
  depthwiseInitializer?: InitializerLike;
  depthwiseRegularizer?: RegularizerLike;
  depthwiseConstraint?: ConstraintLike;
}

export type DepthwiseConv2DOptions = DepthwiseOptions<Pair, Padding>;
export type DepthwiseConv1DOptions = DepthwiseOptions<Length, Padding>;

/** y[..., c·depthMultiplier + m] = activation(x[..., c] ⋆ kernel[..., c, m] + bias[c·depthMultiplier + m]), over one axis or two */
class DepthwiseConv extends Layer<DepthwiseOptions> {
  readonly #rank: Rank;
  readonly #window: Window;
  #kernel!: Weight;
  #bias: Weight | null = null;
  #geometry!: ReturnType<typeof filterGeometry>;

  constructor(className: string, rank: Rank, options: DepthwiseOptions) {
    super(className, options, {
      ...filterDefaults,
      depthMultiplier: 1,
      depthwiseInitializer: "glorot_uniform",
      depthwiseRegularizer: null,
      depthwiseConstraint: null,
    });
    checkInteger(this.name, "depthMultiplier", this.options.depthMultiplier);
    this.#rank = rank;
    this.#window = checkFilter(this.name, rank, options.kernelSize, this.options, true);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, this.#rank + 1, ...axes[this.#rank]);
    const { depthMultiplier, useBias } = this.options;
    const channels = inputShape.at(-1)!;
    const outputs = channels * depthMultiplier;
    this.#geometry = filterGeometry(this.name, this.#window, inputShape, this.#rank);
    this.#kernel = this.addWeight(
      "kernel",
      [...this.#window.size.slice(-this.#rank), channels, depthMultiplier],
      this.weightOptions("depthwise"),
    );
    if (useBias) this.#bias = this.addWeight("bias", [outputs], this.weightOptions("bias"));
    return shapeOf([this.#geometry.outHeight, this.#geometry.outWidth, outputs], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const conv = channelwise(plan, this.#geometry, x.shape[0], this.options.depthMultiplier);
    const around = { needsGradient: this.needsGradient(x), bias: this.#bias, activation: this.options.activation };
    return affine(plan, x, [x.shape[0], ...this.outputShape!], around, {
      forward: (z, bias, activation) => conv.forward(z, x, this.#kernel.view, bias, activation),
      gradWeights: dz => {
        if (this.#kernel.gradient) conv.gradKernel(this.#kernel.gradient, x, dz);
      },
      gradInput: (dx, dz) => conv.gradInput(dx, dz, this.#kernel.view),
    });
  }
}

export class DepthwiseConv2D extends DepthwiseConv {
  constructor(options: DepthwiseConv2DOptions) {
    super("DepthwiseConv2D", 2, options);
  }
}

export class DepthwiseConv1D extends DepthwiseConv {
  constructor(options: DepthwiseConv1DOptions) {
    super("DepthwiseConv1D", 1, options);
  }
}
