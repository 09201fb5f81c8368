// Recurrent layers go through time one step after the other: each needs the one before. All of a step is done for the rows of a range at once.
//
//   width   units, rounded up to a whole panel of 8 columns: how wide gates and states are kept here. The columns behind the units hold
//           finite numbers of no meaning, and zeros in gradients.
//   gates   z[steps, batch, blocks · width]: a row holds the gates side by side. The way back writes their gradients over them.
//   state   h[steps + 1, batch, width], first what the sequence begins with, then what each step left.
//           In inference (without KEEP) one step's memory serves all of them.
//
// Steps count in the order of work: with BACKWARDS step 0 reads the last element of a sequence. A mask tells which elements count; a step on
// one that does not leaves the state as it was, and repeats the output.
import { gemm } from "../gemm/gemm";
import { MC, NR, ROW } from "../gemm/tiles";
import { loadRow, rowCopy } from "../row";
import { flush } from "../simd";
import { Functions } from "./functions";

/** y holds the output of each step, [batch, steps, units], instead of the last one's, [batch, units] */
export const SEQUENCES = 1;
export const BACKWARDS = 2;
/** the output of a step that the mask leaves out is 0 */
export const ZERO_MASKED = 4;
/** gates and states of all steps are kept, for the way back */
export const KEEP = 8;
/** gru: the reset gate works on what the recurrent weights made of the state, instead of on the state */
export const RESET_AFTER = 16;

/** What stands at the beginning of the scratch: functions, the sequence, the rows of gemm; behind it is room for gates. */
const SEQUENCE = 256;
const LIST = 384;
const ROOM = LIST + MC * ROW;

/** What a kernel was called with, and the parts of a step that all recurrent layers share. */
@unmanaged
export class Sequence {
  batch: i32;
  steps: i32;
  features: i32;
  units: i32;
  width: i32;
  flags: i32;
  /** the range */
  begin: i32;
  rows: i32;
  /** elements from the input of one gate to that of the next; 0: all have the same */
  xGate: i32;
  /** floats of a row of gates */
  stride: i32;
  mask: usize;
  /** one factor for each gate, row and unit, by which the state is multiplied before the recurrent weights are; 0: none */
  drop: usize;
  /** memory for a state */
  spare: usize;
  scratch: usize;

  get functions(): Functions {
    return changetype<Functions>(this.scratch);
  }

  /** memory for gates of one row */
  get room(): usize {
    return this.scratch + ROOM;
  }

  /** where the range begins in one of the steps of a tensor [steps, batch, n] */
  at(tensor: usize, step: i32, n: i32): usize {
    const row = (this.flags & KEEP ? step : 0) * this.batch + this.begin;
    return tensor + ((row * n) << 2);
  }

  /** where a row of the range begins in one step of x[batch, steps, n] */
  input(x: usize, row: i32, step: i32, n: i32): usize {
    const time = this.flags & BACKWARDS ? this.steps - 1 - step : step;
    return x + ((((this.begin + row) * this.steps + time) * n) << 2);
  }

  isMasked(row: i32, step: i32): bool {
    return this.mask !== 0 && load<f32>(this.input(this.mask, row, step, 1)) === 0;
  }

  /** C[rows, n] = A[rows, k] · B (+ bias) (+ C): rows of A and C are aStride and cStride apart, panels of B `panel` */
  product(c: usize, cStride: i32, a: usize, aStride: i32, b: usize, panel: i32, bias: usize, n: i32, k: i32, accumulate: bool): void {
    gemm(c, a, b, bias, this.scratch + LIST, this.rows, n, k, aStride, 1, NR, panel, cStride, 0, <i32>accumulate, 0, this.rows);
  }

  /**
   * z = x[step] · w + bias, for the first gates of z. One product for all steps instead of one a step is 7 % faster for a batch of 1, and
   * 4 to 7 % slower for one of 32 (64 units, 140 and 200 steps): the rows of gates that it writes side by side lie a whole step apart.
   */
  project(z: usize, x: usize, w: usize, bias: usize, step: i32, gates: i32): void {
    const width = this.width;
    const k = this.features;
    const from = this.input(x, 0, step, k);
    if (this.xGate === 0) {
      this.product(z, this.stride, from, this.steps * k, w, NR * k, bias, gates * width, k, false);
      return;
    }
    for (let g = 0; g < gates; g++) {
      const at = (g * width) << 2;
      this.product(
        z + at,
        this.stride,
        from + ((g * this.xGate) << 2),
        this.steps * k,
        w + at * k,
        NR * k,
        bias ? bias + at : 0,
        width,
        k,
        false,
      );
    }
  }

  /** dx[step] = Σ dz · wᵀ over the first gates of dz; with inputs for each gate, a dx for each */
  projectGrad(dx: usize, dz: usize, w: usize, step: i32, gates: i32): void {
    const n = this.features;
    const to = this.input(dx, 0, step, n);
    const panel = NR * gates * this.units;
    const whole = this.xGate === 0 && this.width === this.units;
    const pieces = whole ? 1 : gates;
    const k = (gates / pieces) * this.units;
    for (let g = 0; g < pieces; g++) {
      const c = to + ((g * this.xGate) << 2);
      const b = w + ((g * NR * this.units) << 2);
      this.product(c, this.steps * n, dz + ((g * this.width) << 2), this.stride, b, panel, 0, n, k, g > 0 && this.xGate === 0);
    }
  }

  /** z (+)= h · r + bias, for gates [first, first + gates) of r; z begins with the first of them, h is [rows, width] */
  recur(z: usize, h: usize, r: usize, bias: usize, first: i32, gates: i32, accumulate: bool): void {
    const width = this.width;
    const k = this.units;
    const at = (first * width) << 2;
    const add = bias ? bias + at : 0;
    if (this.drop === 0) {
      this.product(z, this.stride, h, width, r + at * k, NR * k, add, gates * width, k, accumulate);
      return;
    }
    for (let g = 0; g < gates; g++) {
      const to = (g * width) << 2;
      const own = this.spareRows();
      this.scale(own, h, this.factors(first + g));
      this.product(z + to, this.stride, own, width, r + (at + to) * k, NR * k, add ? add + to : 0, width, k, accumulate);
    }
  }

  /** dh += Σ dz · rᵀ over gates [first, first + gates) of r, of which there are `all`; dz begins with the first of them */
  recurGrad(dh: usize, dz: usize, r: usize, first: i32, gates: i32, all: i32): void {
    const panel = NR * all * this.units;
    const pieces = this.drop === 0 && this.width === this.units ? 1 : gates;
    const k = (gates / pieces) * this.units;
    for (let g = 0; g < pieces; g++) {
      const b = r + (((first + g) * NR * this.units) << 2);
      const own = this.drop ? this.spareRows() : dh;
      this.product(own, this.width, dz + ((g * this.width) << 2), this.stride, b, panel, 0, this.width, k, this.drop === 0);
      if (this.drop) this.addScaled(dh, own, this.factors(first + g));
    }
  }

  /** the factors of a gate's state, [rows, width] */
  factors(gate: i32): usize {
    return this.drop + (((gate * this.batch + this.begin) * this.width) << 2);
  }

  spareRows(): usize {
    return this.spare + ((this.begin * this.width) << 2);
  }

  /** y = a · b for states [rows, width] */
  private scale(y: usize, a: usize, b: usize): void {
    const bytes = (this.rows * this.width) << 2;
    for (let i = 0; i < bytes; i += 16) v128.store(y + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }

  /** y += a · b for states [rows, width] */
  private addScaled(y: usize, a: usize, b: usize): void {
    const bytes = (this.rows * this.width) << 2;
    for (let i = 0; i < bytes; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), f32x4.mul(v128.load(a + i), v128.load(b + i))));
  }

  /** the state that the sequence begins with; 0 stands for zeros */
  start(h: usize, from: usize): void {
    const to = this.at(h, 0, this.width);
    const bytes = (this.rows * this.width) << 2;
    if (from) memory.copy(to, from + ((this.begin * this.width) << 2), bytes);
    else memory.fill(to, 0, bytes);
  }

  /** hands the last state on */
  finish(to: usize, h: usize): void {
    if (to) memory.copy(to + ((this.begin * this.width) << 2), this.at(h, this.steps, this.width), (this.rows * this.width) << 2);
  }

  /** where a row of a step stands in y */
  private output(y: usize, row: i32, step: i32): usize {
    row += this.begin;
    return y + (((this.flags & SEQUENCES ? row * this.steps + step : row) * this.units) << 2);
  }

  private isOutput(step: i32): bool {
    return (this.flags & SEQUENCES) !== 0 || step === this.steps - 1;
  }

  /** y = the state h of a step, where it is the output or may be repeated as one */
  emit(y: usize, row: i32, step: i32, h: usize): void {
    const n = this.units;
    if (this.mask !== 0 || this.isOutput(step)) rowCopy(this.output(y, row, step), h, n);
  }

  /** y of a step that the mask leaves out: that of the step before, or 0 */
  repeat(y: usize, row: i32, step: i32): void {
    const n = this.units;
    const to = this.output(y, row, step);
    if (step === 0 || this.flags & ZERO_MASKED) memory.fill(to, 0, n << 2);
    else if (this.flags & SEQUENCES) rowCopy(to, to - (n << 2), n);
  }

  /** dh = flush(dh + dy) with the gradient of a step's output, [row, width] */
  receive(dh: usize, dy: usize, row: i32, step: i32, isMasked: bool): void {
    const n = this.units;
    const isOutput = this.isOutput(step) && !(isMasked && this.flags & ZERO_MASKED);
    const from = this.output(dy, row, step);
    const zero = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      const at = dh + (i << 2);
      const own = v128.load(at);
      v128.store(at, flush(isOutput ? f32x4.add(own, loadRow(from, i, n, zero)) : own));
    }
  }
}

/** A sequence in the scratch, which all kernels of recurrent layers begin with. */
export function sequence(
  scratch: usize,
  mask: usize,
  drop: usize,
  spare: usize,
  batch: i32,
  steps: i32,
  features: i32,
  units: i32,
  blocks: i32,
  xGate: i32,
  flags: i32,
  begin: i32,
  end: i32,
): Sequence {
  const s = changetype<Sequence>(scratch + SEQUENCE);
  s.batch = batch;
  s.steps = steps;
  s.features = features;
  s.units = units;
  s.width = (units + NR - 1) & -NR;
  s.flags = flags;
  s.begin = begin;
  s.rows = end - begin;
  s.xGate = xGate;
  s.stride = blocks * s.width;
  s.mask = mask;
  s.drop = drop;
  s.spare = spare;
  s.scratch = scratch;
  s.functions.fill();
  return s;
}
