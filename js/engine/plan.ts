import { sizeOf } from "../tensor.js";
import { isSplittable, type KernelName, type KernelParameters, type Kernels, parametersOf } from "./kernels.js";
import { type Arena, addressOf, aligned, type Lifetime, placeByLifetime, type Slot, slotFor, type View, viewOf } from "./memory.js";
import type { Task } from "./program.js";
import { isShared, partsOf, SCRATCH, shareableCost } from "./sharing.js";

/** Pointers are given as views, slots or null; everything else is a number. */
type Argument<T> = T extends "usize" ? View | Slot | null : number;
export type Arguments<K extends KernelName> = { [P in keyof KernelParameters<K>]: Argument<KernelParameters<K>[P]> };

interface Work {
  /** of a kernel that ends in `begin, end`: the whole range */
  range?: number;
  /** floating point operations, for people */
  flops?: number;
}

/** What a layer or function recorded: its output, and how to record the way back from the output's gradient to its input's. */
export interface Recorded {
  y: View;
  /** Records the weights' gradients; returns the input's, or null where nobody needs it. May write over dy; is called only if y needs it. */
  backward(dy: View): View | null;
}

/** Numbers that a layer keeps from one batch to the next: their place in plans comes and goes, they stay. */
export class Carried {
  /** of the batch that ran last; null stands for zeros */
  values: Float32Array | null = null;
}

/** One recorded kernel call. */
export interface Call {
  kernel: KernelName;
  /** the layer, loss or optimizer that asked for it */
  owner: string;
  operands: Record<string, View | Slot | number | null>;
  range: number;
  flops: number;
  /** once the plan is placed: its place among all calls, whether threads share it, and the operands in calling order */
  at: number;
  isShared: boolean;
  args: number[];
}

/**
 * A list of kernel calls that is recorded once and replayed each step: no shapes are worked out, and nothing is allocated, while it runs.
 * Tensors that it asks for live in the workspace, from the first call that names them to the last.
 */
export class Plan {
  /** whose calls are being recorded, for `explain` and error messages */
  owner = "";
  /** one float64, to which the penalties of layers' outputs are added, and the number of samples that divides them; null: nobody asks */
  penalty: { sum: Slot; samples: number } | null = null;
  readonly calls: Call[] = [];
  /** calls to be made again only after weights have changed; their outputs stay for the plan's life */
  readonly preparation: Call[] = [];
  /** blocks of four words that must hold key, key, step, step (low word first) before each run; seed null is the model's own */
  readonly randomStates: { slot: Slot; seed: number | null }[] = [];
  /** tensors that hold their numbers from one run to the next */
  readonly carried: { view: View; from: Carried; owner: string }[] = [];
  /** tensors that hold the same numbers for good */
  readonly constants: { view: View; values: ArrayLike<number> }[] = [];
  readonly #later: { owner: string; record: () => void }[] = [];
  #streams = 0;
  #pinned = new Map<Slot, "from the start" | "to the end" | "always">();
  #transient = new Set<Slot>();
  /** bytes that one thread needs */
  #scratch = new Map<Slot, number>();
  #placedAt = -1;
  #threads = 0;
  #cost = -1;

  readonly training: boolean;

  /** @param training whether ways back are recorded and random layers are at work */
  constructor(training: boolean) {
    this.training = training;
  }

  /** A tensor in the workspace. */
  tensor(shape: readonly number[], needsGradient = false): View {
    return viewOf(this.slot(sizeOf(shape)), shape, needsGradient);
  }

  /** Room for so many float32 in the workspace. */
  slot(elements: number): Slot {
    const slot = slotFor(elements);
    this.#transient.add(slot);
    return slot;
  }

  /** Room for so many float32 for each thread: for a kernel's `scratch`. */
  scratch(elements: number): Slot {
    const slot = this.slot(elements);
    this.#scratch.set(slot, aligned(slot.bytes));
    return slot;
  }

  /** A tensor that is written before the plan runs. */
  input(shape: readonly number[]): View {
    const view = this.tensor(shape);
    this.#pinned.set(view.slot, "from the start");
    return view;
  }

  /** A stream of random numbers for one random layer: its state, and its number. */
  random(seed: number | null): { seed: Slot; stream: number } {
    let state = this.randomStates.find(known => known.seed === null && seed === null);
    if (!state) {
      state = { slot: this.input([4]).slot, seed };
      this.randomStates.push(state);
    }
    return { seed: state.slot, stream: this.#streams++ };
  }

  /** A tensor that holds given numbers, for calls that only read it. */
  constant(values: ArrayLike<number>): View {
    const view = this.keep(this.input([values.length]));
    this.constants.push({ view, values });
    return view;
  }

  /** A tensor that holds what was left in it when a plan with it last ran. */
  carry(from: Carried, shape: readonly number[]): View {
    const view = this.keep(this.input(shape));
    this.carried.push({ view, from, owner: this.owner });
    return view;
  }

  /** Keeps a tensor until the plan has run, so that it can be read. */
  keep(view: View): View {
    this.#pinned.set(view.slot, this.#pinned.has(view.slot) ? "always" : "to the end");
    return view;
  }

  /** Records a call. Arguments go by the kernel's own parameter names. */
  call<K extends KernelName>(kernel: K, args: Arguments<K>, work: Work = {}): void {
    this.calls.push(this.#record(kernel, args, work));
  }

  /** Records a call whose outputs depend on weights alone. */
  prepare<K extends KernelName>(kernel: K, args: Arguments<K>, output: Slot, work: Work = {}): void {
    if (this.training) {
      this.call(kernel, args, work);
      return;
    }
    this.preparation.push(this.#record(kernel, args, work));
    this.#pinned.set(output, "always");
  }

  /** Puts off what changes a layer's own numbers: a training step does it only once its loss is known to be finite. */
  later(record: () => void): void {
    this.#later.push({ owner: this.owner, record });
  }

  /** Records what was put off. */
  recordLater(): void {
    for (const { owner, record } of this.#later.splice(0)) {
      this.owner = owner;
      record();
    }
  }

  /** Gives every tensor its address in the arena's workspace, for so many threads. Returns whether they had another one, or none. */
  place(arena: Arena, threads = 1): boolean {
    if (this.#placedAt === arena.workspace && this.#threads === threads) return false;
    for (const [slot, bytes] of this.#scratch) slot.bytes = bytes * threads;
    arena.reserve(placeByLifetime(this.#lifetimes(), arena.workspace), "A smaller batchSize needs less.");
    for (const [at, call] of this.#all.entries()) {
      call.at = at;
      call.isShared = isShared(call);
      call.args = this.#argumentsOf(call);
    }
    this.#placedAt = arena.workspace;
    this.#threads = threads;
    return true;
  }

  /** How long what threads can share takes on one of them, in nanoseconds; 0 where they are not worth it. */
  get shareableCost(): number {
    if (this.#cost < 0) this.#cost = shareableCost(this.#all);
    return this.#cost;
  }

  /** All calls, preparation first, for the threads that it was placed for. */
  tasks(): Task[] {
    return this.#all.map(call => {
      const { kernel, args, range, isShared } = call;
      if (!isShared) return { kernel, args, scratch: -1, stride: 0, range, parts: 0 };
      const stride = this.#scratch.get(call.operands[SCRATCH] as Slot) ?? 0;
      const scratch = parametersOf(kernel).indexOf(SCRATCH);
      return { kernel, args: args.slice(0, -2), scratch, stride, range, parts: partsOf(call, this.#threads) };
    });
  }

  get #all(): Call[] {
    return [...this.preparation, ...this.calls];
  }

  /** Makes the calls, or those given, in their order, on one thread. */
  run(kernels: Kernels, calls: readonly Call[] = this.calls): void {
    for (const call of calls) kernels[call.kernel](...call.args);
  }

  #record(kernel: KernelName, args: object, { range = 0, flops = 0 }: Work): Call {
    const operands = args as Call["operands"];
    const scratch = operands[SCRATCH];
    if (scratch !== undefined && !this.#scratch.has(scratch as Slot))
      throw new Error(`${kernel}: its scratch must come from plan.scratch().`);
    return { kernel, owner: this.owner, operands, range, flops, at: -1, isShared: false, args: [] };
  }

  #argumentsOf({ kernel, operands, range }: Call): number[] {
    const names = isSplittable(kernel) ? parametersOf(kernel).slice(0, -2) : parametersOf(kernel);
    const args = names.map(name => {
      const operand = operands[name];
      if (operand === undefined) throw new Error(`${kernel}: no argument for ${name}.`);
      if (operand === null) return 0;
      if (typeof operand === "number") return operand;
      return "slot" in operand ? addressOf(operand) : operand.address;
    });
    return isSplittable(kernel) ? [...args, 0, range] : args;
  }

  #lifetimes(): Lifetime[] {
    const lifetimes = new Map<Slot, Lifetime>();
    const use = ({ operands }: Call, at: number) => {
      for (const slot of Object.values(operands).map(slotOf)) {
        if (slot === undefined || !this.#transient.has(slot)) continue;
        const known = lifetimes.get(slot);
        if (known) known.last = at;
        else lifetimes.set(slot, { slot, first: at, last: at });
      }
    };
    for (const call of this.preparation) use(call, 0);
    this.calls.forEach(use);
    for (const [slot, pin] of this.#pinned) {
      if (!this.#transient.has(slot)) continue;
      const lifetime = lifetimes.get(slot) ?? { slot, first: 0, last: 0 };
      if (pin !== "to the end") lifetime.first = 0;
      if (pin !== "from the start") lifetime.last = this.calls.length;
      lifetimes.set(slot, lifetime);
    }
    return [...lifetimes.values()];
  }
}

function slotOf(operand: View | Slot | number | null): Slot | undefined {
  if (operand === null || typeof operand === "number") return undefined;
  return "slot" in operand ? operand.slot : operand;
}
