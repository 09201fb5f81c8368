import type { ConstraintLike } from "../constraints.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, checkNumber } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { Layer, type LayerOptions, type Resolved, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";

/** What normalization takes whose result is scaled and shifted. */
export interface ScaledOptions extends LayerOptions {
  /** what is added to the variance; default 0.001 */
  epsilon?: number;
  /** whether beta is added; default true */
  center?: boolean;
  /** whether it is multiplied by gamma; default true */
  scale?: boolean;
  /** default "zeros" */
  betaInitializer?: InitializerLike;
  /** default "ones" */
  gammaInitializer?: InitializerLike;
  betaRegularizer?: RegularizerLike;
  gammaRegularizer?: RegularizerLike;
  betaConstraint?: ConstraintLike;
  gammaConstraint?: ConstraintLike;
}

export const scaledDefaults = {
  epsilon: 1e-3,
  center: true,
  scale: true,
  betaInitializer: "zeros",
  gammaInitializer: "ones",
  betaRegularizer: null,
  gammaRegularizer: null,
  betaConstraint: null,
  gammaConstraint: null,
};

/** Normalization, then · gamma + beta. */
export abstract class Scaled<Options extends ScaledOptions> extends Layer<Options> {
  override readonly supportsMasking = true;
  protected gamma: Weight | null = null;
  protected beta: Weight | null = null;

  constructor(...args: ConstructorParameters<typeof Layer<Options>>) {
    super(...args);
    const { epsilon, center, scale } = this.#own;
    checkNumber(this.name, "epsilon", epsilon, 0);
    checkBoolean(this.name, "center", center);
    checkBoolean(this.name, "scale", scale);
  }

  get #own() {
    return this.options as unknown as Resolved<Omit<ScaledOptions, keyof LayerOptions>>;
  }

  protected addScale(shape: Shape): void {
    const { center, scale } = this.#own;
    this.gamma = scale ? this.addWeight("gamma", shape, this.weightOptions("gamma")) : null;
    this.beta = center ? this.addWeight("beta", shape, this.weightOptions("beta")) : null;
  }
}
