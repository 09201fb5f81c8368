import { Engine } from "../engine/engine.js";
import type { Compiled } from "../engine/kernels.js";
import { aligned, type Region, type Slot, type View, viewOf } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { recordChain } from "../layers/chain.js";
import type { Layer, Shape } from "../layers/layer.js";
import type { Weight } from "../layers/weight.js";
import type { Group, Optimizer } from "../optimizers/index.js";
import { checkArray } from "../options.js";
import { nextSeed } from "../random.js";
import { checkTensor, type Tensor } from "../tensor.js";

/** What training needs beside the parameters. */
export interface TrainingMemory {
  trained: [string, Weight][];
  gradients: ReadonlyMap<Weight, View>;
  groups: Group[];
  /** the optimizer's: for each of its state's names, one tensor for each trained weight */
  state: Record<string, View[]>;
}

/** A chain of built layers with their weights in one engine's memory: what plans are recorded from. */
export class Network {
  readonly engine: Engine;
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** for the kernels' random numbers */
  seed = nextSeed();
  /** what belongs to the compiled model: gradients, the optimizer's state */
  #training: Region | null = null;

  /**
   * Builds the layers and fills their weights: with the values that they bring along, else anew.
   * @param module the kernels, if they are loaded already
   * @param host the engine that the weights are in already, of a model that these layers are a part of
   * @throws when a layer does not fit the one before it; no layer is then built that was not
   */
  constructor(layers: readonly Layer[], inputShape: Shape, module?: Compiled, host?: Engine) {
    this.engine = host ?? new Engine(module);
    this.layers = layers;
    this.inputShape = inputShape;
    const fresh = layers.filter(layer => layer.outputShape === null);
    try {
      this.outputShape = layers.reduce((shape, layer) => layer.ensureBuilt(shape), inputShape);
      if (!host) this.#placeWeights();
    } catch (error) {
      for (const layer of fresh) layer.unbuild();
      throw error;
    }
  }

  #placeWeights(): void {
    const { arena } = this.engine;
    arena.reserve(
      this.weights.reduce((end, { view }) => end + aligned(view.slot.bytes), arena.workspace),
      "Fewer units or filters need less.",
    );
    for (const weight of this.weights) {
      const { view, values, initializer, shape } = weight;
      arena.place(view.slot);
      if (values) arena.read(view).set(values);
      else initializer.fill(arena.read(view), shape);
    }
    for (const weight of this.weights) {
      weight.values = null;
      weight.write = values => {
        arena.read(weight.view).set(values);
        this.engine.weightsChanged();
      };
    }
  }

  /** Gives each weight its values to take along to another network. */
  release(): void {
    for (const weight of this.weights) weight.values = this.engine.arena.read(weight.view).slice();
  }

  get weights(): Weight[] {
    return this.layers.flatMap(layer => layer.weights);
  }

  /** What training changes, by name: "dense/kernel". */
  get trained(): [string, Weight][] {
    return this.layers.flatMap(layer => layer.trainedWeights);
  }

  /** Makes room for gradients and the optimizer's state; parameters that lie side by side form one group. */
  prepareTraining(optimizer: Optimizer): TrainingMemory {
    this.#releaseTraining();
    try {
      return this.#placeTraining(optimizer);
    } catch (error) {
      this.#releaseTraining();
      throw error;
    }
  }

  #releaseTraining(): void {
    if (this.#training) this.engine.arena.release(this.#training);
    this.#training = null;
    this.engine.weightsChanged();
    this.bind(null);
  }

  /** Makes the layers record with the gradients of one training memory: weights without one there count as constant. */
  bind(memory: TrainingMemory | null): void {
    for (const weight of this.weights) weight.gradient = memory?.gradients.get(weight) ?? null;
  }

  #placeTraining(optimizer: Optimizer): TrainingMemory {
    const { trained } = this;
    const { arena } = this.engine;
    this.#training = arena.open();
    const mirrors = (value: number) =>
      trained.map(([, weight]) => {
        const slot = arena.place({ bytes: weight.view.slot.bytes, address: -1 });
        arena.floats.fill(value, slot.address / 4, slot.address / 4 + aligned(slot.bytes) / 4);
        return slot;
      });
    const slots = mirrors(0);
    const gradients = new Map(trained.map(([, weight], i) => [weight, viewOf(slots[i], weight.shape)]));
    const state = optimizer.state.map((name): [string, Slot[]] => [name, mirrors(optimizer.initial(name))]);
    const views = state.map(([name, slots]) => [name, slots.map((slot, i) => viewOf(slot, trained[i][1].shape))]);
    const groups: Group[] = [];
    trained.forEach(([, { view }], i) => {
      const w = view.slot;
      const range = aligned(w.bytes) / 4;
      const last = groups.at(-1);
      if (last && last.w.address + last.range * 4 === w.address) last.range += range;
      else groups.push({ w, dw: slots[i], state: Object.fromEntries(state.map(([name, slots]) => [name, slots[i]])), range });
    });
    return { trained, gradients, groups, state: Object.fromEntries(views) };
  }

  /** Records the layers on x; returns the output and the way back through all of them. @param onOutput sees each layer's output */
  record(plan: Plan, x: View, onOutput?: (y: View) => void): Recorded {
    return recordChain(plan, this.layers, x, "", onOutput);
  }

  /** Sets what a plan's random layers draw at this step. */
  writeRandomStates(plan: Plan, step: number): void {
    for (const { slot, seed } of plan.randomStates) {
      const key = seed ?? this.seed;
      const words = [key % 2 ** 32, key / 2 ** 32, step % 2 ** 32, step / 2 ** 32];
      this.engine.arena.words.set(words, slot.address / 4);
    }
  }

  getWeights(): Tensor[] {
    return this.weights.map(({ view, shape }) => ({ data: this.engine.arena.read(view).slice(), shape: [...shape] }));
  }

  /** @throws when a number or shape does not fit; then nothing has changed */
  setWeights(values: readonly Tensor[], where: string): void {
    const { weights } = this;
    if (checkArray(where, "weights", values).length !== weights.length) {
      throw new Error(`${where}: expected ${weights.length} tensors, got ${values.length}.`);
    }
    const names = this.layers.flatMap(layer => layer.namedWeights.map(([path]) => path));
    for (const [i, weight] of weights.entries()) checkTensor(`${where}: ${names[i]} (number ${i})`, values[i], weight.shape);
    for (const [i, { data }] of values.entries()) this.engine.arena.read(weights[i].view).set(data);
    this.engine.weightsChanged();
  }
}
