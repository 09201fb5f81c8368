import { flush, madd } from "../simd";
import { sequence } from "./sequence";

/** Gates i, f, c, o. */
const GATES = 4;

/**
 * z = x_t · w + h · r + bias;  i, f, o = recurrentActivation(z_i, z_f, z_o);  g = activation(z_c);  c' = f ⊙ c + i ⊙ g;  h' = o ⊙ activation(c')
 * x is [batch, steps, features], y [batch, units] or, with SEQUENCES, [batch, steps, units]. sequence.ts tells how h, c and z = (i f g o) are kept.
 * w and r are panels of each gate's columns, one gate after the other; bias is as wide as z, or 0. h0 and c0 are the states to begin with,
 * [batch, width], which those at the end replace; 0 stands for zeros. mask [batch, steps] and drop [4, batch, width], which h is multiplied by for
 * each gate, may be 0. Activations are numbers from functions.ts. The range is over the batch; spare is a state, scratch 384 floats for each thread.
 */
export function lstm(
  y: usize,
  h: usize,
  c: usize,
  z: usize,
  h0: usize,
  c0: usize,
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
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, GATES, xGate, flags, begin, end);
  const functions = s.functions;
  const width = s.width;
  const bytes = width << 2;
  s.start(h, h0);
  s.start(c, c0);
  for (let step = 0; step < steps; step++) {
    const gates = s.at(z, step, GATES * width);
    let h1 = s.at(h, step, width);
    let c1 = s.at(c, step, width);
    let hNext = s.at(h, step + 1, width);
    let cNext = s.at(c, step + 1, width);
    s.project(gates, x, w, bias, step, GATES);
    s.recur(gates, h1, r, 0, 0, GATES, true);
    for (let row = 0; row < s.rows; row++) {
      if (s.isMasked(row, step)) {
        if (hNext !== h1) {
          memory.copy(hNext, h1, bytes);
          memory.copy(cNext, c1, bytes);
        }
        s.repeat(y, row, step);
      } else {
        const i = gates + row * GATES * bytes;
        const f = i + bytes;
        const g = f + bytes;
        const o = g + bytes;
        functions.apply(i, i, 2 * width, recurrentActivation, recurrentOption);
        functions.apply(g, g, width, activation, option);
        functions.apply(o, o, width, recurrentActivation, recurrentOption);
        for (let u = 0; u < bytes; u += 16) {
          const kept = f32x4.mul(v128.load(f + u), v128.load(c1 + u));
          v128.store(cNext + u, flush(madd(v128.load(i + u), v128.load(g + u), kept)));
        }
        functions.apply(hNext, cNext, width, activation, option);
        for (let u = 0; u < bytes; u += 16) v128.store(hNext + u, f32x4.mul(v128.load(o + u), v128.load(hNext + u)));
        s.emit(y, row, step, hNext);
      }
      h1 += bytes;
      c1 += bytes;
      hNext += bytes;
      cNext += bytes;
    }
  }
  s.finish(h0, h);
  s.finish(c0, c);
}

/**
 * The way back of lstm: dz over z, and dx = dz · wᵀ unless it is 0. What z's gates and all states c were must have been kept.
 * w and r are panels of wᵀ and rᵀ here. dh and dc [batch, width] hold the
 * gradients of a step's states; what is smaller than 2^-100 becomes 0.
 * scratch: 384 + 6 · width floats for each thread.
 */
export function lstmGrad(
  dx: usize,
  z: usize,
  dh: usize,
  dc: usize,
  dy: usize,
  c: usize,
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
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, GATES, xGate, flags, begin, end);
  const functions = s.functions;
  const width = s.width;
  const bytes = width << 2;
  // the gradients of i, f, g and o; activation(c'), and its gradient
  const di = s.room;
  const df = di + bytes;
  const dg = df + bytes;
  const dO = dg + bytes;
  const a = dO + bytes;
  const da = a + bytes;
  const dhs = dh + begin * bytes;
  const dcs = dc + begin * bytes;
  memory.fill(dhs, 0, s.rows * bytes);
  memory.fill(dcs, 0, s.rows * bytes);
  for (let step = steps - 1; step >= 0; step--) {
    const gates = s.at(z, step, GATES * width);
    const cs = s.at(c, step, width);
    const csNext = s.at(c, step + 1, width);
    for (let row = 0; row < s.rows; row++) {
      const i = gates + row * GATES * bytes;
      const dh1 = dhs + row * bytes;
      const isMasked = s.isMasked(row, step);
      s.receive(dh1, dy, row, step, isMasked);
      if (isMasked) {
        memory.fill(i, 0, GATES * bytes);
        continue;
      }
      const f = i + bytes;
      const g = f + bytes;
      const o = g + bytes;
      const c1 = cs + row * bytes;
      const dc1 = dcs + row * bytes;
      functions.apply(a, csNext + row * bytes, width, activation, option);
      for (let u = 0; u < bytes; u += 16) {
        const d = v128.load(dh1 + u);
        v128.store(dO + u, f32x4.mul(d, v128.load(a + u)));
        v128.store(da + u, f32x4.mul(d, v128.load(o + u)));
        v128.store(dh1 + u, f32x4.splat(0));
      }
      functions.grad(da, da, a, width, activation, option);
      for (let u = 0; u < bytes; u += 16) {
        const d = flush(f32x4.add(v128.load(dc1 + u), v128.load(da + u)));
        v128.store(di + u, f32x4.mul(d, v128.load(g + u)));
        v128.store(df + u, f32x4.mul(d, v128.load(c1 + u)));
        v128.store(dg + u, f32x4.mul(d, v128.load(i + u)));
        v128.store(dc1 + u, f32x4.mul(d, v128.load(f + u)));
      }
      functions.grad(i, di, i, 2 * width, recurrentActivation, recurrentOption);
      functions.grad(g, dg, g, width, activation, option);
      functions.grad(o, dO, o, width, recurrentActivation, recurrentOption);
    }
    if (dx) s.projectGrad(dx, gates, w, step, GATES);
    s.recurGrad(dhs, gates, r, 0, GATES, GATES);
  }
}
