import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkInteger, checkNumber } from "../options.js";
import { sizeOf } from "../tensor.js";
import { axesAlong } from "./axes.js";
import { recordScaleShift } from "./broadcast.js";
import { countOf, type Groups, groupsOf, unitsOf } from "./groups.js";
import type { Shape } from "./layer.js";
import { Scaled, type ScaledOptions, scaledDefaults } from "./scaled.js";
import { recordStandardized } from "./standardizing.js";
import type { Weight } from "./weight.js";

export interface BatchNormalizationOptions extends ScaledOptions {
  /** the axis that has a mean and variance for each of its elements, the batch being axis 0; default -1 */
  axis?: number;
  /** how much of the moving mean and variance stays at each step; default 0.99 */
  momentum?: number;
  /** default "zeros" */
  movingMeanInitializer?: InitializerLike;
  /** default "ones" */
  movingVarianceInitializer?: InitializerLike;
}

/**
 * In training each channel of a batch to mean 0 and variance 1, then · gamma + beta, while moving averages of mean and variance are kept;
 * in inference, and where it is frozen, with those averages: Ioffe and Szegedy, 2015. Steps that a mask skips do not count in the moments.
 */
export class BatchNormalization extends Scaled<BatchNormalizationOptions> {
  #along: boolean[] = [];
  #movingMean!: Weight;
  #movingVariance!: Weight;

  constructor(options: BatchNormalizationOptions = {}) {
    const own = { axis: -1, momentum: 0.99, movingMeanInitializer: "zeros", movingVarianceInitializer: "ones" };
    super("BatchNormalization", options, { ...scaledDefaults, ...own });
    checkInteger(this.name, "axis", this.options.axis, Number.MIN_SAFE_INTEGER);
    checkNumber(this.name, "momentum", this.options.momentum, 0, 1);
  }

  protected build(inputShape: Shape): Shape {
    const { axis, movingMeanInitializer, movingVarianceInitializer } = this.options;
    this.#along = axesAlong(this.name, axis, inputShape);
    const shape = inputShape.filter((_, i) => this.#along[i + 1]);
    this.addScale(shape);
    this.#movingMean = this.addWeight("moving_mean", shape, { initializer: movingMeanInitializer, trainable: false });
    this.#movingVariance = this.addWeight("moving_variance", shape, { initializer: movingVarianceInitializer, trainable: false });
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const affine = { gamma: this.gamma, beta: this.beta, along: this.#along };
    const trained = [this.gamma, this.beta].filter(weight => weight !== null);
    const isFrozen = trained.length > 0 ? trained.every(({ gradient }) => gradient === null) : !this.trainable;
    if (!plan.training || isFrozen) return this.#recordFixed(plan, x);
    const standard = { along: this.#along, isCentered: true, isMean: true, epsilon: this.options.epsilon, ...this.#counting(plan, x) };
    const { mean, variance, ...recorded } = recordStandardized(plan, x, standard, affine, this.needsGradient(x));
    plan.later(() => this.#keepMoments(plan, mean!, variance));
    return recorded;
  }

  /** How rows behind a mask count, by the share of those of their group that count at all; and groups made of such rows. */
  #counting(plan: Plan, x: View): { weights?: View; groups?: Groups } {
    if (!x.mask) return {};
    const { mask } = x;
    const along = this.#along.slice(0, -1);
    const groups = groupsOf(mask.shape, along)!;
    const range = countOf(groups);
    const size = sizeOf(mask.shape);
    const share = plan.tensor([range]);
    const sums = { b: null, mean: null, weights: null, factor: range / size };
    plan.call("groupSums", { y: share, a: mask, ...sums, ...groups }, { range: unitsOf(groups) });
    plan.call("multiply", { y: share, a: share, b: share }, { range });
    plan.call("deviation", { y: share, x: share, isInverse: 1 }, { range });
    const weights = plan.tensor(mask.shape);
    recordScaleShift(plan, weights, mask, { scale: share }, along);
    const at = this.#along.indexOf(true);
    const last = x.shape.length - 1;
    const between = (from: number, to: number) => sizeOf(x.shape.slice(from, to));
    if (at === last) return { weights, groups: { r0: 1, k0: 1, r1: size, k1: x.shape[at], r2: 1 } };
    return { weights, groups: { r0: between(0, at), k0: x.shape[at], r1: between(at + 1, last), k1: 1, r2: x.shape[last] } };
  }

  #keepMoments(plan: Plan, mean: View, variance: View): void {
    const share = plan.constant([1 - this.options.momentum]);
    const work = { range: this.#movingMean.size };
    plan.call("movingAverage", { average: this.#movingMean.view, x: mean, share }, work);
    plan.call("movingAverage", { average: this.#movingVariance.view, x: variance, share }, work);
  }

  /** With the moving averages. */
  #recordFixed(plan: Plan, x: View): Recorded {
    const { epsilon } = this.options;
    const scale = plan.tensor(this.#movingVariance.shape);
    const work = { range: this.#movingVariance.size };
    plan.prepare("inverseRoot", { y: scale, x: this.#movingVariance.view, epsilon, least: 0 }, scale.slot, work);
    if (this.gamma) plan.prepare("multiply", { y: scale, a: scale, b: this.gamma.view }, scale.slot, work);
    const y = plan.tensor(x.shape, x.needsGradient);
    recordScaleShift(plan, y, x, { center: this.#movingMean.view, scale, shift: this.beta?.view }, this.#along);
    return {
      y,
      backward: dy => {
        recordScaleShift(plan, dy, dy, { scale }, this.#along);
        return dy;
      },
    };
  }
}
