import { sizeOf } from "../tensor.js";
import { compileKernels } from "./builds.js";
import { bind, type Kernels } from "./kernels.js";
import { Arena, type View } from "./memory.js";
import type { Call, Carried, Plan } from "./plan.js";

/** One model's memory and kernels. When the model is garbage, so is all that it held. */
export class Engine {
  readonly arena = new Arena();
  /** the compiled kernels, once they are loaded */
  module?: WebAssembly.Module;
  #kernels?: Kernels;
  /** the plan whose tensors the workspace holds now, and the weights that it prepared for */
  #current?: Plan;
  #prepared = -1;
  /** counts the changes of weights */
  #version = 0;

  /** @param module of an engine that is ready: this one is then ready at once */
  constructor(module?: WebAssembly.Module) {
    if (module) this.#bind(module);
  }

  /** Loads the kernels, once. */
  async ready(): Promise<void> {
    const module = await compileKernels();
    if (!this.#kernels) this.#bind(module);
  }

  #bind(module: WebAssembly.Module): void {
    this.module = module;
    this.#kernels = bind(module, this.arena.memory);
  }

  /** Must be called when weights were written: what plans prepared from them is stale. */
  weightsChanged(): void {
    this.#version++;
  }

  /**
   * Makes a plan's inputs writable: from now on the workspace is its own.
   * @throws when a layer carries numbers of a batch of another size
   */
  enter(plan: Plan): void {
    for (const { view, from, owner } of plan.carried) checkCarried(view, from, owner);
    const moved = plan.place(this.arena);
    if (moved || this.#current !== plan) {
      this.#prepared = -1;
      for (const { view, values } of plan.constants) this.arena.read(view).set(values);
    }
    this.#current = plan;
    for (const { view, from } of plan.carried) {
      if (from.values) this.arena.read(view).set(from.values);
      else this.arena.read(view).fill(0);
    }
  }

  /** Whether the workspace is still a plan's own, with what its calls left there. */
  holds(plan: Plan): boolean {
    return this.#current === plan;
  }

  /** Runs a plan that was entered, or a part of its calls. */
  run(plan: Plan, calls: readonly Call[] = plan.calls): void {
    const kernels = this.#kernels;
    if (!kernels) throw new Error("The kernels are not loaded yet: `await model.ready()` first.");
    if (this.#prepared !== this.#version) {
      plan.run(kernels, plan.preparation);
      this.#prepared = this.#version;
    }
    plan.run(kernels, calls);
    for (const { view, from } of plan.carried) from.values = this.arena.read(view).slice();
  }
}

function checkCarried(view: View, { values }: Carried, owner: string): void {
  const size = sizeOf(view.shape);
  if (!values || values.length === size) return;
  const batch = view.shape[0];
  const before = (values.length / size) * batch;
  throw new Error(
    `${owner}: it is stateful and holds the state of a batch of ${before}, got a batch of ${batch}. A batchSize that divides the number of samples, or resetStates() before, helps.`,
  );
}
