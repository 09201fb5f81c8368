import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { ones } from "../initializers.js";
import { checkNumber } from "../options.js";
import { axesAlong, checkAxes, checkTurns } from "./axes.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { Scaled, type ScaledOptions, scaledDefaults } from "./scaled.js";
import { recordStandardized } from "./standardizing.js";
import type { Weight } from "./weight.js";

/** An axis or several, the batch being axis 0. */
type Axis = number | readonly number[];

export interface LayerNormalizationOptions extends ScaledOptions {
  /** what is normalized together, and has a gamma and beta for each of its elements; default -1 */
  axis?: Axis;
}

export interface RMSNormalizationOptions extends LayerOptions {
  /** what is normalized together, and has a scale for each of its elements; default -1 */
  axis?: Axis;
  /** what is added to the mean square; default 1e-6 */
  epsilon?: number;
}

export interface UnitNormalizationOptions extends LayerOptions {
  /** what gets a norm of 1 together; default -1 */
  axis?: Axis;
}

/** The axes that an option names, and the others. @throws when they do not fit the input */
function readAxis(where: string, axis: Axis, inputShape: Shape): { inside: boolean[]; outside: boolean[] } {
  const inside = axesAlong(where, axis, inputShape);
  checkTurns(where, "axis", inside);
  return { inside, outside: inside.map(is => !is) };
}

/** The numbers of each sample's `axis` to mean 0 and variance 1, then · gamma + beta: Ba et al., 2016 */
export class LayerNormalization extends Scaled<LayerNormalizationOptions> {
  #axes!: ReturnType<typeof readAxis>;

  constructor(options: LayerNormalizationOptions = {}) {
    super("LayerNormalization", options, { ...scaledDefaults, axis: -1 });
    checkAxes(this.name, this.options.axis);
  }

  protected build(inputShape: Shape): Shape {
    this.#axes = readAxis(this.name, this.options.axis, inputShape);
    this.addScale(inputShape.filter((_, i) => this.#axes.inside[i + 1]));
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { inside, outside } = this.#axes;
    const standard = { along: outside, isCentered: true, isMean: true, epsilon: this.options.epsilon };
    return recordStandardized(plan, x, standard, { gamma: this.gamma, beta: this.beta, along: inside }, this.needsGradient(x));
  }
}

/** y = x · scale / √(mean of x² along `axis` + epsilon): Zhang and Sennrich, 2019 */
export class RMSNormalization extends Layer<RMSNormalizationOptions> {
  #axes!: ReturnType<typeof readAxis>;
  #scale!: Weight;

  constructor(options: RMSNormalizationOptions = {}) {
    super("RMSNormalization", options, { axis: -1, epsilon: 1e-6 });
    checkAxes(this.name, this.options.axis);
    checkNumber(this.name, "epsilon", this.options.epsilon, 0);
  }

  protected build(inputShape: Shape): Shape {
    this.#axes = readAxis(this.name, this.options.axis, inputShape);
    const shape = inputShape.filter((_, i) => this.#axes.inside[i + 1]);
    this.#scale = this.addWeight("scale", shape, { initializer: ones() });
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { inside, outside } = this.#axes;
    const standard = { along: outside, isCentered: false, isMean: true, epsilon: this.options.epsilon };
    return recordStandardized(plan, x, standard, { gamma: this.#scale, beta: null, along: inside }, this.needsGradient(x));
  }
}

/** A norm counts as no smaller than 1e-12, as in Keras: its square. */
const LEAST_SQUARE = 1e-24;

/** y = x / √(sum of x² along `axis`) */
export class UnitNormalization extends Layer<UnitNormalizationOptions> {
  override readonly supportsMasking = true;
  #axes!: ReturnType<typeof readAxis>;

  constructor(options: UnitNormalizationOptions = {}) {
    super("UnitNormalization", options, { axis: -1 });
    checkAxes(this.name, this.options.axis);
  }

  protected build(inputShape: Shape): Shape {
    this.#axes = readAxis(this.name, this.options.axis, inputShape);
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const { inside, outside } = this.#axes;
    const standard = { along: outside, isCentered: false, isMean: false, epsilon: 0, least: LEAST_SQUARE };
    return recordStandardized(plan, x, standard, { gamma: null, beta: null, along: inside }, x.needsGradient);
  }
}
