import { erf, exp, expm1, flush, loadLanes, log, log1p, reduceAdd, reduceMax, sigmoid, sin2pi, softplus, storeLanes, tanh } from "../simd";

/** the distance between a float32 and the truth, in units of the truth's last place */
function ulps(got: f32, truth: f64): f64 {
  const exponent = <i32>((reinterpret<u32>(<f32>truth) >> 23) & 0xff);
  const unit = reinterpret<f64>((<u64>(max(exponent, 1) - 127 - 23 + 1023)) << 52);
  return Math.abs(<f64>got - truth) / unit;
}

type Vector = (x: v128) => v128;
type Truth = (x: f64) => f64;

/** the largest error over [from, to], at every step-th float32 in order of magnitude, and at both signs if from is below 0 */
function worst(f: Vector, truth: Truth, from: f32, to: f32, step: u32): f64 {
  let error: f64 = 0;
  const last = reinterpret<u32>(max(-from, to));
  const first = from > 0 ? reinterpret<u32>(from) : reinterpret<u32>(f32.MIN_NORMAL_VALUE);
  for (let bits = first; bits <= last; bits += step) {
    const x = reinterpret<f32>(bits);
    const y = f(f32x4(x, -x, x, -x));
    if (x <= to) error = max(error, ulps(f32x4.extract_lane(y, 0), truth(x)));
    if (-x >= from) error = max(error, ulps(f32x4.extract_lane(y, 1), truth(-x)));
  }
  return error;
}

function at(f: Vector, x: f32): f32 {
  return f32x4.extract_lane(f(f32x4(0, x, 0, 0)), 1);
}

const STEP: u32 = 3001; // a prime: some 700,000 numbers of each sign

describe("exp", () => {
  it("errs by 1.2 ulp at most", () => {
    expect<f64>(worst(exp, x => NativeMath.exp(x), -86.98, 88.72283, STEP)).toBeLessThan(1.2);
  });
  it("is exact at 0, and right at the ends", () => {
    expect<f32>(at(exp, 0)).toBe(1);
    expect<f32>(at(exp, -0.0)).toBe(1);
    expect<f32>(at(exp, -87.1)).toBe(0);
    expect<f32>(at(exp, -1e30)).toBe(0);
    expect<f32>(at(exp, -Infinity)).toBe(0);
    expect<f32>(at(exp, 88.73)).toBe(Infinity);
    expect<f32>(at(exp, 1e30)).toBe(Infinity);
    expect<f32>(at(exp, Infinity)).toBe(Infinity);
    expect<f32>(at(exp, NaN)).toBeNaN();
  });
});

describe("expm1", () => {
  it("errs by 2 ulp at most", () => {
    expect<f64>(worst(expm1, x => NativeMath.expm1(x), -90, 88, STEP)).toBeLessThan(2);
  });
  it("is right at the ends", () => {
    expect<f32>(at(expm1, 0)).toBe(0);
    expect<f32>(at(expm1, 1e-30)).toBe(1e-30);
    expect<f32>(at(expm1, -1e30)).toBe(-1);
    expect<f32>(at(expm1, -Infinity)).toBe(-1);
    expect<f32>(at(expm1, NaN)).toBeNaN();
  });
});

describe("log", () => {
  it("errs by 1 ulp at most", () => {
    expect<f64>(worst(log, x => NativeMath.log(x), f32.MIN_NORMAL_VALUE, f32.MAX_VALUE, STEP)).toBeLessThan(1);
    expect<f64>(worst(log, x => NativeMath.log(x), 0.99, 1.01, 1)).toBeLessThan(1);
  });
  it("is right at the ends", () => {
    expect<f32>(at(log, 1)).toBe(0);
    expect<f32>(at(log, 0)).toBe(-Infinity);
    expect<f32>(at(log, -0.0)).toBe(-Infinity);
    expect<f32>(at(log, Infinity)).toBe(Infinity);
    expect<f32>(at(log, -1)).toBeNaN();
    expect<f32>(at(log, -Infinity)).toBeNaN();
    expect<f32>(at(log, NaN)).toBeNaN();
  });
});

describe("log1p", () => {
  it("errs by 2 ulp at most", () => {
    expect<f64>(worst(log1p, x => NativeMath.log1p(x), f32.MIN_NORMAL_VALUE, 1, STEP)).toBeLessThan(2);
  });
  it("is right at the ends", () => {
    expect<f32>(at(log1p, 0)).toBe(0);
    expect<f32>(at(log1p, NaN)).toBeNaN();
  });
});

describe("tanh", () => {
  it("errs by 6 ulp at most", () => {
    expect<f64>(worst(tanh, x => NativeMath.tanh(x), -20, 20, STEP)).toBeLessThan(6);
  });
  it("stays within ±1 and reaches them", () => {
    for (let x: f32 = 7; x < 10; x += 0.0001) {
      if (!(at(tanh, x) <= 1 && at(tanh, -x) >= -1)) expect<f32>(at(tanh, x)).toBeLessThanOrEqual(1);
    }
    expect<f32>(at(tanh, 9.6)).toBe(1);
    expect<f32>(at(tanh, 1e30)).toBe(1);
    expect<f32>(at(tanh, Infinity)).toBe(1);
    expect<f32>(at(tanh, -Infinity)).toBe(-1);
    expect<f32>(at(tanh, 0)).toBe(0);
    expect<f32>(at(tanh, NaN)).toBeNaN();
  });
});

describe("sigmoid", () => {
  it("errs by 2.5 ulp at most", () => {
    expect<f64>(worst(sigmoid, x => 1 / (1 + NativeMath.exp(-x)), -87, 100, STEP)).toBeLessThan(2.5);
  });
  it("is right at the ends", () => {
    expect<f32>(at(sigmoid, 0)).toBe(0.5);
    expect<f32>(at(sigmoid, Infinity)).toBe(1);
    expect<f32>(at(sigmoid, 1e30)).toBe(1);
    expect<f32>(at(sigmoid, -Infinity)).toBe(0);
    expect<f32>(at(sigmoid, -1e30)).toBe(0);
    expect<f32>(at(sigmoid, NaN)).toBeNaN();
  });
});

describe("sin2pi", () => {
  it("errs by 2.1e-7 at most", () => {
    let error: f64 = 0;
    for (let i = -1 << 20; i < 1 << 20; i++) {
      const x = <f32>i * <f32>1.7e-6;
      error = max(error, Math.abs(at(sin2pi, x) - NativeMath.sin(2 * NativeMath.PI * <f64>x)));
    }
    expect<f64>(error).toBeLessThan(2.1e-7);
  });
  it("is exact at quarter turns", () => {
    expect<f32>(at(sin2pi, 0)).toBe(0);
    expect<f32>(at(sin2pi, 0.25)).toBe(1);
    expect<f32>(at(sin2pi, 0.5)).toBe(0);
    expect<f32>(at(sin2pi, 0.75)).toBe(-1);
    expect<f32>(at(sin2pi, 1.25)).toBe(1);
  });
});

describe("softplus", () => {
  it("errs by 3 ulp at most", () => {
    expect<f64>(worst(softplus, x => NativeMath.log1p(NativeMath.exp(x)), -86.9, 100, STEP)).toBeLessThan(3);
  });
  it("is right at the ends", () => {
    expect<f32>(at(softplus, 1e30)).toBe(1e30);
    expect<f32>(at(softplus, Infinity)).toBe(Infinity);
    expect<f32>(at(softplus, -1e30)).toBe(0);
    expect<f32>(at(softplus, -Infinity)).toBe(0);
    expect<f32>(at(softplus, NaN)).toBeNaN();
  });
});

describe("erf", () => {
  // 2/√π · e^(-x²) · Σ 2^k x^(2k+1) / (1 · 3 · 5 ... (2k+1)): all terms of one sign
  const truth = (x: f64): f64 => {
    let term = x;
    let sum = x;
    for (let k = 1; k < 120; k++) {
      term *= (2 * x * x) / (2 * k + 1);
      sum += term;
    }
    return (2 / NativeMath.sqrt(NativeMath.PI)) * NativeMath.exp(-x * x) * sum;
  };
  it("errs by 3 ulp at most", () => {
    expect<f64>(worst(erf, truth, -5, 5, 37 * STEP)).toBeLessThan(3);
    expect<f64>(worst(erf, truth, 0.1, 4.5, 23 * STEP)).toBeLessThan(3);
  });
  it("is right at the ends", () => {
    expect<f32>(at(erf, 0)).toBe(0);
    expect<f32>(at(erf, 3.95)).toBe(1);
    expect<f32>(at(erf, 1e30)).toBe(1);
    expect<f32>(at(erf, Infinity)).toBe(1);
    expect<f32>(at(erf, -Infinity)).toBe(-1);
    expect<f32>(at(erf, NaN)).toBeNaN();
  });
});

describe("flush", () => {
  it("makes tiny numbers 0 and leaves the rest", () => {
    expect<f32>(at(flush, 7.8e-31)).toBe(0);
    expect<f32>(at(flush, -1e-40)).toBe(0);
    expect<f32>(at(flush, 7.9e-31)).toBe(7.9e-31);
    expect<f32>(at(flush, -2)).toBe(-2);
    expect<f32>(at(flush, Infinity)).toBe(Infinity);
    expect<f32>(at(flush, NaN)).toBeNaN();
  });
});

describe("lanes", () => {
  it("add up", () => {
    expect<f32>(reduceAdd(f32x4(1, 20, 300, 4000))).toBe(4321);
  });
  it("have a largest", () => {
    for (let i = 0; i < 4; i++) {
      expect<f32>(reduceMax(f32x4(i === 0 ? 7 : -1, i === 1 ? 7 : -2, i === 2 ? 7 : -3, i === 3 ? 7 : -4))).toBe(7);
    }
  });
  it("are loaded and stored by the count", () => {
    const from = changetype<usize>(new StaticArray<f32>(4));
    const to = changetype<usize>(new StaticArray<f32>(4));
    for (let count = 1; count < 4; count++) {
      v128.store(from, f32x4(1, 2, 3, 4));
      v128.store(to, f32x4(5, 6, 7, 8));
      const x = loadLanes(from, count, f32x4.splat(9));
      storeLanes(to, x, count);
      for (let i = 0; i < 4; i++) {
        const lane = load<f32>(to + (i << 2));
        expect<f32>(lane).toBe(<f32>(i < count ? i + 1 : i + 5));
      }
      for (let i = count; i < 4; i++)
        expect<f32>(i === 1 ? f32x4.extract_lane(x, 1) : i === 2 ? f32x4.extract_lane(x, 2) : f32x4.extract_lane(x, 3)).toBe(9);
    }
  });
});
