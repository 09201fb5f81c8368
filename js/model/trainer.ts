import type { View } from "../engine/memory.js";
import { Plan } from "../engine/plan.js";
import { checkInteger } from "../options.js";
import { Random } from "../random.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { Averages } from "./averages.js";
import { gather, inOrder, type Samples } from "./data.js";
import type { Network, TrainingMemory } from "./network.js";
import { type Compiled, LossStep, type Measure, measuresOf } from "./step.js";
import { StepCache } from "./stepCache.js";
import type { Update } from "./update.js";

/** Samples with labels, and perhaps with a weight each. */
export interface Dataset {
  x: Samples;
  y: Samples;
  weights: Samples | null;
}

/** What an optimizer remembers: enough to train on as if nothing had happened. */
export interface OptimizerState {
  /** steps made */
  iterations: number;
  /** of dropout and shuffling */
  seed: number;
  tensors: Record<string, Tensor>;
}

/** Says that the loss of a step is NaN or infinite, and where that comes from. */
export class InvalidLossError extends Error {}

/** Runs a network's recorded steps on batches of samples. */
export class Trainer {
  readonly network: Network;
  readonly compiled: Compiled;
  /** steps made so far */
  iterations = 0;
  /** those among them that were made in the epoch that begins, before the program was interrupted */
  resumedAt = 0;
  readonly #steps = new StepCache<LossStep>();
  readonly #measures: readonly Measure[];
  readonly #classes: number;
  #memory: TrainingMemory | null = null;

  constructor(network: Network, compiled: Compiled) {
    this.network = network;
    this.compiled = compiled;
    this.#classes = network.outputShape.at(-1)!;
    this.#measures = measuresOf(compiled, this.#classes);
  }

  /** Values of no batch yet. */
  averages(): Averages {
    return new Averages(this.#measures, this.#classes);
  }

  /** What the optimizer remembers, made when first asked for. */
  get memory(): TrainingMemory {
    this.#memory ??= this.network.prepareTraining(this.compiled.optimizer);
    return this.#memory;
  }

  /**
   * One step on samples order[begin, end): forward and loss, and in training backward and update.
   * @throws when the loss is not finite in training; the weights are then as before the step
   */
  run(data: Dataset, order: Uint32Array, begin: number, end: number, training: boolean, averages: Averages): void {
    if (training) {
      const step = this.backpropagate(data, order, begin, end, averages);
      this.update(step.plan, step.update!);
    } else this.#forward(this.#step(end - begin, false, data.weights !== null), data, order, begin, end, averages);
  }

  /**
   * The first half of a training step: forward, loss and backward. The gradients are then in the training memory.
   * @throws when the loss is not finite
   */
  backpropagate(data: Dataset, order: Uint32Array, begin: number, end: number, averages: Averages, wantsInput = false): LossStep {
    const step = this.#step(end - begin, true, data.weights !== null, wantsInput);
    const loss = this.#forward(step, data, order, begin, end, averages);
    if (!Number.isFinite(loss))
      throw new InvalidLossError(`The loss became ${loss} at step ${this.iterations + 1}: ${this.#cause(data.x, order, begin, end)}`);
    this.network.engine.run(step.plan, step.backward);
    return step;
  }

  /** The second half: the optimizer changes the weights by the gradients. */
  update(plan: Plan, { phases }: Update): void {
    const { engine } = this.network;
    for (const { calls, isDue } of phases) if (isDue(this.iterations)) engine.run(plan, calls);
    engine.weightsChanged();
    this.iterations++;
  }

  #forward(step: LossStep, data: Dataset, order: Uint32Array, begin: number, end: number, averages: Averages): number {
    const { engine } = this.network;
    engine.enter(step.plan);
    this.#write(step, data, order, begin, end);
    engine.arena.doubles.set(averages.sums, step.sums.address / 8);
    engine.run(step.plan, step.forward);
    return this.#read(step, averages);
  }

  /** Puts the weights' moving average, if the optimizer keeps one, in their place: what Keras does when `fit` ends. */
  finish(): void {
    const { trained, state } = this.memory;
    const { arena } = this.network.engine;
    if (!state.average || this.iterations === 0) return;
    for (const [i, [, { view }]] of trained.entries()) arena.read(view).set(arena.read(state.average[i]));
    this.network.engine.weightsChanged();
  }

  /** An order of samples that the seed and the steps made so far determine: a training that was saved goes on as if it had not stopped. */
  shuffle(order: Uint32Array): void {
    order.set(inOrder(order.length));
    new Random(this.network.seed + ((this.iterations - this.resumedAt) % 2 ** 21) * 2 ** 32).shuffle(order);
  }

  /** A training step as it is recorded. */
  step(batch: number): LossStep {
    return this.#step(batch, true, false);
  }

  #step(batch: number, training: boolean, weighted: boolean, wantsInput = false): LossStep {
    const memory = training ? this.memory : null;
    const options = { loss: this.compiled.loss!, batch, weighted, memory, wantsInput };
    return this.#steps.get(`${training} ${weighted} ${wantsInput} ${batch}`, () => new LossStep(this.network, this.compiled, options));
  }

  getState(): OptimizerState | null {
    if (this.iterations === 0) return null;
    const { arena } = this.network.engine;
    const tensors = Object.fromEntries(
      this.#stateViews().map(([name, view]) => [name, { data: arena.read(view).slice(), shape: [...view.shape] }]),
    );
    return { iterations: this.iterations, seed: this.network.seed, tensors };
  }

  setState({ iterations, seed, tensors }: OptimizerState): void {
    checkInteger("setOptimizerState", "iterations", iterations, 0);
    checkInteger("setOptimizerState", "seed", seed, 0);
    for (const [owner, { shape }] of this.#memory?.trained ?? this.network.trained) {
      for (const name of this.compiled.optimizer.state) {
        checkTensor(`setOptimizerState: ${name}/${owner}`, tensors?.[`${name}/${owner}`], shape);
      }
    }
    for (const [name, view] of this.#stateViews()) this.network.engine.arena.read(view).set(tensors[name].data);
    this.iterations = iterations;
    this.network.seed = seed;
  }

  #stateViews(): [string, View][] {
    const { trained, state } = this.memory;
    return Object.entries(state).flatMap(([name, views]) => views.map((view, i): [string, View] => [`${name}/${trained[i][0]}`, view]));
  }

  #write(step: LossStep, { x, y, weights }: Dataset, order: Uint32Array, begin: number, end: number): void {
    const { arena } = this.network.engine;
    gather(arena.read(step.x), x, order, begin, end);
    gather(arena.read(step.target), y, order, begin, end);
    if (step.weights && weights) {
      const into = arena.read(step.weights);
      const rows = into.length / step.batch;
      const { data, size } = weights;
      for (let i = 0; i < into.length; i++) into[i] = data[order[begin + Math.floor(i / rows)] * size + (size > 1 ? i % rows : 0)];
    }
    arena.doubles[step.penalty.address / 8] = 0;
    arena.doubles.fill(0, step.loss.address / 8, step.loss.address / 8 + 2);
    step.update?.write(arena, this.iterations);
    this.network.writeRandomStates(step.plan, this.iterations);
  }

  /** Adds the batch's sums to the averages; returns its loss, penalties included. */
  #read(step: LossStep, averages: Averages): number {
    const { doubles } = this.network.engine.arena;
    const loss = doubles[step.loss.address / 8] / step.divisor + doubles[step.penalty.address / 8];
    averages.addLoss(loss, step.batch);
    averages.sums.set(doubles.subarray(step.sums.address / 8, step.sums.address / 8 + averages.sums.length));
    return loss;
  }

  /** Where the first NaN or infinity comes from, by running the batch again with every layer's output kept. */
  #cause(x: Samples, order: Uint32Array, begin: number, end: number): string {
    const { network } = this;
    const { arena } = network.engine;
    const isBroken = (view: View) => arena.read(view).some(value => !Number.isFinite(value));
    for (const layer of network.layers) {
      const broken = layer.namedWeights.find(([, { view }]) => isBroken(view));
      if (broken) return `the last update broke ${broken[0]}. A smaller learningRate may help.`;
    }
    const plan = new Plan(true);
    const input = plan.input([end - begin, ...network.inputShape]);
    const outputs: View[] = [];
    network.record(plan, input, y => outputs.push(plan.keep(y)));
    network.engine.enter(plan);
    gather(arena.read(input), x, order, begin, end);
    network.writeRandomStates(plan, this.iterations);
    network.engine.run(plan);
    const first = outputs.findIndex(isBroken);
    if (first < 0)
      return "every layer's output is finite, but the loss of these labels and weights is not. Labels scaled to about 1 may help.";
    return `it comes from the output of ${network.layers[first].name}. A smaller learningRate, or inputs scaled to about 1, may help.`;
  }
}
