import { isSplittable, type KernelName, type Kernels, parametersOf } from "../../js/engine/kernels.js";
import type { Call, Case, Data } from "./row.js";

/** Makes the kernels of one build on a memory. */
export type Bind = (memory: WebAssembly.Memory) => Kernels;

const PAGE = 65536;
/** A NaN for each place: a kernel that reads one shows it in what it writes, and a copy of one elsewhere is seen. */
const guard = (word: number) => 0x7fc00000 | (word & 0x3fffff);
const GUARD_WORDS = 16;

/** A case laid out in a memory of its own: guard | buffer, padded to 16 bytes | guard | buffer, padded | ... | guard. */
export class Laid {
  readonly kernels: Kernels;
  readonly views: Record<string, Data> = {};
  private readonly row: Case;
  private readonly shared: Record<string, string>;
  private readonly words: Uint32Array;
  /** what nothing may write, as indices into words: the guards, and the padding of inputs */
  private readonly gaps: [from: number, to: number][] = [];

  /** `shared`: output → the input whose buffer it takes */
  constructor(bind: Bind, row: Case, shared: Record<string, string> = {}) {
    this.row = row;
    this.shared = shared;
    const outputs = Object.fromEntries(Object.keys(row.outputs).map(name => [name, initialValue(row, name)]));
    const scratch = Object.fromEntries(
      Object.entries(row.scratch ?? {}).map(([name, size]) => [name, new Float32Array(size).fill(Number.NaN)]),
    );
    const buffers = { ...row.inputs, ...outputs, ...scratch };
    const sizes = Object.values(buffers).map(data => data.byteLength + 16 + GUARD_WORDS * 4);
    // The first page is left to the static data of a debug build.
    const memory = new WebAssembly.Memory({ initial: 2 + Math.ceil(sizes.reduce((a, b) => a + b, 0) / PAGE) });
    this.kernels = bind(memory);
    this.words = new Uint32Array(memory.buffer);
    const written = new Set([...Object.keys(outputs), ...Object.keys(scratch), ...Object.values(shared)]);
    let at = PAGE / 4;
    let gap = at;
    at += GUARD_WORDS;
    for (const [name, data] of Object.entries(buffers)) {
      if (name in shared) continue;
      const make = data.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => Data;
      this.views[name] = new make(memory.buffer, at * 4, data.length);
      this.views[name].set(data);
      const padded = at + roundUp(data.byteLength) / 4;
      const end = written.has(name) ? padded : at + data.byteLength / 4;
      this.close(gap, at);
      this.fill(at + data.byteLength / 4, padded);
      gap = end;
      at = padded + GUARD_WORDS;
    }
    this.close(gap, at);
    for (const [name, input] of Object.entries(shared)) this.views[name] = this.views[input];
  }

  /** The calls, each split into that many pieces if it can be split. */
  run(pieces: number): void {
    for (const call of this.row.calls) this.bound(call, pieces).forEach(run => void run());
  }

  /** Each call in pieces that do not see what the others write, as with threads. Returns the places that more than one wrote. */
  runApart(pieces: number): string[] {
    const conflicts: string[] = [];
    for (const call of this.row.calls) {
      // Threads have a scratch each.
      const scratch = this.views[call.args.scratch];
      const isScratch = (i: number) => scratch && 4 * i >= scratch.byteOffset && 4 * i < scratch.byteOffset + roundUp(scratch.byteLength);
      const before = this.words.slice();
      const after = before.slice();
      for (const piece of this.bound(call, pieces)) {
        this.words.set(before);
        piece();
        for (let i = 0; i < before.length; i++) {
          if (this.words[i] === before[i]) continue;
          if (after[i] !== before[i] && !isScratch(i)) conflicts.push(`${call.kernel} at ${4 * i}; ${this.map()}`);
          after[i] = this.words[i];
        }
      }
      this.words.set(after);
    }
    return conflicts;
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

  /** What was written though no kernel owns it. */
  violations(): string[] {
    const found: string[] = [];
    for (const [name, data] of Object.entries(this.row.inputs)) {
      if (Object.values(this.shared).includes(name)) continue;
      if (!sameBits(this.views[name], data)) found.push(`input ${name} was changed`);
    }
    for (const [from, to] of this.gaps) {
      for (let i = from; i < to; i++) if (this.words[i] !== guard(i)) return [...found, `the guard at ${i * 4} was written; ${this.map()}`];
    }
    return found;
  }

  private close(from: number, to: number): void {
    this.fill(from, to);
    this.gaps.push([from, to]);
  }

  private fill(from: number, to: number): void {
    for (let i = from; i < to; i++) this.words[i] = guard(i);
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
