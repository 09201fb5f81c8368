import { CALL, CLAIM, claim, DONE, FAILED, handledBy, MOST_PARTS, makeControl, open, POSTED, PROGRAM, waitWhile } from "./control.js";
import type { Kernels } from "./kernels.js";
import { type Share, sharesOf, type Task } from "./program.js";
import { type SpawnOptions, spawn, type Thread } from "./spawn.js";
import type { Message, Start } from "./worker.js";

/** Something that was posted to the workers. */
interface Posted {
  id: number;
  /** which message it was */
  number: number;
}

/** A plan as all threads know it. */
export interface Program extends Posted {
  /** the first thread's */
  shares: Share[];
}

interface StartOptions extends Pick<SpawnOptions, "workerUrl" | "timeout" | "keepsAlive"> {
  threads: number;
  isOnTrial: boolean;
  /** hears of a team that has lost a worker */
  onEnd(team: Team, error: Error): void;
}

/** How often the leader looks whether the last parts are done before it goes to sleep: some 30 µs. */
const SPINS = 20_000;
/** Milliseconds after which a part that is not done is taken for lost. */
const PATIENCE = 60_000;
/** The same once a worker has failed: the others may yet be at work on theirs. */
const PATIENCE_AFTER_FAILURE = 100;

/** Workers that run plans together with the thread that made them, which leads; control.ts tells how. */
export class Team {
  readonly threads: number;
  /** whether work is done alone where that turns out to be faster */
  readonly isOnTrial: boolean;
  /** the kernels for shared memories */
  readonly module: WebAssembly.Module;
  readonly #control: Int32Array;
  /** milliseconds that the leader may sleep at a time */
  readonly #sleep = maySleep() ? 1000 : 0;
  #workers: Thread[] = [];
  #ids = 0;
  /** Workers let go of what is garbage here. */
  readonly #registry = new FinalizationRegistry<number>(id => this.#post({ drop: id }));

  private constructor(module: WebAssembly.Module, { threads, isOnTrial }: StartOptions) {
    this.threads = threads;
    this.isOnTrial = isOnTrial;
    this.module = module;
    this.#control = makeControl(threads);
  }

  /** @throws with the reasons, a line each, when there is no way to start workers */
  static async start(module: WebAssembly.Module, options: StartOptions): Promise<Team> {
    const team = new Team(module, options);
    const control = team.#control;
    const start = (worker: number): Start => ({ module, control, thread: worker + 1 });
    Atomics.store(control, POSTED, 1);
    const onEnd = (error: Error) => {
      Atomics.store(control, FAILED, 1);
      options.onEnd(team, error);
    };
    team.#workers = await spawn({ ...options, count: options.threads - 1, start, onEnd });
    return team;
  }

  stop(): void {
    for (const worker of this.#workers) worker.stop();
    this.#workers = [];
  }

  /** Tells the workers of a memory; `owner` is what keeps it alive here. What it had before is let go of. */
  addModel(owner: object, memory: WebAssembly.Memory, before: number | null): number {
    const model = ++this.#ids;
    this.#post({ model, memory });
    if (before !== null) this.#drop(owner, before);
    this.#registry.register(owner, model, owner);
    return model;
  }

  /** Tells the workers of a plan of a model. */
  addProgram(owner: object, of: number, tasks: Task[], kernels: Kernels): Program {
    const id = ++this.#ids;
    const number = this.#post({ program: id, of, tasks });
    this.#registry.register(owner, id, owner);
    return { id, number, shares: sharesOf(tasks, kernels, 0) };
  }

  /** Takes back a program; its owner stays. */
  dropProgram(owner: object, { id }: Program): void {
    this.#drop(owner, id);
  }

  /** Whether every worker has heard of a program, and none has ended. */
  knows({ number }: Program): boolean {
    if (this.#workers.length === 0 || Atomics.load(this.#control, FAILED) !== 0) return false;
    return this.#workers.every((_, worker) => ((Atomics.load(this.#control, handledBy(worker + 1)) - number) | 0) >= 0);
  }

  /** Runs the calls [from, to) of a program that the workers know. @throws when a part of a call is not done */
  run({ id, shares }: Program, from: number, to: number): void {
    const control = this.#control;
    Atomics.store(control, PROGRAM, id);
    for (let call = from; call < to; call++) {
      const share = shares[call];
      if (share.parts === 0) {
        share.run();
        continue;
      }
      Atomics.store(control, CALL, call);
      Atomics.store(control, DONE, 0);
      open(control, share.parts);
      for (let value: number; (value = Atomics.load(control, CLAIM)) & MOST_PARTS; ) {
        if (!claim(control, value)) continue;
        share.runPart((value & MOST_PARTS) - 1);
        Atomics.add(control, DONE, 1);
      }
      this.#finish(share.parts);
    }
  }

  /** Waits for the parts that workers have claimed. */
  #finish(parts: number): void {
    const control = this.#control;
    let since = 0;
    for (let done: number; (done = Atomics.load(control, DONE)) < parts; ) {
      waitWhile(control, DONE, done, SPINS, this.#sleep);
      if (Atomics.load(control, DONE) !== done) continue;
      since ||= performance.now();
      const patience = Atomics.load(control, FAILED) === 0 ? PATIENCE : PATIENCE_AFTER_FAILURE;
      if (performance.now() - since > patience) throw new Error("a worker did not do its part");
    }
  }

  #drop(owner: object, id: number): void {
    this.#registry.unregister(owner);
    this.#post({ drop: id });
  }

  #post(message: Message): number {
    for (const worker of this.#workers) worker.post(message);
    const number = Atomics.add(this.#control, POSTED, 1) + 1;
    open(this.#control, 0);
    return number;
  }
}

/** Whether this thread may block: that of a page may not. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
