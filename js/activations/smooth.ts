import { checkBoolean, checkNumber, readOptions } from "../options.js";
import { type Activation, fromOutput, named, withSlope } from "./activation.js";

/** scale · (x where x ≥ 0, else alpha · (e^(stretch · x) - 1)) @param recurrent its number in recurrent kernels, which celu has not */
function exponentialLinear(
  name: string,
  recurrent: number | null,
  parts: { alpha: number; stretch: number; scale: number },
  options: object = {},
): Activation {
  return fromOutput(
    { ...named(name, options), recurrent: recurrent === null ? undefined : [recurrent, parts.alpha] },
    ["elu", parts],
    ["eluGrad", parts],
  );
}

/** x where x ≥ 0, else alpha · (e^x - 1) @param options alpha: default 1 */
export function elu(options: { alpha?: number } = {}): Activation {
  const { alpha } = readOptions("elu", options, { alpha: 1 });
  return exponentialLinear("elu", 3, { alpha: checkNumber("elu", "alpha", alpha, 0), stretch: 1, scale: 1 }, options);
}

/** x where x ≥ 0, else alpha · (e^(x / alpha) - 1) @param options alpha: default 1 */
export function celu(options: { alpha?: number } = {}): Activation {
  const { alpha } = readOptions("celu", options, { alpha: 1 });
  if (!(alpha > 0)) throw new Error(`celu: alpha must be a number over 0, got ${alpha}.`);
  return exponentialLinear("celu", null, { alpha: checkNumber("celu", "alpha", alpha, 0), stretch: 1 / alpha, scale: 1 }, options);
}

/** elu with the numbers that keep mean 0 and variance 1: Klambauer et al., 2017 */
export const selu = () => exponentialLinear("selu", 4, { alpha: 1.6732632423543772, stretch: 1, scale: 1.0507009873554805 });

/** The hyperbolic tangent. */
export const tanh = () => fromOutput({ name: "tanh", recurrent: [0, 0] }, ["tanh"], ["tanhGrad"]);

/** e^x */
export const exponential = () => fromOutput({ name: "exponential" }, ["exponential"], ["exponentialGrad"]);

const softplusOf = (name: string, sign: 1 | -1) => () => fromOutput({ name }, ["softplus", { sign }], ["softplusGrad", { sign }]);

/** ln(1 + e^x) */
export const softplus = softplusOf("softplus", 1);
/** ln sigmoid(x) = -softplus(-x) */
export const logSigmoid = softplusOf("log_sigmoid", -1);

/** x / (1 + |x|) */
export const softsign = () => fromOutput({ name: "softsign", recurrent: [5, 0] }, ["softsign"], ["softsignGrad"]);

/** (x + √(x² + b)) / 2 @param options b: default 4 */
export function squareplus(options: { b?: number } = {}): Activation {
  const { b } = readOptions("squareplus", options, { b: 4 });
  if (!(checkNumber("squareplus", "b", b, 0) > 0)) throw new Error(`squareplus: b must be a number over 0, got ${b}. With 0 it is relu.`);
  return fromOutput(named("squareplus", options), ["squareplus", { b }], ["squareplusGrad", { b }]);
}

/** x · sigmoid(x) */
export const silu = () => withSlope("silu", "silu");

/** x · Φ(x), Φ the normal distribution @param options approximate: through tanh; default false */
export function gelu(options: { approximate?: boolean } = {}): Activation {
  const { approximate } = readOptions("gelu", options, { approximate: false });
  const kernel = checkBoolean("gelu", "approximate", approximate) ? "geluTanh" : "gelu";
  return withSlope("gelu", kernel, options);
}

/** x · tanh(softplus(x)) */
export const mish = () => withSlope("mish", "mish");

/** x - tanh(x) */
export const tanhShrink = () => withSlope("tanh_shrink", "tanhShrink");
