import { type Arena, addressOf, type Slot, type View, viewOf } from "../engine/memory.js";
import { type Call, Plan } from "../engine/plan.js";
import { isOneLabel, type Loss } from "../losses/loss.js";
import type { Metric } from "../metrics/index.js";
import { product } from "../metrics/metric.js";
import type { Optimizer } from "../optimizers/index.js";
import type { Regularizer } from "../regularizers.js";
import { sizeOf } from "../tensor.js";
import type { Network, TrainingMemory } from "./network.js";
import { CHUNK, Update } from "./update.js";

/** What `compile` fixed. */
export interface Compiled {
  optimizer: Optimizer;
  /** null: there is none, and the model learns by `backward` alone */
  loss: Loss | null;
  metrics: Metric[];
  /** metrics that sample and class weights count in */
  weightedMetrics: Metric[];
}

/** A metric, and where its float64 numbers stand among those of all metrics. */
export interface Measure {
  metric: Metric;
  isWeighted: boolean;
  at: number;
  size: number;
}

/** The compiled metrics with their places. @param n length of the output's last axis */
export function measuresOf({ metrics, weightedMetrics }: Compiled, n: number): Measure[] {
  let at = 0;
  const place = (metric: Metric, isWeighted: boolean): Measure => {
    const size = metric.size(n);
    at += size;
    return { metric, isWeighted, at: at - size, size };
  };
  return [...metrics.map(metric => place(metric, false)), ...weightedMetrics.map(metric => place(metric, true))];
}

/** Shape of a batch of labels. */
function targetShape(y: View, loss: Loss): readonly number[] {
  return isOneLabel(loss) ? y.shape.slice(0, -1) : y.shape;
}

/** Forward only: x → y, for one batch size. */
export class PredictStep {
  readonly plan = new Plan(false);
  readonly x: View;
  readonly y: View;
  /** float64 each: sums of squares of x, which are finite just when x is */
  readonly #sums: View;

  constructor(network: Network, batch: number) {
    this.x = this.plan.input([batch, ...network.inputShape]);
    const n = sizeOf(this.x.shape);
    const chunks = Math.ceil(n / CHUNK);
    this.#sums = this.plan.keep(this.plan.tensor([2 * chunks]));
    this.plan.owner = "input";
    this.plan.call("squareSums", { sums: this.#sums, x: this.x, n }, { range: chunks });
    this.y = this.plan.keep(network.record(this.plan, this.x).y);
  }

  /** Whether all of x was finite when the plan ran last. */
  wasFinite({ doubles }: Arena): boolean {
    const begin = addressOf(this.#sums) / 8;
    return doubles.subarray(begin, begin + this.#sums.shape[0] / 2).every(Number.isFinite);
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
  /** Σ loss · weight and Σ weight, as two float64; must be 0 before each run */
  readonly loss: Slot;
  /** by which the loss's sum is to be divided */
  readonly divisor: number;
  /** the float64 numbers of all metrics, to which a run adds a batch */
  readonly sums: Slot;
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
    const counting = product(plan, y.mask ?? null, labels.mask);
    const weights = this.#reduced(loss, product(plan, counting, this.weights), counting);
    this.divisor = loss.reduction === "sum" ? 1 : this.rows;
    const { values, dy } = loss.record(plan, y, labels.target, weights, 1 / this.divisor, training);
    const sum = plan.keep(plan.input([4]));
    this.loss = sum.slot;
    plan.call("weightedSum", { sums: sum, x: values, weights, n: values.shape[0] });
    this.sums = this.#measure(y, measuresOf(compiled, y.shape.at(-1)!), loss.labels === "classes");
    for (const { path, weight, regularizer } of penalized(network)) {
      plan.owner = path;
      plan.call("l1l2", { penalty: this.penalty, w: weight.view, l1: regularizer.l1, l2: regularizer.l2, n: weight.size });
    }
    this.forward = [...plan.calls];
    if (training) {
      const dx = backward(dy!);
      if (wantsInput) this.dx = dx && plan.keep(dx);
      plan.recordLater();
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

  /** Records all metrics on numbers that lie side by side. */
  #measure(y: View, measures: readonly Measure[], classes: boolean): Slot {
    const total = measures.reduce((sum, { size }) => sum + size, 0);
    const { slot } = this.plan.keep(this.plan.input([2 * total]));
    for (const { metric, isWeighted, at, size } of measures) {
      this.plan.owner = metric.name;
      const sums = { ...viewOf(slot, [2 * size]), offset: 8 * at };
      metric.record(this.plan, { y, target: this.target, classes, mask: y.mask ?? null, weights: isWeighted ? this.weights : null, sums });
    }
    return slot;
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
    plan.recordLater();
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
