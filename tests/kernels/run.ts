import { isSplittable, type KernelName, type Kernels, parametersOf } from "../../js/engine/kernels.js";
import type { Call, Case, Data } from "./row.js";

/** Makes the kernels of one build on a memory. */
export type Bind = (memory: WebAssembly.Memory) => Kernels;

const PAGE = 65536;
/** A NaN for each place: a kernel that reads one shows it in what it writes, and a copy of one elsewhere is seen. */
const guard = (word: number) => 0x7fc00000 | (word & 0x3fffff);
const GUARD_WORDS = 16;

/** A case laid out in a memory of its own: [guard | buffer, padded to 16 bytes with guard words | guard | buffer ...]. */
export class Laid {
  readonly kernels: Kernels;
  readonly views: Record<string, Data> = {};
  private readonly row: Case;
  private readonly words: Uint32Array;
  private readonly owned: { begin: number; end: number }[] = [];

  /** `shared`: output → the input whose buffer it takes */
  constructor(bind: Bind, row: Case, shared: Record<string, string> = {}) {
    this.row = row;
    const outputs = Object.fromEntries(Object.keys(row.outputs).map(name => [name, initialValue(row, name)]));
    const buffers = { ...row.inputs, ...outputs };
    // The first page is left to the static data of a debug build.
    let size = PAGE + GUARD_WORDS * 4;
    const at: Record<string, number> = {};
    for (const [name, data] of Object.entries(buffers)) {
      if (name in shared) continue;
      at[name] = size;
      size += roundUp(data.byteLength) + GUARD_WORDS * 4;
    }
    const memory = new WebAssembly.Memory({ initial: Math.ceil(size / PAGE) });
    this.kernels = bind(memory);
    this.words = new Uint32Array(memory.buffer, PAGE, (memory.buffer.byteLength - PAGE) / 4);
    this.words.forEach((_, i) => {
      this.words[i] = guard(i);
    });
    for (const [name, data] of Object.entries(buffers)) {
      const make = data.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => Data;
      this.views[name] = new make(memory.buffer, at[shared[name] ?? name], data.length);
      if (!(name in shared)) this.views[name].set(data);
      if (name in outputs) this.own(this.views[name]);
    }
  }

  /** The calls, each split into that many pieces if it can be split. */
  run(pieces: number): void {
    for (const call of this.row.calls) this.bound(call, pieces).forEach(run => void run());
  }

  /** A call as functions without arguments, one a piece: nothing is left to do but the kernel's work. */
  bound(call: Call, pieces = 1): (() => void)[] {
    const kernel = this.kernels[call.kernel];
    const names = parametersOf(call.kernel).filter(name => name !== "begin" && name !== "end");
    const unknown = Object.keys(call.args).filter(name => !names.includes(name));
    if (unknown.length > 0) throw new Error(`${call.kernel} has no parameter ${unknown.join(", ")}`);
    const args = names.map(name => this.argument(call.kernel, name, call.args[name]));
    if (!isSplittable(call.kernel)) return [() => kernel(...args)];
    const cut = (i: number) => Math.floor((call.range! * i) / pieces);
    return Array.from({ length: pieces }, (_, i) => {
      const all = [...args, cut(i), cut(i + 1)];
      return () => kernel(...all);
    });
  }

  /** The buffers that were written though the kernels do not own them. */
  violations(): string[] {
    const found: string[] = [];
    for (const [name, data] of Object.entries(this.row.inputs)) {
      const view = this.views[name];
      if (this.owned.some(own => own.begin === view.byteOffset)) continue;
      if (!sameBits(view, data)) found.push(`input ${name} was changed`);
    }
    const free = new Uint8Array(this.words.length).fill(1);
    for (const view of Object.values(this.views))
      free.fill(0, (view.byteOffset - PAGE) / 4, (view.byteOffset - PAGE + view.byteLength) / 4);
    for (const { begin, end } of this.owned) free.fill(0, (begin - PAGE) / 4, (end - PAGE) / 4);
    const broken = this.words.findIndex((word, i) => free[i] === 1 && word !== guard(i));
    if (broken >= 0) found.push(`the guard word at ${PAGE + broken * 4} was written; buffers: ${this.map()}`);
    return found;
  }

  private own(view: Data): void {
    this.owned.push({ begin: view.byteOffset, end: view.byteOffset + roundUp(view.byteLength) });
  }

  private argument(kernel: KernelName, name: string, arg: number | string | undefined): number {
    if (arg === undefined) throw new Error(`${kernel} needs ${name}`);
    if (typeof arg === "number") return arg;
    if (!(arg in this.views)) throw new Error(`${kernel}: no buffer ${arg}`);
    return this.views[arg].byteOffset;
  }

  private map(): string {
    const parts = Object.entries(this.views).map(([name, v]) => `${name} ${v.byteOffset}..${v.byteOffset + v.byteLength}`);
    return parts.join(", ");
  }
}

/** Whether two arrays hold the same bits: NaN equals itself, 0 and -0 differ. */
export function sameBits(a: Data, b: Data): boolean {
  const bytes = (x: Data) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

function initialValue(row: Case, name: string): Data {
  const size = row.outputs[name];
  return row.initial?.[name] ?? (typeof size === "number" ? new Float32Array(size) : new Float64Array(size.f64)).fill(Number.NaN);
}

const roundUp = (bytes: number) => (bytes + 15) & ~15;
