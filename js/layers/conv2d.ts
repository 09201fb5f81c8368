import type { ActivationLike } from "../activations/index.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, checkInteger, checkPair, show } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { convolution, type Geometry } from "./convolution.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";
import { checkPadding, type Padding, windowAxis } from "./window.js";

export interface Conv2DOptions extends LayerOptions {
  filters: number;
  /** height and width of the window */
  kernelSize: number | [number, number];
  /** default 1 */
  strides?: number | [number, number];
  /** default "valid" */
  padding?: Padding;
  /** default 1 */
  dilationRate?: number | [number, number];
  /** default 1; each group of channels has its own filters */
  groups?: number;
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

/** y[outHeight, outWidth, filters] = activation(x[height, width, channels] ⋆ kernel[h, w, channels / groups, filters] + bias[filters]) */
export class Conv2D extends Layer<Conv2DOptions> {
  #kernel!: Weight;
  #bias: Weight | null = null;
  #geometry!: Geometry;

  constructor(options: Conv2DOptions) {
    super("Conv2D", options, {
      filters: 0,
      kernelSize: 0,
      strides: 1,
      padding: "valid",
      dilationRate: 1,
      groups: 1,
      activation: null,
      useBias: true,
      kernelInitializer: "glorot_uniform",
      biasInitializer: "zeros",
      kernelRegularizer: null,
      biasRegularizer: null,
      activityRegularizer: null,
    });
    const { strides, padding, dilationRate, groups, useBias } = this.options;
    const filters = checkInteger(this.name, "filters", options.filters);
    checkInteger(this.name, "groups", groups);
    checkPair(this.name, "kernelSize", options.kernelSize);
    checkPadding(this.name, padding);
    checkBoolean(this.name, "useBias", useBias);
    const stride = checkPair(this.name, "strides", strides);
    const dilation = checkPair(this.name, "dilationRate", dilationRate);
    if (filters % groups !== 0) throw new Error(`${this.name}: filters must be a multiple of groups (${groups}), got ${filters}.`);
    if (Math.max(...stride) > 1 && Math.max(...dilation) > 1) {
      throw new Error(`${this.name}: strides over 1 do not go with a dilationRate over 1, got ${show(stride)} and ${show(dilation)}.`);
    }
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "A grey image is [height, width, 1].");
    const { filters, groups, kernelInitializer, kernelRegularizer, biasInitializer, biasRegularizer, padding } = this.options;
    const [height, width, channels] = inputShape;
    const [kernelHeight, kernelWidth] = checkPair(this.name, "kernelSize", this.options.kernelSize);
    const [strideHeight, strideWidth] = checkPair(this.name, "strides", this.options.strides);
    const [dilationHeight, dilationWidth] = checkPair(this.name, "dilationRate", this.options.dilationRate);
    if (channels % groups !== 0)
      throw new Error(`${this.name}: the input's ${channels} channels must be a multiple of groups (${groups}).`);
    const rows = windowAxis(height, kernelHeight, strideHeight, dilationHeight, padding);
    const columns = windowAxis(width, kernelWidth, strideWidth, dilationWidth, padding);
    if (rows.out < 1 || columns.out < 1) {
      throw new Error(
        `${this.name}: a ${kernelHeight}x${kernelWidth} kernel does not fit into an input of ${height}x${width}. A smaller kernelSize, or padding "same", does.`,
      );
    }
    this.#geometry = {
      ...{ height, width, channels, outHeight: rows.out, outWidth: columns.out, filters, kernelHeight, kernelWidth },
      ...{ strideHeight, strideWidth, dilationHeight, dilationWidth, padTop: rows.pad, padLeft: columns.pad, groups },
    };
    this.#kernel = this.addWeight("kernel", [kernelHeight, kernelWidth, channels / groups, filters], {
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
    });
    if (this.options.useBias)
      this.#bias = this.addWeight("bias", [filters], { initializer: biasInitializer, regularizer: biasRegularizer });
    return [rows.out, columns.out, filters];
  }

  record(plan: Plan, x: View): Recorded {
    const { filters, outHeight, outWidth } = this.#geometry;
    const { activation } = this.options;
    const batch = x.shape[0];
    const z = plan.tensor([batch, outHeight, outWidth, filters], this.needsGradient(x));
    const conv = convolution(plan, this.#geometry, batch);
    conv.forward(z, x, this.#kernel.view, this.#bias?.view ?? null, activation.fused ?? 0);
    const activated = activation.record(plan, z, activation.fused === undefined ? "in place" : "applied");
    return {
      y: activated.y,
      backward: dy => {
        const dz = activated.backward(dy)!;
        const m = batch * outHeight * outWidth;
        if (this.#bias?.gradient) plan.call("biasGrad", { db: this.#bias.gradient, dy: dz, m, n: filters }, { range: filters });
        if (this.#kernel.gradient) conv.gradKernel(this.#kernel.gradient, x, dz);
        if (!x.needsGradient) return null;
        const dx = plan.tensor(x.shape);
        conv.gradInput(dx, dz, this.#kernel.view);
        return dx;
      },
    };
  }
}
