import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkInteger, show } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { sizeOf } from "../tensor.js";
import { affine } from "./affine.js";
import { convolution, type Geometry } from "./convolution.js";
import { axes, checkFilter, type FilterOptions, filterDefaults, windowSizes } from "./filter.js";
import { Layer, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";
import {
  type CausalPadding,
  checkSizes,
  imageShape,
  type Length,
  type Padding,
  type Pair,
  type Rank,
  shapeOf,
  showSizes,
  type Window,
} from "./window.js";

interface ConvTransposeOptions<Size = unknown, P = CausalPadding> extends FilterOptions<Size, P> {
  filters: number;
  /** what the output has beyond its least length, below strides; default null: as long as the window reaches, with "same" length · strides */
  outputPadding?: Size | null;
  /** default "glorot_uniform" */
  kernelInitializer?: InitializerLike;
  kernelRegularizer?: RegularizerLike;
  kernelConstraint?: ConstraintLike;
}

export type Conv2DTransposeOptions = ConvTransposeOptions<Pair, Padding>;
export type Conv1DTransposeOptions = ConvTransposeOptions<Length, Padding>;

/** Keras's length of an output, and how much of what the taps reach is cut off before it. */
function outputAxis(length: number, { size, stride, dilation, padding }: Window, axis: number, given: number | null) {
  const [s, extent] = [stride[axis], (size[axis] - 1) * dilation[axis] + 1];
  const reached = (length - 1) * s + extent;
  if (padding === "valid") return { out: reached + (given ?? Math.max(s - extent, 0)), cut: 0 };
  const out = given === null ? length * s : (length - 1) * s + (extent % 2) + given;
  return { out, cut: Math.floor(Math.max(reached - out, 0) / 2) };
}

/**
 * Each pixel of x puts its share of kernel[..., filters, channels] into y, strides apart; y[..., filters] = activation(the sum + bias[filters]).
 * It goes the way back of the convolution that takes y's shape to x's, and back as that convolution goes forward.
 */
class ConvTranspose extends Layer<ConvTransposeOptions> {
  readonly #rank: Rank;
  readonly #window: Window;
  readonly #outputPadding: readonly number[] | null = null;
  #kernel!: Weight;
  #bias: Weight | null = null;
  #geometry!: Geometry;

  constructor(className: string, rank: Rank, options: ConvTransposeOptions) {
    super(className, options, {
      ...filterDefaults,
      filters: 0,
      outputPadding: null,
      kernelInitializer: "glorot_uniform",
      kernelRegularizer: null,
      kernelConstraint: null,
    });
    const { strides, outputPadding } = this.options;
    checkInteger(this.name, "filters", options.filters);
    this.#rank = rank;
    this.#window = checkFilter(this.name, rank, options.kernelSize, this.options);
    if (outputPadding === null) return;
    const { stride } = this.#window;
    this.#outputPadding = checkSizes(this.name, "outputPadding", outputPadding, rank, 0);
    if (this.#outputPadding.some((padding, axis) => padding >= stride[axis])) {
      throw new Error(`${this.name}: outputPadding must be less than strides (${show(strides)}), got ${show(outputPadding)}.`);
    }
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, this.#rank + 1, ...axes[this.#rank]);
    const { filters, useBias } = this.options;
    const [outHeight, outWidth, channels] = imageShape(inputShape, this.#rank);
    const [rows, columns] = [outHeight, outWidth].map((length, axis) =>
      outputAxis(length, this.#window, axis, this.#outputPadding?.[axis] ?? null),
    );
    if (rows.out < 1 || columns.out < 1) {
      const given = showSizes([outHeight, outWidth], this.#rank);
      throw new Error(`${this.name}: its output for an input of ${given} would be empty. A larger outputPadding helps.`);
    }
    this.#geometry = {
      ...{ height: rows.out, width: columns.out, channels: filters, outHeight, outWidth, filters: channels },
      ...{ ...windowSizes(this.#window), padTop: rows.cut, padLeft: columns.cut, groups: 1 },
    };
    this.#kernel = this.addWeight("kernel", [...this.#window.size.slice(-this.#rank), filters, channels], this.weightOptions("kernel"));
    if (useBias) this.#bias = this.addWeight("bias", [filters], this.weightOptions("bias"));
    return shapeOf([rows.out, columns.out, filters], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const conv = convolution(plan, this.#geometry, x.shape[0]);
    const around = { needsGradient: this.needsGradient(x), bias: this.#bias, activation: this.options.activation };
    const { filters } = this.options;
    return affine(plan, x, [x.shape[0], ...this.outputShape!], around, {
      fuses: false,
      forward: (z, bias) => {
        conv.gradInput(z, x, this.#kernel.view);
        if (bias) plan.call("addBias", { y: z, x: z, bias, n: filters }, { range: sizeOf(z.shape) / filters });
      },
      gradWeights: dz => {
        if (this.#kernel.gradient) conv.gradKernel(this.#kernel.gradient, dz, x);
      },
      gradInput: (dx, dz) => conv.forward(dx, dz, this.#kernel.view, null, 0),
    });
  }
}

export class Conv2DTranspose extends ConvTranspose {
  constructor(options: Conv2DTransposeOptions) {
    super("Conv2DTranspose", 2, options);
  }
}

export class Conv1DTranspose extends ConvTranspose {
  constructor(options: Conv1DTransposeOptions) {
    super("Conv1DTranspose", 1, options);
  }
}
