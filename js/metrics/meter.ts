import { Engine } from "../engine/engine.js";
import type { View } from "../engine/memory.js";
import { Plan } from "../engine/plan.js";
import { formatShape, type NestedArray, type NumericArray, readArray, sizeOf, type Tensor } from "../tensor.js";
import type { Metric } from "./metric.js";

type Data = Tensor | NestedArray[] | NumericArray;

interface Step {
  plan: Plan;
  y: View;
  target: View;
  weights: View | null;
  sums: View;
}

/** A metric by itself, without a model: batches go in one by one. */
export class Meter {
  readonly metric: Metric;
  readonly #engine = new Engine();
  #sums: Float64Array | null = null;
  #n = 1;

  constructor(metric: Metric) {
    this.metric = metric;
  }

  /**
   * Adds a batch, as Keras's update_state.
   * @param yTrue labels, of the shape of the predictions, or the number of a class for each row
   * @param yPred predictions [samples, ...]; a flat array is a column
   * @param options sampleWeight: one for each sample, or for each row of all axes but the last
   * @throws when shapes do not fit one another, or the metric
   */
  async update(yTrue: Data, yPred: Data, options: { sampleWeight?: Data | null } = {}): Promise<void> {
    const y = asTensor("update: yPred", yPred);
    const target = asTensor("update: yTrue", yTrue);
    const weights = options.sampleWeight ? asTensor("update: sampleWeight", options.sampleWeight) : null;
    if (this.#sums && y.shape.at(-1) !== this.#n) {
      throw new Error(`update: expected ${this.#n} outputs as in the batch before, got ${y.shape.at(-1)}. reset() begins anew.`);
    }
    const step = this.#record(y.shape, target.data.length, weights?.data.length);
    await this.#engine.ready();
    this.#n = y.shape.at(-1)!;
    this.#sums ??= new Float64Array(this.metric.size(this.#n));
    const { arena } = this.#engine;
    this.#engine.enter(step.plan);
    arena.read(step.y).set(y.data);
    arena.read(step.target).set(target.data);
    if (step.weights && weights) arena.read(step.weights).set(spread(weights.data, sizeOf(step.weights.shape)));
    const at = step.sums.slot.address / 8;
    arena.doubles.set(this.#sums, at);
    this.#engine.run(step.plan);
    this.#sums.set(arena.doubles.subarray(at, at + this.#sums.length));
  }

  /** The value of all batches since the last reset. */
  result(): number | number[] {
    return this.metric.read(this.#sums ?? new Float64Array(this.metric.size(this.#n)), this.#n);
  }

  reset(): void {
    this.#sums = null;
  }

  #record(shape: readonly number[], labels: number, weights: number | undefined): Step {
    const n = shape.at(-1)!;
    const rows = sizeOf(shape.slice(0, -1));
    if (labels !== rows * n && labels !== rows) {
      throw new Error(
        `update: expected ${rows * n} labels for predictions of shape ${formatShape(shape)}, or ${rows} of classes, got ${labels}.`,
      );
    }
    if (weights !== undefined && (rows % weights !== 0 || weights < shape[0])) {
      throw new Error(`update: sampleWeight must hold ${shape[0]} numbers, one a sample, got ${weights}.`);
    }
    const classes = labels !== rows * n;
    const plan = new Plan(false);
    const y = plan.input(shape);
    const target = plan.input(classes ? shape.slice(0, -1) : shape);
    const weightsOfRows = weights === undefined ? null : plan.input([rows]);
    const sums = plan.keep(plan.input([2 * this.metric.size(n)]));
    this.metric.record(plan, { y, target, classes, mask: null, weights: weightsOfRows, sums });
    return { plan, y, target, weights: weightsOfRows, sums };
  }
}

function asTensor(what: string, given: Data): Tensor {
  const read = readArray(what, given);
  const { data, shape } = "shape" in read ? read : { data: Float32Array.from(read), shape: [read.length] };
  return { data, shape: shape.length === 1 ? [shape[0], 1] : shape };
}

/** Each number so often that there are `length`. */
function spread(values: Float32Array, length: number): Float32Array {
  const times = length / values.length;
  return Float32Array.from({ length }, (_, i) => values[Math.floor(i / times)]);
}
