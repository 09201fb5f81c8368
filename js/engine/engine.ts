import { sizeOf } from "../tensor.js";
import { compileKernels } from "./builds.js";
import { bind, type Compiled, type Kernels } from "./kernels.js";
import { Arena, type View } from "./memory.js";
import type { Call, Carried, Plan } from "./plan.js";
import type { Program, Team } from "./team.js";
import { disband, readyTeam } from "./threads.js";
import { Trial } from "./trial.js";

/** What a team knows of a plan, and for runs from each of its calls on, whether that is faster together. */
interface Told {
  team: Team;
  program: Program;
  trials: Map<number, Trial>;
}

/** A thread did not do its part of a run; from then on there is one. What the run has written until then stays. */
export class LostThreadError extends Error {}

/** One model's memory and kernels. When the model is garbage, so is all that it held. */
export class Engine {
  readonly arena = new Arena();
  /** the compiled kernels for a memory of one thread, once they are loaded */
  module?: Compiled;
  #kernels?: Kernels;
  /** the plan whose tensors the workspace holds now, and the weights that it prepared for */
  #current?: Plan;
  #prepared = -1;
  /** counts the changes of weights */
  #version = 0;
  /** the threads that know this memory, and what they call it */
  #team: Team | null = null;
  #model: number | null = null;
  /** how large the memory was when they last heard of it */
  #knownBytes = 0;
  #programs = new WeakMap<Plan, Told>();

  /** @param module of an engine that is ready: this one is then ready at once */
  constructor(module?: Compiled) {
    if (module) this.#bind(module);
  }

  /** Loads the kernels, once. */
  async ready(): Promise<void> {
    const module = await compileKernels();
    if (!this.#kernels) this.#bind(module);
  }

  #bind(module: Compiled): void {
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
    const team = plan.shareableCost > 0 && this.#joins(readyTeam()) ? this.#team : null;
    const moved = plan.place(this.arena, team?.threads);
    if (team) this.#tell(team, plan, moved);
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
      this.#run(kernels, plan, plan.preparation);
      this.#prepared = this.#version;
    }
    this.#run(kernels, plan, calls);
    for (const { view, from } of plan.carried) from.values = this.arena.read(view).slice();
  }

  /** On all threads if that pays and they are ready; the bits are the same. */
  #run(kernels: Kernels, plan: Plan, calls: readonly Call[]): void {
    const told = this.#programs.get(plan);
    const alone = () => plan.run(kernels, calls);
    if (!told || told.team !== this.#team || !calls.some(call => call.isShared) || !told.team.knows(told.program)) {
      alone();
      return;
    }
    const { team, program, trials } = told;
    const from = calls[0].at;
    const together = () => runTogether(team, program, from, from + calls.length);
    if (!team.isOnTrial) together();
    else {
      const trial = trials.get(from) ?? new Trial();
      trials.set(from, trial);
      trial.run([together, alone]);
    }
  }

  /** Makes a team's workers know this memory. Returns whether there is such a team. */
  #joins(team: Team | null): boolean {
    if (team && team !== this.#team && this.arena.share()) {
      this.#kernels = bind(team.module, this.arena.memory);
      this.#team = team;
      this.#knownBytes = 0;
      this.#model = null;
    }
    return team !== null && team === this.#team;
  }

  #tell(team: Team, plan: Plan, moved: boolean): void {
    const told = this.#programs.get(plan);
    if (told?.team === team && !moved) return;
    if (told?.team === team) team.dropProgram(plan, told.program);
    const { memory } = this.arena;
    // An instance may learn late that another thread has let the memory grow, and trap beyond the size that it knows: V8 did, in Node 20.
    if (memory.buffer.byteLength !== this.#knownBytes) {
      this.#model = team.addModel(this, memory, this.#model);
      this.#knownBytes = memory.buffer.byteLength;
    }
    const program = team.addProgram(plan, this.#model!, plan.tasks(), this.#kernels!);
    this.#programs.set(plan, { team, program, trials: new Map() });
  }
}

function runTogether(team: Team, program: Program, from: number, to: number): void {
  try {
    team.run(program, from, to);
  } catch (error) {
    const reason = `A thread failed in the middle of a step: ${(error as Error).message}.`;
    disband(team, reason);
    throw new LostThreadError(`${reason} The weights may be half updated. Further steps run on one thread.`, { cause: error });
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
