import { sizeOf } from "../tensor.js";
import { ballastOf } from "./ballast.js";
import { newMemory, PAGE } from "./plainMemory.js";
import { MOST_PAGES } from "./sharedImport.js";

/** The first page is the kernels' own: the debug build keeps its messages there. */
const BASE = PAGE;
/** a cache line: no two tensors share one */
const ALIGNMENT = 64;

/** A stretch of a model's memory; its address is known once the arena has placed it. */
export interface Slot {
  bytes: number;
  address: number;
}

/** A tensor in a model's memory: a slot, or a part of one, with a shape. It computes nothing. */
export interface View {
  slot: Slot;
  /** where it begins in the slot, in bytes */
  offset: number;
  shape: readonly number[];
  /** whether the loss's gradient with respect to it is wanted */
  needsGradient: boolean;
  /** for sequences: 1 for each step [batch, steps] that counts, 0 for each that is to be skipped */
  mask?: View;
  /** for the output of a softmax or sigmoid: what went into it, for losses that work on logits */
  logits?: { of: "softmax" | "sigmoid"; view: View };
  /** for the output of a relu: whoever takes the way back to it may go on through the relu, if that is cheaper there */
  rectified?: boolean;
  /** for a gradient: it belongs to what went into the activation, whose own gradient is already in it */
  ofLogits?: boolean;
}

/** A slot for so many float32, padded to whole vectors. */
export function slotFor(elements: number): Slot {
  return { bytes: Math.ceil(elements / 4) * 16, address: -1 };
}

export function viewOf(slot: Slot, shape: readonly number[], needsGradient = false): View {
  return { slot, offset: 0, shape, needsGradient };
}

/** The same numbers under another shape of the same size. */
export function reshaped(view: View, shape: readonly number[]): View {
  return { slot: view.slot, offset: view.offset, shape, needsGradient: view.needsGradient };
}

export function addressOf(view: View): number {
  return view.slot.address + view.offset;
}

/** When a transient slot is in use: from the first to the last of these positions in its plan. */
export interface Lifetime {
  slot: Slot;
  first: number;
  last: number;
}

/** What a slot of so many bytes takes up: side by side, slots leave no gap but this rounding. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * Places slots from `base` on so that no two that live at the same time overlap: largest first, each into the lowest gap.
 * @returns the end of the last slot
 */
export function placeByLifetime(lifetimes: readonly Lifetime[], base: number): number {
  const placed: Lifetime[] = [];
  let end = base;
  for (const item of [...lifetimes].sort((a, b) => b.slot.bytes - a.slot.bytes)) {
    const neighbours = placed.filter(other => other.first <= item.last && item.first <= other.last);
    neighbours.sort((a, b) => a.slot.address - b.slot.address);
    let address = base;
    for (const { slot } of neighbours) {
      if (slot.address - address >= item.slot.bytes) break;
      address = Math.max(address, aligned(slot.address + slot.bytes));
    }
    item.slot.address = address;
    placed.push(item);
    end = Math.max(end, address + aligned(item.slot.bytes));
  }
  return end;
}

/** A stretch of a model's memory that can be given back. */
export interface Region {
  begin: number;
  isReleased: boolean;
}

/**
 * A model's memory: parameters | gradients, optimizer state and other things that outlive a step | the workspace, which plans share.
 * Only one plan runs at a time, so each may use the whole workspace.
 */
export class Arena {
  memory = newMemory(2);
  /** whether workers may use it, too */
  isShared = false;
  /** held while the memory is a shared one */
  ballast: ArrayBuffer | null = null;
  #wasRefused = false;
  /** where the workspace begins */
  workspace = BASE;
  readonly #regions: Region[] = [];
  #floats = new Float32Array(this.memory.buffer);
  #doubles = new Float64Array(this.memory.buffer);
  #words = new Uint32Array(this.memory.buffer);

  /** All of the memory as float32. Growth replaces it: ask again after anything that may allocate. */
  get floats(): Float32Array {
    return this.#floats;
  }

  get doubles(): Float64Array {
    return this.#doubles;
  }

  get words(): Uint32Array {
    return this.#words;
  }

  /** A view's numbers, in place. */
  read(view: View): Float32Array {
    const begin = addressOf(view) / 4;
    return this.floats.subarray(begin, begin + sizeOf(view.shape));
  }

  /** Places a slot before the workspace, for good, and fills it with zeros. Plans made before must be placed again. */
  place(slot: Slot): Slot {
    const end = this.workspace + aligned(slot.bytes);
    this.reserve(end, "Fewer units or filters need less.");
    slot.address = this.workspace;
    this.workspace = end;
    this.floats.fill(0, slot.address / 4, this.workspace / 4);
    return slot;
  }

  /** Begins a region: what is placed until the next one begins belongs to it. */
  open(): Region {
    const region = { begin: this.workspace, isReleased: false };
    this.#regions.push(region);
    return region;
  }

  /** Gives a region back, with its place as soon as all that lies behind it is given back, too. */
  release(region: Region): void {
    region.isReleased = true;
    while (this.#regions.at(-1)?.isReleased) this.workspace = this.#regions.pop()!.begin;
  }

  /** @throws when the runtime has no more memory to give, or a model would need over 4 GiB; with advice on what would help */
  reserve(end: number, advice: string): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      const mebibytes = Math.ceil(end / 2 ** 20);
      throw new Error(`The model needs ${mebibytes} MiB, which this runtime does not give. ${advice}`);
    }
    this.#look();
  }

  /** Moves everything into a memory that workers may use, too; addresses stay. Returns whether the runtime gave one. */
  share(): boolean {
    if (!this.isShared && !this.#wasRefused) {
      const memory = sharedMemory(this.memory.buffer.byteLength / PAGE);
      this.#wasRefused = memory === null;
      if (memory) {
        new Uint8Array(memory.buffer).set(new Uint8Array(this.memory.buffer));
        this.memory = memory;
        this.isShared = true;
        this.#look();
      }
    }
    return this.isShared;
  }

  #look(): void {
    if (this.isShared) this.ballast = ballastOf(this.memory);
    this.#floats = new Float32Array(this.memory.buffer);
    this.#doubles = new Float64Array(this.memory.buffer);
    this.#words = new Uint32Array(this.memory.buffer);
  }
}

/** Some runtimes set the most that a shared memory may grow to aside at once: where that is too much, less is asked for. */
function sharedMemory(initial: number): WebAssembly.Memory | null {
  for (let maximum = MOST_PAGES; maximum >= initial; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch {
      // less, then
    }
  }
  return null;
}
