import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";

/** columns of a packed panel: NR in assembly/gemm */
const NR = 8;
/** rows up to which a product by weights goes without packing */
const FEW_ROWS = 4;
/** rows of A and columns of B up to which a B that is used once is read where it lies: packing it costs more than it brings */
const [FEW_REUSES, NARROW] = [64, 512];
/** room for the rows of one thread, in float32: as assembly/gemm asks */
export const SCRATCH = 32880;

/** A matrix in memory: element (i, j) at i · rowStride + j · columnStride. */
export interface Matrix {
  view: View;
  rows: number;
  columns: number;
  rowStride: number;
  columnStride: number;
}

export function matrix(view: View, rows: number, columns: number): Matrix {
  return { view, rows, columns, rowStride: columns, columnStride: 1 };
}

export function transposed({ view, rows, columns, rowStride, columnStride }: Matrix): Matrix {
  return { view, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

interface ProductOptions {
  bias?: View | null;
  /** applied as c is stored: the code of a fused activation */
  activation?: number;
  /** b is a weight: it changes only when the weights do */
  constant?: boolean;
}

/** Records C[m,n] = A[m,k] · B[k,n] (+ bias[n]), row-major C. */
export function product(plan: Plan, c: View, a: Matrix, b: Matrix, options: ProductOptions = {}): void {
  const { rows: m, columns: k } = a;
  const n = b.columns;
  const { bias = null, activation = 0, constant = false } = options;
  const flops = 2 * m * n * k;
  if (m <= FEW_ROWS && isRowMajor(a) && isRowMajor(b)) {
    plan.call("gemv", { y: c, x: a.view, w: b.view, bias, m, n, k, activation }, { range: n, flops });
    return;
  }
  // In inference weights are packed once, for all batches.
  const isUsedOnce = !constant || plan.training;
  const panels = isUsedOnce && b.columnStride === 1 && isReadInPlace(m, n) ? inPlace(b.view, b.rowStride) : packed(plan, b, constant);
  const sizes = { m, n, k, aRowStride: a.rowStride, aColStride: a.columnStride, ldc: n, activation, accumulate: 0 };
  plan.call("gemm", { c, a: a.view, bias, scratch: plan.scratch(SCRATCH), ...panels, ...sizes }, { range: m, flops });
}

/** Whether a B [k,n] is better read where it lies than packed, for a product with m rows. */
export function isReadInPlace(m: number, n: number): boolean {
  return n % NR === 0 && n <= NARROW && m <= FEW_REUSES;
}

/** B for gemm, where it lies with rows so far apart. */
export const inPlace = (b: View, rowStride: number) => ({ b, bRowStride: rowStride, bPanelStride: NR });

/** B for gemm, as packB left its panels of k rows. */
export const inPanels = (b: View, k: number) => ({ b, bRowStride: NR, bPanelStride: NR * k });

function packed(plan: Plan, { view, rows: k, columns: n, rowStride, columnStride }: Matrix, constant: boolean) {
  const panels = plan.tensor([Math.ceil(n / NR) * NR * k]);
  const pack = { panels, b: view, rowStride, colStride: columnStride, k, n };
  const work = { range: Math.ceil(n / NR) };
  if (constant) plan.prepare("packB", pack, panels.slot, work);
  else plan.call("packB", pack, work);
  return inPanels(panels, k);
}

function isRowMajor({ rowStride, columnStride, columns }: Matrix): boolean {
  return columnStride === 1 && rowStride === columns;
}
