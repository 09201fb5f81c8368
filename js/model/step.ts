import type { Slot, View } from "../engine/memory.js";
import { type Call, Plan } from "../engine/plan.js";
import type { Loss } from "../losses/index.js";
import type { Metric } from "../metrics.js";
import type { Optimizer } from "../optimizers/index.js";
import type { Regularizer } from "../regularizers.js";
import { sizeOf } from "../tensor.js";
import type { Network, TrainingMemory } from "./network.js";
import { Update } from "./update.js";

/** What `compile` fixed. */
export interface Compiled {
  optimizer: Optimizer;
  /** null: there is none, and the model learns by `backward` alone */
  loss: Loss | null;
  metrics: Metric[];
  /** metrics that sample and class weights count in */
  weightedMetrics: Metric[];
}

/** Σ value · weight and Σ weight of a batch, as two float64 in memory. */
interface Sum {
  name: string;
  slot: Slot;
}

/** Shape of a batch of labels. */
function targetShape(y: View, loss: Loss): readonly number[] {
  return loss.labels === "classes" ? y.shape.slice(0, -1) : y.shape;
}

/** Forward only: x → y, for one batch size. */
export class PredictStep {
  readonly plan = new Plan(false);
  readonly x: View;
  readonly y: View;

  constructor(network: Network, batch: number) {
    this.x = this.plan.input([batch, ...network.inputShape]);
    this.y = this.plan.keep(network.record(this.plan, this.x).y);
  }
}

/** How a step of a loss is recorded. */
export interface LossStepOptions {
  loss: Loss;
  batch: number;
  /** whether rows have weights */
  weighted: boolean;
  /** of what to update; null measures only */
  memory: TrainingMemory | null;
  /** whether the gradient of the input is kept, too */
  wantsInput: boolean;
}

/** Forward and loss for one batch size; in training also backward and update. */
export class LossStep {
  readonly plan: Plan;
  readonly batch: number;
  /** of the output: all axes but the last */
  readonly rows: number;
  readonly x: View;
  /** the gradient of the input, where it was asked for and there is one */
  readonly dx: View | null = null;
  readonly target: View;
  /** one for each row of the output; null when nothing is weighted */
  readonly weights: View | null;
  /** one float64: l1 and l2 of weights and activities; must be 0 before each run */
  readonly penalty: Slot;
  readonly loss: Sum;
  /** by which the loss's sum is to be divided */
  readonly divisor: number;
  readonly metrics: Sum[] = [];
  /** the calls up to the loss, and those that give the gradients */
  readonly forward: readonly Call[];
  readonly backward: readonly Call[];
  readonly update: Update | null;

  constructor(network: Network, compiled: Compiled, { loss, batch, weighted, memory, wantsInput }: LossStepOptions) {
    const training = memory !== null;
    const plan = new Plan(training);
    this.plan = plan;
    this.batch = batch;
    this.x = plan.input([batch, ...network.inputShape]);
    this.x.needsGradient = wantsInput;
    this.penalty = plan.keep(plan.input([2])).slot;
    plan.penalty = { sum: this.penalty, samples: batch };
    network.bind(memory);
    const { y, backward } = network.record(plan, this.x);
    this.rows = sizeOf(y.shape.slice(0, -1));
    this.target = plan.input(targetShape(y, loss));
    this.weights = weighted ? plan.input([this.rows]) : null;

    plan.owner = loss.name;
    const labels = this.#ignoring(loss);
    const counting = this.#both(y.mask ?? null, labels.mask);
    const weights = this.#reduced(loss, this.#both(counting, this.weights), counting);
    this.divisor = loss.reduction === "sum" ? 1 : this.rows;
    const { values, dy } = loss.record(plan, y, labels.target, weights, 1 / this.divisor, training);
    this.loss = this.#sum("loss", values, weights);
    const mask = y.mask ?? null;
    for (const [metrics, weights] of [
      [compiled.metrics, mask] as const,
      [compiled.weightedMetrics, this.#both(mask, this.weights)] as const,
    ]) {
      for (const metric of metrics) {
        plan.owner = metric.name;
        const measured = metric.record(plan, y, this.target, loss.labels === "classes");
        this.metrics.push(this.#sum(metric.name, measured, weights));
      }
    }
    for (const { path, weight, regularizer } of penalized(network)) {
      plan.owner = path;
      plan.call("l1l2", { penalty: this.penalty, w: weight.view, l1: regularizer.l1, l2: regularizer.l2, n: weight.size });
    }
    this.forward = [...plan.calls];
    if (training) {
      const dx = backward(dy!);
      if (wantsInput) this.dx = dx && plan.keep(dx);
      penalize(plan, network);
    }
    this.backward = plan.calls.slice(this.forward.length);
    this.update = memory && new Update(plan, compiled.optimizer, memory);
  }

  /** The labels without those that do not count, and which do. */
  #ignoring({ ignoreClass = null }: Loss): { target: View; mask: View | null } {
    if (ignoreClass === null) return { target: this.target, mask: null };
    const mask = this.plan.tensor([this.rows]);
    const target = this.plan.tensor(this.target.shape);
    this.plan.call("maskOf", { mask, x: this.target, value: ignoreClass }, { range: this.rows });
    this.plan.call("multiply", { y: target, a: this.target, b: mask }, { range: this.rows });
    return { target, mask };
  }

  /** The weights by which a sum over the rows, divided by their number, is what the loss's reduction asks for. */
  #reduced({ reduction }: Loss, weights: View | null, mask: View | null): View | null {
    const isWeightedMean = reduction === "mean_with_sample_weight";
    if (!weights || reduction === "sum" || !(mask || isWeightedMean)) return weights;
    const out = this.plan.tensor([this.rows]);
    if (isWeightedMean) this.plan.call("maskWeights", { out, mask: weights, weights: null, n: this.rows });
    else this.plan.call("maskWeights", { out, mask: mask!, weights, n: this.rows });
    return out;
  }

  /** The product of two weights of rows, either of which may be missing. */
  #both(a: View | null, b: View | null): View | null {
    if (!a || !b) return a ?? b;
    const y = this.plan.tensor([this.rows]);
    this.plan.call("multiply", { y, a, b }, { range: this.rows });
    return y;
  }

  #sum(name: string, values: View, weights: View | null): Sum {
    const sum = this.plan.keep(this.plan.tensor([4]));
    this.plan.call("weightedSum", { out: sum, x: values, weights, n: values.shape[0] });
    return { name, slot: sum.slot };
  }
}

/** A plan's way forward and, from a gradient of its output that the caller writes, back. */
export class BackwardStep {
  readonly plan = new Plan(true);
  readonly x: View;
  readonly y: View;
  /** the gradient of the output; must be written again before each way back */
  readonly dy: View;
  /** the gradient of the input, where there is one */
  readonly dx: View | null;
  readonly forward: readonly Call[];
  readonly backward: readonly Call[];

  constructor(network: Network, batch: number, memory: TrainingMemory) {
    const { plan } = this;
    this.x = plan.input([batch, ...network.inputShape]);
    this.x.needsGradient = true;
    plan.penalty = { sum: plan.slot(2), samples: batch };
    network.bind(memory);
    const { y, backward } = network.record(plan, this.x);
    this.y = plan.keep(y);
    this.dy = plan.input(y.shape);
    this.forward = [...plan.calls];
    const dx = backward(this.dy);
    this.dx = dx && plan.keep(dx);
    penalize(plan, network);
    this.backward = plan.calls.slice(this.forward.length);
  }
}

/** The update of all weights by itself, from gradients that the caller writes. */
export class UpdateStep {
  readonly plan = new Plan(true);
  readonly update: Update;

  constructor(network: Network, { optimizer }: Compiled, memory: TrainingMemory) {
    network.bind(memory);
    this.update = new Update(this.plan, optimizer, memory);
  }
}

/** Adds the penalties' gradients to the weights'. */
function penalize(plan: Plan, network: Network): void {
  for (const { path, weight, regularizer } of penalized(network)) {
    if (!weight.gradient) continue;
    const { l1, l2 } = regularizer;
    plan.owner = path;
    plan.call("l1l2Grad", { dw: weight.gradient, w: weight.view, l1, l2 }, { range: weight.size });
  }
}

/** The trained weights that have a penalty. Keras leaves frozen ones out. */
function penalized(network: Network) {
  return network.trained
    .map(([path, weight]) => ({ path, weight, regularizer: weight.regularizer as Regularizer }))
    .filter(({ regularizer }) => regularizer !== null);
}
