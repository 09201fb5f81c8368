import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkChoice, show } from "../options.js";
import { sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { Recurrent, type RecurrentOptions } from "./recurrent.js";

/** How two outputs become one: side by side, a + b, a · b, or (a + b) / 2. */
export type MergeMode = "concat" | "sum" | "mul" | "ave";

export interface BidirectionalOptions extends LayerOptions {
  /** a recurrent layer; it is copied, once for each direction */
  layer: Layer;
  /** default "concat" */
  mergeMode?: MergeMode;
  /** for the other direction, with the same returnSequences and stateful; default: as `layer` */
  backwardLayer?: Layer | null;
}

type Half = Recurrent<RecurrentOptions>;

/**
 * y = merge(a, b), with a of the steps from first to last, b of those from last to first. With returnSequences b is turned round first, so that
 * both tell of the same step, and steps that a mask leaves out are 0.
 */
export class Bidirectional extends Layer<BidirectionalOptions> {
  override readonly supportsMasking: boolean;
  readonly #halves: readonly [Half, Half];

  constructor(options: BidirectionalOptions) {
    super("Bidirectional", options, { layer: null as unknown as Layer, mergeMode: "concat", backwardLayer: null });
    const { layer, mergeMode, backwardLayer } = this.options;
    if (mergeMode === null) {
      throw new Error(
        `${this.name}: mergeMode null leaves two outputs, but a layer of a sequential model has one. "concat" keeps both in it.`,
      );
    }
    checkChoice(this.name, "mergeMode", mergeMode, ["concat", "sum", "mul", "ave"]);
    const first = this.#checked("layer", layer);
    const second = backwardLayer && this.#checked("backwardLayer", backwardLayer);
    const bare = layer.name.replace(/^forward_/, "");
    this.#halves = [
      copyOf(first, `forward_${bare}`, first.options.goBackwards),
      second ? copyOf(second, second.name, second.options.goBackwards) : copyOf(first, `backward_${bare}`, true),
    ];
    [this.options.layer, this.options.backwardLayer] = this.#halves;
    this.#checkHalves();
    this.supportsMasking = first.options.returnSequences;
  }

  #checked(what: string, layer: unknown): Half {
    if (layer instanceof Recurrent) return layer as Half;
    throw new Error(`${this.name}: ${what} must be a recurrent layer such as layers.lstm(8), got ${show(layer)}.`);
  }

  #checkHalves(): void {
    const [a, b] = this.#halves.map(({ options }) => options);
    const { mergeMode } = this.options;
    if (a.goBackwards === b.goBackwards) {
      throw new Error(
        `${this.name}: one of layer and backwardLayer must have goBackwards: true, the other not, got ${a.goBackwards} for both.`,
      );
    }
    for (const key of ["returnSequences", "stateful"] as const) {
      if (a[key] !== b[key])
        throw new Error(`${this.name}: layer and backwardLayer must have the same ${key}, got ${a[key]} and ${b[key]}.`);
    }
    if (mergeMode !== "concat" && a.units !== b.units) {
      throw new Error(
        `${this.name}: mergeMode "${mergeMode}" needs as many units both ways, got ${a.units} and ${b.units}. "concat" does not.`,
      );
    }
  }

  protected build(inputShape: Shape): Shape {
    const [a, b] = this.#halves.map(half => this.buildInner(half, inputShape));
    return this.options.mergeMode === "concat" ? [...a.slice(0, -1), a.at(-1)! + b.at(-1)!] : a;
  }

  record(plan: Plan, x: View): Recorded {
    const [first, second] = this.#halves.map(half => half.apply(plan, x));
    const merged = this.#merge(plan, first.y, second.y);
    return {
      y: merged.y,
      backward(dy) {
        const [da, db] = merged.backward(dy);
        const dx = first.y.needsGradient ? first.backward(da) : null;
        const more = second.y.needsGradient ? second.backward(db) : null;
        if (dx && more) plan.call("add", { y: dx, a: dx, b: more }, { range: sizeOf(x.shape) });
        return dx ?? more;
      },
    };
  }

  #merge(plan: Plan, a: View, b: View): { y: View; backward(dy: View): [View, View] } {
    const { mergeMode } = this.options;
    const [batch, steps] = this.supportsMasking ? a.shape : [a.shape[0], 1];
    const [n, m] = [a, b].map(({ shape }) => shape.at(-1)!);
    const y = plan.tensor([batch, ...this.outputShape!], a.needsGradient || b.needsGradient);
    if (mergeMode === "concat") {
      const sizes = { steps, n, m };
      plan.call("joinSteps", { y, a, b, ...sizes }, { range: batch });
      return {
        y,
        backward(dy) {
          const [da, db] = [plan.tensor(a.shape), plan.tensor(b.shape)];
          plan.call("splitSteps", { a: da, b: db, y: dy, ...sizes }, { range: batch });
          return [da, db];
        },
      };
    }
    const range = sizeOf(y.shape);
    const turned = (x: View) => {
      const out = plan.tensor(x.shape);
      plan.call("reverseSteps", { y: out, x, steps, n }, { range: batch });
      return out;
    };
    const along = turned(b);
    plan.call(mergeMode === "mul" ? "multiply" : "add", { y, a, b: along }, { range });
    const halve = (x: View) => mergeMode === "ave" && plan.call("scale", { y: x, x, factor: 0.5 }, { range });
    halve(y);
    return {
      y,
      backward(dy) {
        halve(dy);
        if (mergeMode !== "mul") return [dy, turned(dy)];
        const [da, db] = [plan.tensor(a.shape), plan.tensor(b.shape)];
        plan.call("multiply", { y: da, a: dy, b: along }, { range });
        plan.call("multiply", { y: db, a: dy, b: a }, { range });
        return [da, turned(db)];
      },
    };
  }
}

/** The same layer without its weights, as it is in one direction. Keras makes the output 0 at masked steps where there are outputs of steps. */
function copyOf(layer: Half, name: string, goBackwards: boolean): Half {
  const { options, trainable } = layer;
  const make = layer.constructor as new (options: RecurrentOptions) => Half;
  return new make({ ...options, name, trainable, goBackwards, zeroOutputForMask: options.returnSequences, inputShape: undefined });
}
