import { flush } from "../simd";
import { sequence } from "./sequence";

/** h' = y = activation(x_t · w + h · r + bias). Parameters are those of lstm; z is one row of gates for each of the batch. */
export function simpleRnn(
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
  begin: i32,
  end: i32,
): void {
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, 1, xGate, flags, begin, end);
  const functions = s.functions;
  const bytes = s.width << 2;
  const sums = z + begin * bytes;
  s.start(h, h0);
  for (let step = 0; step < steps; step++) {
    const hs = s.at(h, step, s.width);
    const hsNext = s.at(h, step + 1, s.width);
    s.project(sums, x, w, bias, step, 1);
    s.recur(sums, hs, r, 0, 0, 1, true);
    for (let row = 0; row < s.rows; row++) {
      const hNext = hsNext + row * bytes;
      if (s.isMasked(row, step)) {
        if (hsNext !== hs) memory.copy(hNext, hs + row * bytes, bytes);
        s.repeat(y, row, step);
      } else {
        functions.apply(hNext, sums + row * bytes, s.width, activation, option);
        for (let u = 0; u < bytes; u += 16) v128.store(hNext + u, flush(v128.load(hNext + u)));
        s.emit(y, row, step, hNext);
      }
    }
  }
  s.finish(h0, h);
}

/** The way back of simpleRnn, as lstmGrad: z[steps, batch, width] becomes dz, whatever was in it; h are all states. scratch: 384 floats for each thread. */
export function simpleRnnGrad(
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
  begin: i32,
  end: i32,
): void {
  const s = sequence(scratch, mask, drop, spare, batch, steps, features, units, 1, xGate, flags, begin, end);
  const functions = s.functions;
  const bytes = s.width << 2;
  const dhs = dh + begin * bytes;
  memory.fill(dhs, 0, s.rows * bytes);
  for (let step = steps - 1; step >= 0; step--) {
    const dz = s.at(z, step, s.width);
    const hsNext = s.at(h, step + 1, s.width);
    for (let row = 0; row < s.rows; row++) {
      const at = row * bytes;
      const isMasked = s.isMasked(row, step);
      s.receive(dhs + at, dy, row, step, isMasked);
      if (isMasked) {
        memory.fill(dz + at, 0, bytes);
      } else {
        functions.grad(dz + at, dhs + at, hsNext + at, s.width, activation, option);
        memory.fill(dhs + at, 0, bytes);
      }
    }
    if (dx) s.projectGrad(dx, dz, w, step, 1);
    s.recurGrad(dhs, dz, r, 0, 1, 1);
  }
}
