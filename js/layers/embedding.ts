import type { ConstraintLike } from "../constraints.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, checkInteger } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { type NumericArray, sizeOf } from "../tensor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import type { Weight } from "./weight.js";

/** columns of the table that a share of the gradient's work has: as assembly/embedding */
const BAND = 16;

export interface EmbeddingOptions extends LayerOptions {
  /** how many numbers there are: the largest plus one */
  inputDim: number;
  /** length of the vector for each */
  outputDim: number;
  /** default "uniform": between -0.05 and 0.05 */
  embeddingsInitializer?: InitializerLike;
  embeddingsRegularizer?: RegularizerLike;
  embeddingsConstraint?: ConstraintLike;
  activityRegularizer?: RegularizerLike;
  /** the number 0 stands for "nothing here": layers behind skip such steps; default false */
  maskZero?: boolean;
}

/** y[..., outputDim] = embeddings[x[...]]: a vector that is learnt for each whole number, such as a word's */
export class Embedding extends Layer<EmbeddingOptions> {
  #embeddings!: Weight;

  constructor(options: EmbeddingOptions) {
    super("Embedding", options, {
      inputDim: 0,
      outputDim: 0,
      embeddingsInitializer: "uniform",
      embeddingsRegularizer: null,
      embeddingsConstraint: null,
      activityRegularizer: null,
      maskZero: false,
    });
    checkInteger(this.name, "inputDim", options.inputDim);
    checkInteger(this.name, "outputDim", options.outputDim);
    checkBoolean(this.name, "maskZero", this.options.maskZero);
  }

  protected build(inputShape: Shape): Shape {
    const { inputDim, outputDim } = this.options;
    this.#embeddings = this.addWeight("embeddings", [inputDim, outputDim], this.weightOptions("embeddings"));
    return [...inputShape, outputDim];
  }

  /** @throws on the first number that has no vector */
  override checkInput(what: string, data: NumericArray, size: number): void {
    const { inputDim } = this.options;
    const wrong = data.findIndex(id => !(Number.isInteger(id) && id >= 0 && id < inputDim));
    if (wrong < 0) return;
    const place = `sample ${Math.floor(wrong / size)}${size > 1 ? `, position ${wrong % size}` : ""}`;
    throw new Error(
      `${what}: ${this.name} expected whole numbers from 0 to ${inputDim - 1}, got ${data[wrong]} at ${place}. A larger inputDim gives it a vector.`,
    );
  }

  record(plan: Plan, x: View): Recorded {
    const { inputDim: entries, outputDim: n, maskZero } = this.options;
    const count = sizeOf(x.shape);
    const y = plan.tensor([...x.shape, n], this.needsGradient(x));
    plan.call("embedding", { y, table: this.#embeddings.view, ids: x, n, entries }, { range: count });
    if (maskZero) {
      y.mask = plan.tensor(x.shape);
      plan.call("maskOf", { mask: y.mask, x, value: 0 }, { range: count });
    }
    return {
      y,
      backward: dy => {
        const dtable = this.#embeddings.gradient;
        if (dtable) plan.call("embeddingGrad", { dtable, dy, ids: x, count, n, entries }, { range: Math.ceil(n / BAND) });
        return null;
      },
    };
  }
}
