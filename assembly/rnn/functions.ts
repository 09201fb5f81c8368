import { elu, eluGrad, softsign, softsignGrad } from "../activation/smooth";
import { leakyRelu, leakyReluGrad } from "../elementwise";
import { madd } from "../simd";

/** Activations of recurrent layers by number, as js/activations has them: those whose slope the output tells. */
const TANH = 0;
const SIGMOID = 1;
const LEAKY_RELU = 2;
const ELU = 3;
const SELU = 4;
const SOFTSIGN = 5;
/** from here on option · x + offset, clipped to [low, high] */
const LINEAR = 6;
const RELU = 7;
const RELU6 = 8;
const HARD_TANH = 9;
const HARD_SIGMOID = 10;
/** of selu */
const ALPHA: f32 = 1.6732632423543772;
const SCALE: f32 = 1.0507009873554805;

/**
 * tanh and sigmoid with their constants in memory, for two vectors at a time: engines make a constant anew each time it is used, which takes twice
 * as long as all the rest (10 → 4 ns a vector). The formula of tanh is that of simd.ts. sigmoid x = ½ + ½ tanh ½x: at most 6e-8 off, which is
 * much of a sigmoid near 0, but little of what a gate lets through.
 */
@unmanaged
export class Functions {
  one: v128;
  minusOne: v128;
  half: v128;
  high: v128;
  low: v128;
  p1: v128;
  p2: v128;
  p3: v128;
  p4: v128;
  q1: v128;
  q2: v128;
  q3: v128;
  q4: v128;

  fill(): void {
    this.one = f32x4.splat(1);
    this.minusOne = f32x4.splat(-1);
    this.half = f32x4.splat(0.5);
    this.high = f32x4.splat(9.6);
    this.low = f32x4.splat(-9.6);
    this.p1 = f32x4.splat(0.133826876315);
    this.p2 = f32x4.splat(0.00349745811554);
    this.p3 = f32x4.splat(2.06358298247e-5);
    this.p4 = f32x4.splat(1.3384301374e-8);
    this.q1 = f32x4.splat(0.467160088787);
    this.q2 = f32x4.splat(0.0258843625894);
    this.q3 = f32x4.splat(0.000328851807474);
    this.q4 = f32x4.splat(7.79025342374e-7);
  }

  /** y[n] = a · tanh(a · x[n]) + 1 - a: tanh with a = 1, sigmoid with a = ½ */
  private tanhs(y: usize, x: usize, bytes: i32, a: v128): void {
    const one = this.one;
    const minusOne = this.minusOne;
    const offset = f32x4.sub(one, a);
    for (let i = 0; i < bytes; i += 32) {
      const high = this.high;
      const low = this.low;
      const u = f32x4.pmax(f32x4.pmin(f32x4.mul(v128.load(x + i), a), high), low);
      const v = f32x4.pmax(f32x4.pmin(f32x4.mul(v128.load(x + i, 16), a), high), low);
      const uu = f32x4.mul(u, u);
      const vv = f32x4.mul(v, v);
      let c = this.p4;
      let d = this.p3;
      let pu = madd(uu, c, d);
      let pv = madd(vv, c, d);
      c = this.p2;
      d = this.p1;
      pu = madd(uu, madd(uu, madd(uu, pu, c), d), one);
      pv = madd(vv, madd(vv, madd(vv, pv, c), d), one);
      c = this.q4;
      d = this.q3;
      let qu = madd(uu, c, d);
      let qv = madd(vv, c, d);
      c = this.q2;
      d = this.q1;
      qu = madd(uu, madd(uu, madd(uu, qu, c), d), one);
      qv = madd(vv, madd(vv, madd(vv, qv, c), d), one);
      qu = f32x4.pmax(f32x4.pmin(f32x4.div(f32x4.mul(u, pu), qu), one), minusOne);
      qv = f32x4.pmax(f32x4.pmin(f32x4.div(f32x4.mul(v, pv), qv), one), minusOne);
      v128.store(y + i, madd(qu, a, offset));
      v128.store(y + i, madd(qv, a, offset), 16);
    }
  }

  /** y[n] = f(x[n]) with f by its number, n a multiple of 8; y may be x */
  apply(y: usize, x: usize, n: i32, f: i32, option: f32): void {
    const bytes = n << 2;
    if (f <= SIGMOID) {
      this.tanhs(y, x, bytes, f === TANH ? this.one : this.half);
    } else if (f === LEAKY_RELU) {
      leakyRelu(y, x, option, 0, n);
    } else if (f === ELU || f === SELU) {
      elu(y, x, f === SELU ? ALPHA : option, 1, f === SELU ? SCALE : 1, 0, n);
    } else if (f === SOFTSIGN) {
      softsign(y, x, 0, n);
    } else {
      const slope = f32x4.splat(option);
      const offset = f32x4.splat(f === HARD_SIGMOID ? 0.5 : 0);
      const low = f32x4.splat(lowOf(f));
      const high = f32x4.splat(highOf(f));
      for (let i = 0; i < bytes; i += 16) {
        const line = madd(v128.load(x + i), slope, offset);
        v128.store(y + i, f32x4.pmax(f32x4.pmin(line, high), low));
      }
    }
  }

  /** dx[n] = f'(x[n]) · dy[n] with f' from y[n]; dx may be dy or y */
  grad(dx: usize, dy: usize, y: usize, n: i32, f: i32, option: f32): void {
    const bytes = n << 2;
    const one = this.one;
    if (f === TANH) {
      for (let i = 0; i < bytes; i += 16) {
        const t = v128.load(y + i);
        v128.store(dx + i, f32x4.mul(v128.load(dy + i), f32x4.sub(one, f32x4.mul(t, t))));
      }
    } else if (f === SIGMOID) {
      for (let i = 0; i < bytes; i += 16) {
        const gate = v128.load(y + i);
        v128.store(dx + i, f32x4.mul(v128.load(dy + i), f32x4.mul(gate, f32x4.sub(one, gate))));
      }
    } else if (f === LEAKY_RELU) {
      leakyReluGrad(dx, dy, y, option, 0, n);
    } else if (f === ELU || f === SELU) {
      eluGrad(dx, dy, y, f === SELU ? ALPHA : option, 1, f === SELU ? SCALE : 1, 0, n);
    } else if (f === SOFTSIGN) {
      softsignGrad(dx, dy, y, 0, n);
    } else {
      const slope = f32x4.splat(option);
      const low = f32x4.splat(lowOf(f));
      const high = f32x4.splat(highOf(f));
      for (let i = 0; i < bytes; i += 16) {
        const t = v128.load(y + i);
        const isInside = v128.and(f32x4.gt(t, low), f32x4.lt(t, high));
        v128.store(dx + i, v128.and(f32x4.mul(v128.load(dy + i), slope), isInside));
      }
    }
  }
}

function lowOf(f: i32): f32 {
  return f === LINEAR ? -Infinity : f === HARD_TANH ? -1 : 0;
}

function highOf(f: i32): f32 {
  return f <= RELU ? Infinity : f === RELU6 ? 6 : 1;
}
