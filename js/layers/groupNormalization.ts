import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkInteger, show } from "../options.js";
import { axesAlong } from "./axes.js";
import type { Shape } from "./layer.js";
import { Scaled, type ScaledOptions, scaledDefaults } from "./scaled.js";
import { recordStandardized } from "./standardizing.js";

export interface GroupNormalizationOptions extends ScaledOptions {
  /** how many groups the channels make up, each of as many; -1: one of each channel, instance normalization; default 32 */
  groups?: number;
  /** the channels' axis, the batch being axis 0; default -1 */
  axis?: number;
}

/** Each sample's groups of channels to mean 0 and variance 1, then · gamma[channels] + beta[channels]: Wu and He, 2018 */
export class GroupNormalization extends Scaled<GroupNormalizationOptions> {
  /** the channels' axis */
  #axis = 0;

  constructor(options: GroupNormalizationOptions = {}) {
    super("GroupNormalization", options, { ...scaledDefaults, groups: 32, axis: -1 });
    const { groups, axis } = this.options;
    if (groups !== -1) checkInteger(this.name, "groups", groups);
    checkInteger(this.name, "axis", axis, Number.MIN_SAFE_INTEGER);
  }

  protected build(inputShape: Shape): Shape {
    this.#axis = axesAlong(this.name, this.options.axis, inputShape).indexOf(true);
    const channels = inputShape[this.#axis - 1];
    const { groups } = this.options;
    if (groups !== -1 && channels % groups !== 0) {
      throw new Error(`${this.name}: the input's ${channels} channels must be a multiple of groups, got ${show(groups)}.`);
    }
    this.addScale([channels]);
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const channels = x.shape[this.#axis];
    const groups = this.options.groups === -1 ? channels : this.options.groups;
    const shape = [...x.shape.slice(0, this.#axis), groups, channels / groups, ...x.shape.slice(this.#axis + 1)];
    const isChannel = shape.map((_, axis) => axis === this.#axis || axis === this.#axis + 1);
    const standard = {
      along: shape.map((_, axis) => axis === 0 || axis === this.#axis),
      ...{ isCentered: true, isMean: true, epsilon: this.options.epsilon },
    };
    const affine = { gamma: this.gamma, beta: this.beta, along: isChannel };
    const { y, backward } = recordStandardized(plan, reshaped(x, shape), standard, affine, this.needsGradient(x));
    return {
      y: reshaped(y, x.shape),
      backward(dy) {
        const dx = backward(reshaped(dy, shape));
        return dx && reshaped(dx, x.shape);
      },
    };
  }
}
