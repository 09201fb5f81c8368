import * as reference from "../reference.js";
import { UNIT } from "./data.js";
import { joined, pointwise } from "./pointwise.js";

/** Enough to time an activation that is not in every net. */
const size = 32 * 1352;

const hardSigmoidOptions = { slope: 1 / 6, offset: 0.5, low: 0, high: 1 };
export const ramp = pointwise({
  ...{ kernels: ["ramp", "rampGrad"], size, tolerance: 3 * UNIT, flops: 8 },
  f: reference.ramp(1 / 6, 0.5, 0, 1),
  df: reference.rampGrad(1 / 6, 0.5, 0, 1),
  option: hardSigmoidOptions,
  gradOption: { slope: 1 / 6, low: 0, high: 1 },
});

export const rectify = pointwise({
  ...{ kernels: ["rectify", "rectifyGrad"], size, tolerance: UNIT, flops: 8 },
  f: reference.rectify(0.5, 3, 0.25, -0.125),
  df: reference.rectifyGrad(0.5, 3, 0.25),
  option: { threshold: 0.5, high: 3, slope: 0.25, offset: -0.125 },
  gradOption: { threshold: 0.5, high: 3, slope: 0.25 },
  from: "x",
});

export const shrink = joined(
  pointwise({
    ...{ kernels: ["hardShrink", "shrinkGrad"], size, tolerance: 0, flops: 4 },
    f: reference.hardShrink(0.5),
    df: reference.shrinkGrad(0.5),
    option: { threshold: 0.5 },
    gradOption: {},
  }),
  pointwise({
    ...{ kernels: ["softShrink", "shrinkGrad"], size, tolerance: UNIT, flops: 6 },
    f: reference.softShrink(0.5),
    df: reference.shrinkGrad(0.5),
    option: { threshold: 0.5 },
    gradOption: {},
  }),
);

export const hardSilu = pointwise({
  ...{ kernels: ["hardSilu", "hardSiluGrad"], size, tolerance: 3 * UNIT, flops: 11 },
  f: reference.hardSilu,
  df: reference.hardSiluGrad,
  from: "x",
});

export const sparsePlus = pointwise({
  ...{ kernels: ["sparsePlus", "sparsePlusGrad"], size, tolerance: 3 * UNIT, flops: 8 },
  f: reference.sparsePlus,
  df: reference.sparsePlusGrad,
});

export const elu = pointwise({
  ...{ kernels: ["elu", "eluGrad"], size, tolerance: 5 * UNIT, flops: 27 },
  f: reference.elu(1.25, 0.75, 1.5),
  df: reference.eluGrad(1.25, 0.75, 1.5),
  option: { alpha: 1.25, stretch: 0.75, scale: 1.5 },
});

export const exponential = pointwise({
  ...{ kernels: ["exponential", "exponentialGrad"], size, tolerance: 4 * UNIT, flops: 20 },
  f: Math.exp,
  df: Math.exp,
});

export const softplus = joined(
  pointwise({
    ...{ kernels: ["softplus", "softplusGrad"], size, tolerance: 5 * UNIT, flops: 55 },
    f: reference.softplus,
    df: reference.sigmoid,
    option: { sign: 1 },
  }),
  pointwise({
    ...{ kernels: ["softplus", "softplusGrad"], size, tolerance: 5 * UNIT, flops: 55 },
    f: reference.logSigmoid,
    df: reference.logSigmoidGrad,
    option: { sign: -1 },
  }),
);

export const softsign = pointwise({
  ...{ kernels: ["softsign", "softsignGrad"], size, tolerance: 3 * UNIT, flops: 6 },
  f: reference.softsign,
  df: reference.softsignGrad,
});

export const squareplus = pointwise({
  ...{ kernels: ["squareplus", "squareplusGrad"], size, tolerance: 4 * UNIT, flops: 13 },
  f: reference.squareplus(4),
  df: reference.squareplusGrad(4),
  option: { b: 4 },
  special: [0, -0, Infinity, -Infinity, Number.NaN, 1e18, -1e18, 1e-30, -1e-30],
});

export const silu = pointwise({
  ...{ kernels: ["silu"], size, tolerance: 6 * UNIT, flops: 29 },
  f: reference.silu,
  df: reference.siluGrad,
});

export const gelu = pointwise({
  ...{ kernels: ["gelu"], size, tolerance: 5 * UNIT, flops: 70 },
  f: reference.gelu,
  df: reference.geluGrad,
});

export const geluTanh = pointwise({
  ...{ kernels: ["geluTanh"], size, tolerance: 64 * UNIT, flops: 46 }, // a tanh that errs by 6 ulp, times up to 10 in the slope
  f: reference.geluTanh,
  df: reference.geluTanhGrad,
});

export const mish = pointwise({
  ...{ kernels: ["mish"], size, tolerance: 6 * UNIT, flops: 33 },
  f: reference.mish,
  df: reference.mishGrad,
});

export const tanhShrink = pointwise({
  ...{ kernels: ["tanhShrink"], size, tolerance: 12 * UNIT, flops: 26 }, // tanh errs by 6 ulp
  f: reference.tanhShrink,
  df: reference.tanhShrinkGrad,
});
