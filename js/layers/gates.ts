// Weights [rows, gates · units] of recurrent layers and their gradients. In the kernels a gate is as wide as whole panels: assembly/rnn/sequence.ts.
import { type Slot, type View, viewOf } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { inPanels, inPlace, isReadInPlace } from "./product.js";
import type { Weight } from "./weight.js";

/** columns of a packed panel: NR in assembly/gemm */
const NR = 8;

export const widthOf = (units: number) => Math.ceil(units / NR) * NR;

/** What begins so many float32 behind the begin of a slot. */
export const from = (slot: Slot, elements: number): View => ({ ...viewOf(slot, []), offset: elements * 4 });

/** Gates of a weight that lie side by side, and the first of the blocks of z where their gradients do. */
export interface Gates {
  first: number;
  count: number;
  block: number;
}

/** Gates that are as wide as in the kernels are worked on together, others one by one. */
function pieces({ first, count, block }: Gates, units: number): (Gates & { columns: number })[] {
  if (widthOf(units) === units) return [{ first, count, block, columns: count * units }];
  return Array.from({ length: count }, (_, i) => ({ first: first + i, count: 1, block: block + i, columns: units }));
}

/** Records the packing of B[k, gates · units], which begins at `b`: the panels of one gate after those of another. */
function packGates(plan: Plan, panels: Slot, at: number, b: Slot, bAt: number, k: number, gates: number, units: number): void {
  for (const { first, columns } of pieces({ first: 0, count: gates, block: 0 }, units)) {
    const pointers = { panels: from(panels, at + first * widthOf(units) * k), b: from(b, bAt + first * units) };
    const sizes = { rowStride: gates * units, colStride: 1, k, n: columns };
    plan.prepare("packB", { ...pointers, ...sizes }, panels, { range: Math.ceil(columns / NR) });
  }
}

/** A kernel's panels. */
export function kernelPanels(plan: Plan, { view, shape: [k] }: Weight, gates: number, units: number): Slot {
  const panels = plan.slot(k * gates * widthOf(units));
  packGates(plan, panels, 0, view.slot, 0, k, gates, units);
  return panels;
}

/** A bias as wide as the gates, row by row. */
export function wideBias(plan: Plan, { view, size }: Weight, gates: number, units: number): Slot {
  const rows = size / (gates * units);
  const wide = plan.slot(rows * gates * widthOf(units));
  for (let row = 0; row < rows; row++) {
    packGates(plan, wide, row * gates * widthOf(units), view.slot, row * gates * units, 1, gates, units);
  }
  return wide;
}

/** Panels of a transposed kernel. */
export function transposedPanels(plan: Plan, { view, shape: [n, k] }: Weight): Slot {
  const panels = plan.slot(widthOf(n) * k);
  plan.call("packB", { panels, b: view, rowStride: 1, colStride: k, k, n }, { range: Math.ceil(n / NR) });
  return panels;
}

/** The gradients of z of all steps, a row for each step of each sample. */
export class GateGradients {
  readonly #plan: Plan;
  readonly #z: Slot;
  readonly #rows: number;
  readonly #stride: number;
  readonly #units: number;
  readonly #scratch: Slot;
  #panels: Slot | null = null;

  constructor(plan: Plan, z: Slot, rows: number, blocks: number, units: number, scratch: Slot) {
    this.#plan = plan;
    this.#z = z;
    this.#rows = rows;
    this.#stride = blocks * widthOf(units);
    this.#units = units;
    this.#scratch = scratch;
  }

  /** Records dw[m, gates] = aᵀ · dz for rows of a that are `aStride` apart. */
  kernel(dw: View, a: View, aStride: number, gates: Gates): void {
    const [m, ldc] = dw.shape;
    const k = this.#rows;
    for (const { first, block, columns: n } of pieces(gates, this.#units)) {
      const begin = block * widthOf(this.#units);
      const b = isReadInPlace(m, n)
        ? inPlace(from(this.#z, begin), this.#stride)
        : inPanels(from((this.#panels ??= this.#pack()), begin * k), k);
      const pointers = { c: from(dw.slot, first * this.#units), a, ...b };
      const sizes = { m, n, k, aRowStride: 1, aColStride: aStride, ldc, activation: 0, accumulate: 0 };
      this.#plan.call("gemm", { ...pointers, bias: null, scratch: this.#scratch, ...sizes }, { range: m, flops: 2 * m * n * k });
    }
  }

  /** Records db[gates] = Σ dz, from the column `at` of db on. */
  bias(db: View, at: number, gates: Gates): void {
    for (const { first, block, columns: n } of pieces(gates, this.#units)) {
      const pointers = { db: from(db.slot, at + first * this.#units), dy: from(this.#z, block * widthOf(this.#units)) };
      this.#plan.call("columnSums", { ...pointers, m: this.#rows, n, rowStride: this.#stride }, { range: n });
    }
  }

  #pack(): Slot {
    const n = this.#stride;
    const k = this.#rows;
    const panels = this.#plan.slot(n * k);
    this.#plan.call("packB", { panels, b: this.#z, rowStride: n, colStride: 1, k, n }, { range: n / NR });
    return panels;
  }
}
