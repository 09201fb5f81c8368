import { type Activation, type ActivationLike, resolveActivation } from "../activations/index.js";
import { type Constraint, type ConstraintLike, resolveConstraint } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { type Initializer, type InitializerLike, resolveInitializer } from "../initializers.js";
import { checkBoolean, checkShape, readOptions, show } from "../options.js";
import { type Regularizer, type RegularizerLike, resolveRegularizer } from "../regularizers.js";
import { formatShape, type NumericArray, sizeOf } from "../tensor.js";
import { normAxes } from "./axes.js";
import { Weight, type WeightOptions } from "./weight.js";

/** Lengths of a tensor's axes without the batch. */
export type Shape = readonly number[];

/** What every layer takes. */
export interface LayerOptions {
  /** default: Keras's, the class in snake_case with a running number: "dense", "dense_1" */
  name?: string;
  /** whether training changes its weights; default true */
  trainable?: boolean;
  /** of one sample; only the first layer of a model needs it */
  inputShape?: readonly number[];
}

/** Options as a layer keeps them: all present, and names replaced by what they name. */
export type Resolved<Options> = {
  [K in keyof Options]-?: K extends `${string}nitializer`
    ? Initializer
    : K extends `${string}egularizer`
      ? Regularizer | null
      : K extends `${string}onstraint`
        ? Constraint | null
        : K extends `${string}ctivation`
          ? Activation
          : Exclude<Options[K], undefined>;
};

/**
 * A layer checks its options when it is made and its input's shape when it is built. Then it records its work into plans, as often as asked,
 * with `x` of a fixed batch size.
 *
 * To write one, extend this class. `build` adds weights, and layers inside; `record` calls kernels on tensors of the plan, which come without
 * values: nothing runs while it records. Keep to the kernels' names and parameters in js/engine/signatures.ts; assembly/ has their formulas.
 * `loadModel(file, { customLayers: { Gain } })` reads a model with it.
 *
 * @example y[..., n] = gain[n] · x[..., n]
 * class Gain extends Layer {
 *   #gain!: Weight;
 *   constructor(options: LayerOptions = {}) {
 *     super("Gain", options, {}); // the class's name in files, what was given, and own options with their defaults
 *   }
 *   protected build(inputShape: Shape) {
 *     this.#gain = this.addWeight("gain", [inputShape.at(-1)!], { initializer: initializers.ones() });
 *     return inputShape; // the output's
 *   }
 *   record(plan: Plan, x: View): Recorded {
 *     const n = this.#gain.size;
 *     const sizes = { n, repeat: 1, period: 1 };
 *     const range = x.shape.reduce((a, b) => a * b) / n; // rows
 *     const y = plan.tensor(x.shape, this.needsGradient(x));
 *     plan.call("scaleRows", { y, x, factors: this.#gain.view, ...sizes }, { range });
 *     return {
 *       y,
 *       backward: dy => {
 *         if (this.#gain.gradient) { // null where it is not trained
 *           const products = plan.tensor(x.shape);
 *           plan.call("multiply", { y: products, a: dy, b: x }, { range: range * n });
 *           plan.call("biasGrad", { db: this.#gain.gradient, dy: products, m: range, n }, { range: n });
 *         }
 *         if (!x.needsGradient) return null;
 *         plan.call("scaleRows", { y: dy, x: dy, factors: this.#gain.view, ...sizes }, { range });
 *         return dy;
 *       },
 *     };
 *   }
 * }
 */
export abstract class Layer<Options extends LayerOptions = LayerOptions> {
  readonly name: string;
  /** Keras's class name */
  readonly className: string;
  readonly options: Resolved<Omit<Options, keyof LayerOptions>> & LayerOptions;
  /** whether a mask on the input holds for the output too, as for layers that treat each step of a sequence by itself */
  readonly supportsMasking: boolean = false;
  readonly #weights: Weight[] = [];
  readonly #inner: Layer[] = [];
  /** those of the layers inside that were built before this one */
  readonly #builtBefore = new Set<Layer>();
  #trainable: boolean;
  /** the model that holds it */
  owner: string | null = null;
  inputShape: Shape | null = null;
  outputShape: Shape | null = null;

  /** @param defaults every option that the layer has beside LayerOptions */
  constructor(className: string, given: Options, defaults: Required<Omit<Options, keyof LayerOptions>>) {
    this.className = className;
    this.name = checkName(className, given.name ?? automaticName(className));
    const own: LayerOptions = { name: undefined, trainable: true, inputShape: undefined };
    const options = readOptions(this.name, given, { ...own, ...defaults });
    this.options = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [key, resolved(this.name, key, value)]),
    ) as typeof this.options;
    this.#trainable = checkBoolean(this.name, "trainable", options.trainable);
    if (options.inputShape !== undefined) checkShape(this.name, "inputShape", options.inputShape);
  }

  /**
   * Whether training changes its weights; setting it sets it for the layers inside, too. As in Keras a compiled model goes by what held when its
   * training began: `compile()` it again after a change.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = checkBoolean(this.name, "trainable", value);
    for (const layer of this.#inner) layer.trainable = value;
  }

  /** The weights that are not of a layer inside, those that are trained first. @internal */
  get ownWeights(): Weight[] {
    return [...this.#weights.filter(({ trainable }) => trainable), ...this.#weights.filter(({ trainable }) => !trainable)];
  }

  /** The layers that this one is made of. @internal */
  get inner(): readonly Layer[] {
    return this.#inner;
  }

  /** In Keras's order: its own that are trained, its own that are not, those of layers inside it. */
  get weights(): Weight[] {
    return this.namedWeights.map(([, weight]) => weight);
  }

  /** The weights with their paths: "dense/kernel", "bidirectional/forward_lstm/kernel". */
  get namedWeights(): [path: string, weight: Weight][] {
    const inner = this.#inner.flatMap(layer => layer.namedWeights);
    return [...this.ownWeights.map((weight): [string, Weight] => [weight.name, weight]), ...inner].map(([path, weight]) => [
      `${this.name}/${path}`,
      weight,
    ]);
  }

  /** The weights that training changes, with their paths: none of a layer that is frozen. */
  get trainedWeights(): [path: string, weight: Weight][] {
    const own = this.#weights
      .filter(({ trainable }) => trainable && this.trainable)
      .map((weight): [string, Weight] => [weight.name, weight]);
    const inner = this.#inner.flatMap(layer => layer.trainedWeights);
    return [...own, ...inner].map(([path, weight]) => [`${this.name}/${path}`, weight]);
  }

  /** The penalty on the layer's output, for layers that have one. */
  get activityRegularizer(): Regularizer | null {
    return (this.options as { activityRegularizer?: Regularizer | null }).activityRegularizer ?? null;
  }

  /** Checks the input's shape, adds the weights, and returns the output's shape. */
  protected abstract build(inputShape: Shape): Shape;

  /**
   * Checks a model's data when this is the first layer: `size` numbers a sample.
   * @param what who takes them, for messages
   */
  checkInput?(what: string, data: NumericArray, size: number): void;

  /** Records y = f(x) with x of shape [batch, ...inputShape]. */
  abstract record(plan: Plan, x: View): Recorded;

  /** Records the layer, its penalty, and hands its input's mask on where that holds: what models and layers around layers call. */
  apply(plan: Plan, x: View): Recorded {
    const recorded = this.record(plan, x);
    if (this.supportsMasking && recorded.y.mask === undefined) recorded.y.mask = x.mask;
    return this.#penalized(plan, recorded);
  }

  /** Adds Keras's penalty on the output, the mean over the batch, where there is one. */
  #penalized(plan: Plan, { y, backward }: Recorded): Recorded {
    const regularizer = this.activityRegularizer;
    if (!regularizer || !plan.penalty) return { y, backward };
    const { sum, samples } = plan.penalty;
    const [l1, l2] = [regularizer.l1 / samples, regularizer.l2 / samples];
    const n = sizeOf(y.shape);
    y.logits = undefined;
    y.rectified = false;
    plan.call("l1l2", { penalty: sum, w: y, l1, l2, n });
    return {
      y,
      backward(dy) {
        plan.call("l1l2Grad", { dw: dy, w: y, l1, l2 }, { range: n });
        return backward(dy);
      },
    };
  }

  /** Forgets what it carries on from batch to batch. */
  resetStates(): void {
    for (const layer of this.#inner) layer.resetStates();
  }

  /** Builds the layer, once. @internal */
  ensureBuilt(inputShape: Shape): Shape {
    if (this.outputShape === null) {
      this.outputShape = this.build(inputShape);
      this.inputShape = inputShape;
    } else if (this.inputShape?.join() !== inputShape.join()) {
      const [built, got] = [this.inputShape!, inputShape].map(shape => formatShape([null, ...shape]));
      throw new Error(`${this.name}: it was built for input of shape ${built}, got ${got}. Make a new layer.`);
    }
    return this.outputShape;
  }

  /** Takes `ensureBuilt` back. @internal */
  unbuild(): void {
    this.#weights.length = 0;
    for (const layer of this.#inner.splice(0)) if (!this.#builtBefore.has(layer)) layer.unbuild();
    this.#builtBefore.clear();
    this.inputShape = null;
    this.outputShape = null;
  }

  /** Adds a weight, in `build`. @param name the layer's own, such as "kernel" */
  protected addWeight(name: string, shape: Shape, options: WeightOptions): Weight {
    const norms = options.constraint?.norms;
    if (norms) normAxes(`${this.name}: ${name}`, norms, shape);
    const weight = new Weight(name, shape, options);
    this.#weights.push(weight);
    return weight;
  }

  /** What the options say of a weight: for "kernel" those called kernelInitializer, kernelRegularizer and kernelConstraint. */
  protected weightOptions(prefix: string): WeightOptions {
    const options = this.options as Record<string, unknown>;
    const [initializer, regularizer, constraint] = ["Initializer", "Regularizer", "Constraint"].map(kind => options[prefix + kind]);
    return { initializer, regularizer, constraint } as WeightOptions;
  }

  /** Builds a layer that this one is made of: its weights count as this one's. */
  protected buildInner(layer: Layer, inputShape: Shape): Shape {
    this.#inner.push(layer);
    if (layer.outputShape !== null) this.#builtBefore.add(layer);
    return layer.ensureBuilt(inputShape);
  }

  /** Whether gradients must flow into or through this layer, given its input. */
  protected needsGradient(x: View): boolean {
    return x.needsGradient || this.weights.some(weight => weight.gradient !== null);
  }

  /** @throws unless the input has so many axes beside the batch @param axes their names, for the message @param help what to do */
  protected checkRank(inputShape: Shape, rank: number, axes: string, help: string): void {
    if (inputShape.length === rank) return;
    throw new Error(`${this.name}: expected input of shape (None, ${axes}), got ${formatShape([null, ...inputShape])}. ${help}`);
  }
}

/** An option's value by what its name says that it is. */
function resolved(where: string, key: string, value: unknown): unknown {
  if (/initializer$/i.test(key)) return resolveInitializer(where, key, value as InitializerLike);
  if (/regularizer$/i.test(key)) return resolveRegularizer(where, key, value as RegularizerLike);
  if (/constraint$/i.test(key)) return resolveConstraint(where, key, value as ConstraintLike);
  if (/activation$/i.test(key)) return resolveActivation(where, key, value as ActivationLike);
  return value;
}

/** A slash parts a layer's name from its weights' in files. */
export function checkName(className: string, name: unknown): string {
  if (typeof name === "string" && name !== "" && !name.includes("/")) return name;
  throw new Error(`${className}: name must be text without a slash, got ${show(name)}.`);
}

/** "Conv2D" → "conv2d", "GlobalMaxPooling1D" → "global_max_pooling1d", "PReLU" → "p_re_lu": as Keras does it */
export function snakeClass(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

const counters = new Map<string, number>();

/** Keras's automatic names: "conv2d", "conv2d_1", ... */
export function automaticName(className: string): string {
  const base = snakeClass(className);
  const count = counters.get(base) ?? 0;
  counters.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}
