// Random numbers from a counter instead of a state: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as
// 1, 2, 3; SC11). It turns a counter and a key into four numbers of 32 bits, so every element finds its own without the others',
// and any split of a range draws the same.
//
// The key is that of `seed`, the address of four u32: key low, key high, step low, step high. The counter is [n, stream, step low,
// step high]: `stream` tells layers apart, and each step draws anew. 16 elements share four counters, one a lane:
//
//   element of 16     0  1  2  3 |  4  5  6  7 |  8  9 10 11 | 12 13 14 15
//   lane = n mod 4    0  1  2  3 |  0  1  2  3 |  0  1  2  3 |  0  1  2  3
//   number            first      |  second     |  third      |  fourth
import { option } from "./map";
import { aligned, log, madd, sin2pi, wholeVectors } from "./simd";

/**
 * y[i] = f(number of i, x[i]) for elements [begin, end), both rounded up to whole vectors; x may be 0, if f does not read it.
 * f and g are given the numbers of a pair of vectors, the first and second or the third and fourth; f makes the one, g the other.
 */
function draw<Op>(y: usize, x: usize, seed: usize, stream: i32, begin: i32, end: i32, a: v128, b: v128): void {
  assert(aligned(y) && aligned(x), "y and x must be aligned to 16 bytes");
  const first = wholeVectors(begin);
  const last = wholeVectors(end);
  for (let i = first & ~15; i < last; i += 16) {
    let c0 = i32x4.add(i32x4.splat(i >> 2), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(stream);
    let c2 = v128.load32_splat(seed, 8);
    let c3 = v128.load32_splat(seed, 12);
    let k0 = load<u32>(seed);
    let k1 = load<u32>(seed, 4);
    for (let round = 0; round < 10; round++) {
      const low0 = i64x2.extmul_low_i32x4_u(c0, i32x4.splat(0xd2511f53));
      const high0 = i64x2.extmul_high_i32x4_u(c0, i32x4.splat(0xd2511f53));
      const low2 = i64x2.extmul_low_i32x4_u(c2, i32x4.splat(0xcd9e8d57));
      const high2 = i64x2.extmul_high_i32x4_u(c2, i32x4.splat(0xcd9e8d57));
      c0 = v128.xor(v128.xor(highWords(low2, high2), c1), i32x4.splat(k0));
      c1 = lowWords(low2, high2);
      c2 = v128.xor(v128.xor(highWords(low0, high0), c3), i32x4.splat(k1));
      c3 = lowWords(low0, high0);
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    for (let at = i; at < i + 16; at += 8) {
      const to = y + (at << 2);
      const from = x + (at << 2);
      if (at >= first && at < last) v128.store(to, changetype<Op>(0).f(c0, c1, from, a, b));
      if (at + 4 >= first && at + 4 < last) v128.store(to, changetype<Op>(0).g(c0, c1, from + 16, a, b), 16);
      c0 = c2;
      c1 = c3;
    }
  }
}

/** the lower halves of four 64-bit numbers */
function lowWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 2, 4, 6);
}

/** the upper halves of four 64-bit numbers */
function highWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 1, 3, 5, 7);
}

/** four numbers in [0, 1), multiples of 2^-24 */
function unit(bits: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** scale · x + shift where the number is not below the threshold, else `dropped` */
@unmanaged
class Keep {
  f(c: v128, _: v128, x: usize, threshold: v128, o: v128): v128 {
    const kept = f32x4.add(f32x4.mul(v128.load(x), option(o, 0)), option(o, 1));
    return v128.bitselect(kept, option(o, 2), i32x4.ge_u(c, threshold));
  }
  g(_: v128, c: v128, x: usize, threshold: v128, o: v128): v128 {
    return this.f(c, c, x, threshold, o);
  }
}

/** y[i] = scale · x[i] + shift with probability 1 - rate, else `dropped`; y may be x. With dy for x, and no shift, it makes the gradient */
export function keep(
  y: usize,
  x: usize,
  seed: usize,
  stream: i32,
  rate: f64,
  scale: f32,
  shift: f32,
  dropped: f32,
  begin: i32,
  end: i32,
): void {
  assert(rate >= 0 && rate <= 1, "rate must lie in [0, 1]");
  const threshold = i32x4.splat(<u32>min<f64>(rate * 4294967296, 4294967295));
  draw<Keep>(y, x, seed, stream, begin, end, threshold, f32x4(scale, shift, dropped, 0));
}

/** y[i] = x[i] / (1 - rate) with probability 1 - rate, else 0; y may be x, and with dy for x it makes the gradient */
export function dropout(y: usize, x: usize, seed: usize, stream: i32, rate: f64, begin: i32, end: i32): void {
  keep(y, x, seed, stream, rate, rate < 1 ? <f32>(1 / (1 - rate)) : 0, 0, 0, begin, end);
}

/** low + (high - low) · u */
@unmanaged
class Uniform {
  f(c: v128, _: v128, _x: usize, low: v128, span: v128): v128 {
    return madd(unit(c), span, low);
  }
  g(_: v128, c: v128, x: usize, low: v128, span: v128): v128 {
    return this.f(c, c, x, low, span);
  }
}

/** y[i] = a number in [low, high) */
export function randomUniform(y: usize, seed: usize, stream: i32, low: f32, high: f32, begin: i32, end: i32): void {
  draw<Uniform>(y, 0, seed, stream, begin, end, f32x4.splat(low), f32x4.splat(high - low));
}

/**
 * x + (relative · x + absolute) · a normal number. Box and Muller: with u in (0, 1] and v in [0, 1), √(-2 ln u) · cos 2πv and
 * √(-2 ln u) · sin 2πv are normal and independent.
 */
@unmanaged
class Noise {
  f(u: v128, v: v128, x: usize, relative: v128, absolute: v128): v128 {
    return this.at(u, f32x4.add(unit(v), f32x4.splat(0.25)), v128.load(x), relative, absolute);
  }
  g(u: v128, v: v128, x: usize, relative: v128, absolute: v128): v128 {
    return this.at(u, unit(v), v128.load(x), relative, absolute);
  }
  at(u: v128, turn: v128, x: v128, relative: v128, absolute: v128): v128 {
    const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(f32x4.add(unit(u), f32x4.splat(5.9604644775390625e-8)))));
    return madd(f32x4.mul(radius, sin2pi(turn)), madd(x, relative, absolute), x);
  }
}

/** y[i] = x[i] + (relative · x[i] + absolute) · a number of the normal distribution; y may be x. With dy for x, and no absolute, it makes the gradient */
export function gaussianNoise(y: usize, x: usize, seed: usize, stream: i32, relative: f32, absolute: f32, begin: i32, end: i32): void {
  draw<Noise>(y, x, seed, stream, begin, end, f32x4.splat(relative), f32x4.splat(absolute));
}

/** y[i] = a number of the normal distribution */
export function randomNormal(y: usize, seed: usize, stream: i32, mean: f32, stddev: f32, begin: i32, end: i32): void {
  const last = wholeVectors(end) << 2;
  for (let i = wholeVectors(begin) << 2; i < last; i += 16) v128.store(y + i, f32x4.splat(mean));
  gaussianNoise(y, y, seed, stream, 0, stddev, begin, end);
}
