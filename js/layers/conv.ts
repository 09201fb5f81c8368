import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkInteger } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { affine } from "./affine.js";
import { convolution, type Geometry } from "./convolution.js";
import { axes, checkFilter, type FilterOptions, filterDefaults, filterGeometry } from "./filter.js";
import { Layer, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";
import { type CausalPadding, type Length, type Padding, type Pair, type Rank, shapeOf, type Window } from "./window.js";

interface ConvOptions<Size = unknown, P = CausalPadding> extends FilterOptions<Size, P> {
  filters: number;
  /** default 1; each group of channels has its own filters */
  groups?: number;
  /** default "glorot_uniform" */
  kernelInitializer?: InitializerLike;
  kernelRegularizer?: RegularizerLike;
  kernelConstraint?: ConstraintLike;
}

export type Conv2DOptions = ConvOptions<Pair, Padding>;
/** With padding "causal" no output sees a later step. */
export type Conv1DOptions = ConvOptions<Length, CausalPadding>;

/** y[..., filters] = activation(x[..., channels] ⋆ kernel[..., channels / groups, filters] + bias[filters]), over one axis or two */
class Conv extends Layer<ConvOptions> {
  readonly #rank: Rank;
  readonly #window: Window;
  #kernel!: Weight;
  #bias: Weight | null = null;
  #geometry!: Geometry;

  constructor(className: string, rank: Rank, options: ConvOptions) {
    super(className, options, {
      ...filterDefaults,
      filters: 0,
      groups: 1,
      kernelInitializer: "glorot_uniform",
      kernelRegularizer: null,
      kernelConstraint: null,
    });
    const { groups } = this.options;
    const filters = checkInteger(this.name, "filters", options.filters);
    checkInteger(this.name, "groups", groups);
    this.#rank = rank;
    const paddings: CausalPadding[] | undefined = rank === 1 ? ["valid", "same", "causal"] : undefined;
    this.#window = checkFilter(this.name, rank, options.kernelSize, this.options, false, paddings);
    if (filters % groups !== 0) throw new Error(`${this.name}: filters must be a multiple of groups (${groups}), got ${filters}.`);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, this.#rank + 1, ...axes[this.#rank]);
    const { filters, groups, useBias } = this.options;
    const channels = inputShape.at(-1)!;
    if (channels % groups !== 0)
      throw new Error(`${this.name}: the input's ${channels} channels must be a multiple of groups (${groups}).`);
    this.#geometry = { ...filterGeometry(this.name, this.#window, inputShape, this.#rank), filters, groups };
    this.#kernel = this.addWeight(
      "kernel",
      [...this.#window.size.slice(-this.#rank), channels / groups, filters],
      this.weightOptions("kernel"),
    );
    if (useBias) this.#bias = this.addWeight("bias", [filters], this.weightOptions("bias"));
    return shapeOf([this.#geometry.outHeight, this.#geometry.outWidth, filters], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const conv = convolution(plan, this.#geometry, x.shape[0]);
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

export class Conv2D extends Conv {
  constructor(options: Conv2DOptions) {
    super("Conv2D", 2, options);
  }
}

/** A convolution over sequences [steps, channels]. */
export class Conv1D extends Conv {
  constructor(options: Conv1DOptions) {
    super("Conv1D", 1, options);
  }
}
