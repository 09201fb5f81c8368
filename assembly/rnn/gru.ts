import { NR } from "../gemm/tiles";
import { flush, madd } from "../simd";
import { RESET_AFTER, sequence } from "./sequence";

/** Gates z, r, h; behind them q, what the candidate h takes from the state. */
const GATES = 3;
const BLOCKS = 4;

/**
 * z, r = recurrentActivation(x_t · w + h · r + bias);  g = activation((x_t · w + bias)_h + p);  h' = z ⊙ h + (1 - z) ⊙ g, where
 * p = r ⊙ q, q = (h · r + recurrent bias)_h with RESET_AFTER, and p = q · r_h, q = r ⊙ h without.
 * Parameters are those of lstm; a row of z holds (z r g q). With RESET_AFTER bias is two rows, the second of them the recurrent bias.
 */
export function gru(
  y: usize,
  h: usize,
  z: usize,
  h0: usize,
  x: usize,
  w: usize,
  r: usize,
  bias: usize,
  mask: usize,
  drop: usize,
  spare: usize,
  scratch: usize,
  batch: i32,
  steps: i32,
  features: i32,
  units: i32,
  xGate: i32,
  flags: i32,
  activation: i32,
  option: f32,
  recurrentActivation: i32,
  recurrentOption: f32,
  begin: i32,
  end: i32,
): void {
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, BLOCKS, xGate, flags, begin, end);
  const functions = s.functions;
  const width = s.width;
  const bytes = width << 2;
  const isAfter = (flags & RESET_AFTER) !== 0;
  const recurrentBias = isAfter && bias ? bias + GATES * bytes : 0;
  s.start(h, h0);
  for (let step = 0; step < steps; step++) {
    const gates = s.at(z, step, BLOCKS * width);
    const hs = s.at(h, step, width);
    const hsNext = s.at(h, step + 1, width);
    s.project(gates, x, w, bias, step, GATES);
    s.recur(gates, hs, r, recurrentBias, 0, 2, true);
    if (isAfter) s.recur(gates + 3 * bytes, hs, r, recurrentBias, 2, 1, false);
    for (let row = 0; row < s.rows; row++) {
      const update = gates + row * BLOCKS * bytes;
      const reset = update + bytes;
      const g = reset + bytes;
      const q = g + bytes;
      functions.apply(update, update, 2 * width, recurrentActivation, recurrentOption);
      if (isAfter) {
        for (let u = 0; u < bytes; u += 16) v128.store(g + u, madd(v128.load(reset + u), v128.load(q + u), v128.load(g + u)));
      } else {
        resetState(q, hs + row * bytes, reset, drop ? s.factors(2) + row * bytes : 0, bytes);
      }
    }
    if (!isAfter)
      s.product(gates + 2 * bytes, s.stride, gates + 3 * bytes, s.stride, r + 2 * bytes * units, NR * units, 0, width, units, true);
    for (let row = 0; row < s.rows; row++) {
      const h1 = hs + row * bytes;
      const hNext = hsNext + row * bytes;
      if (s.isMasked(row, step)) {
        if (hsNext !== hs) memory.copy(hNext, h1, bytes);
        s.repeat(y, row, step);
        continue;
      }
      const update = gates + row * BLOCKS * bytes;
      const g = update + 2 * bytes;
      functions.apply(g, g, width, activation, option);
      for (let u = 0; u < bytes; u += 16) {
        const candidate = v128.load(g + u);
        const change = f32x4.sub(v128.load(h1 + u), candidate);
        v128.store(hNext + u, flush(madd(v128.load(update + u), change, candidate)));
      }
      s.emit(y, row, step, hNext);
    }
  }
  s.finish(h0, h);
}

/** q = reset ⊙ h (⊙ factors) */
function resetState(q: usize, h: usize, reset: usize, factors: usize, bytes: i32): void {
  for (let u = 0; u < bytes; u += 16) {
    const own = f32x4.mul(v128.load(reset + u), v128.load(h + u));
    v128.store(q + u, factors ? f32x4.mul(own, v128.load(factors + u)) : own);
  }
}

/**
 * The way back of gru, as lstmGrad; h are all states. A row of z becomes (dz dr dg dq), but keeps q without RESET_AFTER.
 * scratch: 384 + 2 · width floats for each thread.
 */
export function gruGrad(
  dx: usize,
  z: usize,
  dh: usize,
  dy: usize,
  h: usize,
  w: usize,
  r: usize,
  mask: usize,
  drop: usize,
  spare: usize,
  scratch: usize,
  batch: i32,
  steps: i32,
  features: i32,
  units: i32,
  xGate: i32,
  flags: i32,
  activation: i32,
  option: f32,
  recurrentActivation: i32,
  recurrentOption: f32,
  begin: i32,
  end: i32,
): void {
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, BLOCKS, xGate, flags, begin, end);
  const functions = s.functions;
  const width = s.width;
  const bytes = width << 2;
  const isAfter = (flags & RESET_AFTER) !== 0;
  const d0 = s.room;
  const d1 = d0 + bytes;
  const one = f32x4.splat(1);
  const dhs = dh + begin * bytes;
  const dqs = s.spareRows();
  memory.fill(dhs, 0, s.rows * bytes);
  for (let step = steps - 1; step >= 0; step--) {
    const gates = s.at(z, step, BLOCKS * width);
    const hs = s.at(h, step, width);
    for (let row = 0; row < s.rows; row++) {
      const update = gates + row * BLOCKS * bytes;
      const g = update + 2 * bytes;
      const dh1 = dhs + row * bytes;
      const isMasked = s.isMasked(row, step);
      s.receive(dh1, dy, row, step, isMasked);
      if (isMasked) {
        memory.fill(update, 0, BLOCKS * bytes);
        continue;
      }
      for (let u = 0; u < bytes; u += 16) {
        const d = v128.load(dh1 + u);
        const share = v128.load(update + u);
        v128.store(d0 + u, f32x4.mul(d, f32x4.sub(v128.load(hs + row * bytes + u), v128.load(g + u))));
        v128.store(d1 + u, f32x4.mul(d, f32x4.sub(one, share)));
        v128.store(dh1 + u, f32x4.mul(d, share));
      }
      functions.grad(update, d0, update, width, recurrentActivation, recurrentOption);
      functions.grad(g, d1, g, width, activation, option);
    }
    if (!isAfter) s.product(dqs, width, gates + 2 * bytes, s.stride, r + 2 * NR * units * 4, NR * GATES * units, 0, width, units, false);
    for (let row = 0; row < s.rows; row++) {
      const reset = gates + (row * BLOCKS + 1) * bytes;
      const g = reset + bytes;
      const q = g + bytes;
      if (isAfter) {
        for (let u = 0; u < bytes; u += 16) {
          const d = v128.load(g + u);
          v128.store(d0 + u, f32x4.mul(d, v128.load(q + u)));
          v128.store(q + u, f32x4.mul(d, v128.load(reset + u)));
        }
      } else {
        const at = row * bytes;
        resetStateGrad(d0, dhs + at, dqs + at, hs + at, reset, drop ? s.factors(2) + at : 0, bytes);
      }
      functions.grad(reset, d0, reset, width, recurrentActivation, recurrentOption);
    }
    if (dx) s.projectGrad(dx, gates, w, step, GATES);
    s.recurGrad(dhs, gates, r, 0, 2, GATES);
    if (isAfter) s.recurGrad(dhs, gates + 3 * bytes, r, 2, 1, GATES);
  }
}

/** dreset = dq ⊙ h (⊙ factors);  dh += dq ⊙ reset (⊙ factors) */
function resetStateGrad(dreset: usize, dh: usize, dq: usize, h: usize, reset: usize, factors: usize, bytes: i32): void {
  for (let u = 0; u < bytes; u += 16) {
    let d = v128.load(dq + u);
    if (factors) d = f32x4.mul(d, v128.load(factors + u));
    v128.store(dreset + u, f32x4.mul(d, v128.load(h + u)));
    v128.store(dh + u, madd(d, v128.load(reset + u), v128.load(dh + u)));
  }
}
