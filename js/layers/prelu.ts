import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { show } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { formatShape, sizeOf } from "../tensor.js";
import { checkTurns } from "./axes.js";
import { recordPrelu } from "./broadcast.js";
import { groupsOf, unitsOf } from "./groups.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";

export interface PReLUOptions extends LayerOptions {
  /** default "zeros" */
  alphaInitializer?: InitializerLike;
  alphaRegularizer?: RegularizerLike;
  alphaConstraint?: ConstraintLike;
  /** the axes along which alpha is the same, from 1 on; default null: none. [1, 2] leaves one for each channel of an image */
  sharedAxes?: number | readonly number[] | null;
}

/** y = x where x > 0, else alpha · x, with a slope alpha that is learnt for each element of a sample: He et al., 2015 */
export class PReLU extends Layer<PReLUOptions> {
  override readonly supportsMasking = true;
  #alpha!: Weight;
  #along: boolean[] = [];

  constructor(options: PReLUOptions = {}) {
    super("PReLU", options, { alphaInitializer: "zeros", alphaRegularizer: null, alphaConstraint: null, sharedAxes: null });
    const { sharedAxes } = this.options;
    if ([sharedAxes ?? []].flat().every(axis => Number.isSafeInteger(axis) && (axis as number) > 0)) return;
    throw new Error(`${this.name}: sharedAxes must be a positive integer, some in an array, or null, got ${show(sharedAxes)}.`);
  }

  protected build(inputShape: Shape): Shape {
    const { sharedAxes } = this.options;
    const shared = [sharedAxes ?? []].flat() as number[];
    if (shared.some(axis => axis > inputShape.length)) {
      const shape = formatShape([null, ...inputShape]);
      throw new Error(`${this.name}: sharedAxes ${show(sharedAxes)} do not fit an input of shape ${shape}. Axis 0 is the batch.`);
    }
    const shape = inputShape.map((length, i) => (shared.includes(i + 1) ? 1 : length));
    this.#along = [false, ...inputShape.map((_, i) => !shared.includes(i + 1))];
    checkTurns(this.name, "sharedAxes", this.#along);
    this.#alpha = this.addWeight("alpha", shape, this.weightOptions("alpha"));
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const y = plan.tensor(x.shape, this.needsGradient(x));
    const alpha = this.#alpha.view;
    recordPrelu(plan, y, x, x, alpha, this.#along);
    return {
      y,
      backward: dy => {
        const { gradient } = this.#alpha;
        if (gradient) {
          const below = plan.tensor(x.shape);
          const bounds = { slope: 1, offset: 0, low: Number.NEGATIVE_INFINITY, high: 0 };
          plan.call("ramp", { y: below, x, ...bounds }, { range: sizeOf(x.shape) });
          const groups = groupsOf(x.shape, this.#along)!;
          plan.call(
            "groupSums",
            { y: gradient, a: dy, b: below, mean: null, weights: null, factor: 1, ...groups },
            { range: unitsOf(groups) },
          );
        }
        if (!x.needsGradient) return null;
        recordPrelu(plan, dy, dy, x, alpha, this.#along);
        return dy;
      },
    };
  }
}
