import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { ones, zeros } from "../initializers.js";
import { checkBoolean } from "../options.js";
import { formatShape, fromNested, isNumericArray, type NestedArray, type NumericArray, readArray, sizeOf, type Tensor } from "../tensor.js";
import { axesAlong, checkAxes } from "./axes.js";
import { recordScaleShift } from "./broadcast.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { momentsOf, spread } from "./moments.js";
import type { Weight } from "./weight.js";

export interface NormalizationOptions extends LayerOptions {
  /** the axes that have a mean and variance for each of their elements, the batch being axis 0; null: one for all; default -1 */
  axis?: number | readonly number[] | null;
  /** known means, for the axes or the last of them: then `adapt` is not needed; default null */
  mean?: NestedArray | null;
  /** with `mean`, and of its shape; default null */
  variance?: NestedArray | null;
  /** whether to go the other way, from normalized numbers to those before; default false */
  invert?: boolean;
}

/** √variance counts as no smaller than this: Keras's epsilon */
const LEAST = 1e-7;

/** y = (x - mean) / √variance, of data that `adapt` has seen; or the inverse. The statistics are weights that are not trained. */
export class Normalization extends Layer<NormalizationOptions> {
  override readonly supportsMasking = true;
  #known: { mean: Tensor; variance: Tensor } | null = null;
  /** which axes of a sample are kept, and their lengths */
  #along: boolean[] = [];
  #kept: Shape = [];
  #mean!: Weight;
  #variance!: Weight;

  constructor(options: NormalizationOptions = {}) {
    super("Normalization", options, { axis: -1, mean: null, variance: null, invert: false });
    const { axis, mean, variance, invert } = this.options;
    checkBoolean(this.name, "invert", invert);
    const axes = this.#axes;
    if (axes.length > 0) checkAxes(this.name, axis, "some in an array, or null");
    if (mean === null && variance === null) return;
    if (mean === null || variance === null) {
      throw new Error(`${this.name}: ${mean === null ? "mean" : "variance"} is missing. Both are given, or none and adapt() finds them.`);
    }
    this.#known = {
      mean: fromNested(`${this.name}: mean`, mean as NestedArray),
      variance: fromNested(`${this.name}: variance`, variance as NestedArray),
    };
    const [first, second] = [this.#known.mean.shape, this.#known.variance.shape].map(formatShape);
    if (first !== second) throw new Error(`${this.name}: mean and variance must have the same shape, got ${first} and ${second}.`);
    if (this.#known.mean.shape.length > axes.length) {
      throw new Error(`${this.name}: mean has ${this.#known.mean.shape.length} axes, but axis names ${axes.length}.`);
    }
  }

  get #axes(): readonly number[] {
    const { axis } = this.options;
    return axis === null ? [] : ([axis].flat() as number[]);
  }

  protected build(inputShape: Shape): Shape {
    this.#along = axesAlong(this.name, this.options.axis ?? [], inputShape).slice(1);
    this.#kept = inputShape.filter((_, axis) => this.#along[axis]);
    if (this.#known) {
      this.#checkKnown(this.#known.mean.shape);
    } else {
      this.#mean = this.addWeight("mean", this.#kept, { initializer: zeros(), trainable: false });
      this.#variance = this.addWeight("variance", this.#kept, { initializer: ones(), trainable: false });
      // Keras's files have it, always 0
      this.addWeight("count", [], { initializer: zeros(), trainable: false });
    }
    return inputShape;
  }

  #checkKnown(shape: Shape): void {
    const last = this.#kept.slice(this.#kept.length - shape.length);
    if (shape.every((length, i) => length === 1 || length === last[i])) return;
    const [given, kept] = [shape, this.#kept].map(formatShape);
    throw new Error(`${this.name}: mean and variance of shape ${given} do not fit the kept axes, which are ${kept}.`);
  }

  /**
   * Finds mean and variance of data, in place of those before: call it before training.
   * @param data samples: a tensor, nested arrays, or a typed array once the layer knows its input's shape
   * @throws when mean and variance were given, or the data does not fit
   */
  adapt(data: Tensor | NestedArray[] | NumericArray): void {
    const where = `${this.name}: adapt`;
    if (this.#known) throw new Error(`${where}: mean and variance were given. Leave them out to find them from data.`);
    const x = readArray(where, data);
    this.ensureBuilt(this.#shapeOf(where, x));
    const { mean, variance } = momentsOf(isNumericArray(x) ? x : x.data, this.inputShape!, this.#along);
    if (![...mean, ...variance].every(Number.isFinite)) {
      throw new Error(`${where}: the data holds NaN or Infinity, or numbers too large for float32.`);
    }
    this.#mean.assign(mean);
    this.#variance.assign(variance);
  }

  /** The shape of the data's samples. */
  #shapeOf(where: string, x: Tensor | NumericArray): Shape {
    const own = isNumericArray(x) ? null : x.shape.slice(1);
    const shape = this.inputShape ?? this.options.inputShape ?? own;
    if (!shape) throw new Error(`${where}: the shape of a sample is not known. Give the layer an inputShape, or tensor(data, shape).`);
    const { length } = isNumericArray(x) ? x : x.data;
    const isLike = !own || own.join() === shape.join() || (own.length === 0 && sizeOf(shape) === 1);
    if (length > 0 && length % sizeOf(shape) === 0 && isLike) return shape;
    const got = isNumericArray(x) ? `an array of ${length}` : formatShape(x.shape);
    throw new Error(`${where}: expected samples of shape ${formatShape([null, ...shape])}, got ${got}.`);
  }

  record(plan: Plan, x: View): Recorded {
    const { invert } = this.options;
    const along = [false, ...this.#along];
    const [mean, scale] = this.#known ? this.#constants(plan, this.#known) : this.#prepared(plan);
    const y = plan.tensor(x.shape, x.needsGradient);
    recordScaleShift(plan, y, x, invert ? { scale, shift: mean } : { center: mean, scale }, along);
    return {
      y,
      backward(dy) {
        recordScaleShift(plan, dy, dy, { scale }, along);
        return dy;
      },
    };
  }

  /** The mean, and what numbers are multiplied by. */
  #prepared(plan: Plan): [mean: View, scale: View] {
    const scale = plan.tensor(this.#kept);
    const isInverse = Number(!this.options.invert);
    plan.prepare("deviation", { y: scale, x: this.#variance.view, isInverse }, scale.slot, { range: sizeOf(this.#kept) });
    return [this.#mean.view, scale];
  }

  #constants(plan: Plan, { mean, variance }: { mean: Tensor; variance: Tensor }): [mean: View, scale: View] {
    const deviations = spread(variance, this.#kept).map(v => Math.max(Math.sqrt(v), LEAST));
    return [plan.constant(spread(mean, this.#kept)), plan.constant(this.options.invert ? deviations : deviations.map(d => 1 / d))];
  }
}
