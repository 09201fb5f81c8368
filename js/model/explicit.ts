import type { View } from "../engine/memory.js";
import { checkOptions } from "../options.js";
import { checkTensor, formatShape, readArray, type Tensor } from "../tensor.js";
import { checkFinite, gather, inOrder, readSamples, type Samples } from "./data.js";
import { BackwardStep, UpdateStep } from "./step.js";
import { StepCache } from "./stepCache.js";
import type { Dataset, Trainer } from "./trainer.js";

/** Tensors by the names of the weights they belong to, such as "dense/kernel". */
export type Gradients = Record<string, Tensor>;

/** What the way back gives. */
export interface BackwardResult {
  /** of the loss, penalties included, with respect to each weight that is trained */
  gradients: Gradients;
  /** with respect to the input; null where there is none, as behind an embedding, or where it was not asked for */
  inputGradient: Tensor | null;
}

/** What `model.gradients` finds. */
export interface GradientsResult extends BackwardResult {
  /** the mean over the batch, penalties included */
  loss: number;
  /** the compiled metrics, by name */
  metrics: Record<string, number>;
}

/** The parts of a training step one by one: what the training loop of `fit` does in one go. */
export class ExplicitLoop {
  readonly trainer: Trainer;
  readonly #steps = new StepCache<BackwardStep>();
  #update: UpdateStep | null = null;
  /** whose way back can be run */
  #forwarded: BackwardStep | null = null;

  constructor(trainer: Trainer) {
    this.trainer = trainer;
  }

  /** Loss and gradients of one batch of all samples. */
  gradients(data: Dataset, wantsInput: boolean): GradientsResult {
    const averages = this.trainer.averages();
    const step = this.trainer.backpropagate(data, inOrder(data.x.count), 0, data.x.count, averages, wantsInput);
    const { loss, ...metrics } = averages.logs();
    return { loss, metrics, ...this.#read(step.dx) };
  }

  /** The outputs of one batch of all samples, in training mode. */
  forward(x: Samples): Tensor {
    const { network, iterations, memory } = this.trainer;
    const { engine } = network;
    const step = this.#steps.get(String(x.count), () => new BackwardStep(network, x.count, memory));
    engine.enter(step.plan);
    gather(engine.arena.read(step.x), x, inOrder(x.count), 0, x.count);
    network.writeRandomStates(step.plan, iterations);
    engine.run(step.plan, step.forward);
    this.#forwarded = step;
    return this.#copy(step.y);
  }

  /** The way back of the last `forward`. @throws when there is none, or something else ran in between */
  backward(dy: unknown): BackwardResult {
    const { engine } = this.trainer.network;
    const step = this.#forwarded;
    if (!step || !engine.holds(step.plan)) {
      throw new Error("backward: call forward(x) right before: there is none, or the model has been used since, which took its memory.");
    }
    const { shape } = step.y;
    const given = readSamples("backward: dy", readArray("backward: dy", dy), shape.slice(1));
    if (given.count !== shape[0]) {
      throw new Error(`backward: dy must have the shape of the output, ${formatShape(shape)}, got ${given.count} samples.`);
    }
    checkFinite("backward: dy", given);
    this.#forwarded = null;
    engine.arena.read(step.dy).set(given.data);
    engine.run(step.plan, step.backward);
    return this.#read(step.dx);
  }

  /** One step of the optimizer. @throws when a gradient is missing or does not fit; then nothing has changed */
  apply(gradients: Gradients): void {
    const { network, compiled, iterations, memory } = this.trainer;
    checkOptions("applyGradients", gradients);
    const known = new Map(memory.trained);
    for (const [name, { shape }] of known) {
      const where = `applyGradients: ${name}`;
      checkTensor(where, gradients[name], shape);
      checkFinite(where, { data: gradients[name].data, count: 1, size: gradients[name].data.length });
    }
    for (const name of Object.keys(gradients)) {
      if (!known.has(name)) throw new Error(`applyGradients: ${name} is none of the trained weights: ${[...known.keys()].join(", ")}.`);
    }
    const step = (this.#update ??= new UpdateStep(network, compiled, memory));
    network.engine.enter(step.plan);
    for (const [name, weight] of known) network.engine.arena.read(memory.gradients.get(weight)!).set(gradients[name].data);
    step.update.write(network.engine.arena, iterations);
    this.trainer.update(step.plan, step.update);
  }

  #read(dx: View | null): BackwardResult {
    const { trained, gradients } = this.trainer.memory;
    return {
      gradients: Object.fromEntries(trained.map(([name, weight]) => [name, this.#copy(gradients.get(weight)!)])),
      inputGradient: dx && this.#copy(dx),
    };
  }

  #copy(view: View): Tensor {
    return { data: this.trainer.network.engine.arena.read(view).slice(), shape: [...view.shape] };
  }
}
