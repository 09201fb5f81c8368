import { checkNumber, readOptions } from "../options.js";
import { type Activation, fromInput, fromOutput, named } from "./activation.js";

const everyRelu = fromOutput({ name: "relu", fused: 1, recurrent: [7, 1] }, ["relu"], ["reluGrad"]);

const plainRelu: Activation = {
  ...everyRelu,
  record(plan, z, how) {
    const { y, backward } = everyRelu.record(plan, z, how);
    y.rectified = true;
    return { y, backward: dy => (dy.ofLogits ? dy : backward(dy)) };
  },
};

interface Ramp {
  /** its number in recurrent kernels */
  recurrent: number;
  slope: number;
  offset: number;
  low: number;
  high: number;
}

/** slope · x + offset, clipped to [low, high] */
function ramp(name: string, { recurrent, ...line }: Ramp, options?: object): Activation {
  const { slope, low, high } = line;
  return fromOutput({ ...named(name, options), recurrent: [recurrent, slope] }, ["ramp", line], ["rampGrad", { slope, low, high }]);
}

/** min(x, high) where x > threshold, else slope · x + offset */
function rectify(name: string, parts: { threshold: number; high: number; slope: number; offset: number }, options: object): Activation {
  const { offset: _, ...slopes } = parts;
  return fromInput(named(name, options), ["rectify", parts], ["rectifyGrad", slopes]);
}

function leaky(name: string, slope: number, options: object): Activation {
  return fromOutput({ ...named(name, options), recurrent: [2, slope] }, ["leakyRelu", { slope }], ["leakyReluGrad", { slope }]);
}

/** min(x, maxValue) where x > threshold, else negativeSlope · (x - threshold) @param options negativeSlope: default 0; maxValue: default none; threshold: default 0 */
export function relu(options: { negativeSlope?: number; maxValue?: number | null; threshold?: number } = {}): Activation {
  const { negativeSlope, maxValue, threshold } = readOptions("relu", options, {
    negativeSlope: 0,
    maxValue: null as number | null,
    threshold: 0,
  });
  checkNumber("relu", "negativeSlope", negativeSlope, 0);
  checkNumber("relu", "threshold", threshold, 0);
  if (maxValue !== null) checkNumber("relu", "maxValue", maxValue, 0);
  if (threshold === 0 && maxValue === null) return negativeSlope === 0 ? plainRelu : leaky("relu", negativeSlope, options);
  const high = maxValue ?? Number.POSITIVE_INFINITY;
  return rectify("relu", { threshold, high, slope: negativeSlope, offset: -negativeSlope * threshold }, options);
}

/** x where x > 0, else negativeSlope · x @param options negativeSlope: default 0.2 */
export function leakyRelu(options: { negativeSlope?: number } = {}): Activation {
  const { negativeSlope } = readOptions("leakyRelu", options, { negativeSlope: 0.2 });
  return leaky("leaky_relu", checkNumber("leakyRelu", "negativeSlope", negativeSlope, 0), options);
}

/** x clipped to [0, 6] */
export const relu6 = () => ramp("relu6", { recurrent: 8, slope: 1, offset: 0, low: 0, high: 6 });
/** x clipped to [-1, 1] */
export const hardTanh = () => ramp("hard_tanh", { recurrent: 9, slope: 1, offset: 0, low: -1, high: 1 });

/** of ½ + slope · x, clipped to [0, 1] */
const sigmoidal = (slope: number): Ramp => ({ recurrent: 10, slope, offset: 0.5, low: 0, high: 1 });

/** slope · x + ½, clipped to [0, 1] @param options slope: default Keras 3's 1/6; Keras 2 and tfjs have 0.2 */
export function hardSigmoid(options: { slope?: number } = {}): Activation {
  const { slope } = readOptions("hardSigmoid", options, { slope: 1 / 6 });
  return ramp("hard_sigmoid", sigmoidal(checkNumber("hardSigmoid", "slope", slope, 0)), slope === 1 / 6 ? {} : { slope });
}

/** (x + 1) / 2, clipped to [0, 1] */
export const sparseSigmoid = () => ramp("sparse_sigmoid", sigmoidal(0.5));

/** x where x > threshold, else defaultValue */
export function threshold(options: { threshold: number; defaultValue: number }): Activation {
  const given = readOptions("threshold", options, { threshold: Number.NaN, defaultValue: Number.NaN });
  const level = checkNumber("threshold", "threshold", given.threshold, Number.NEGATIVE_INFINITY);
  const offset = checkNumber("threshold", "defaultValue", given.defaultValue, Number.NEGATIVE_INFINITY);
  return rectify("threshold", { threshold: level, high: Number.POSITIVE_INFINITY, slope: 0, offset }, options);
}

function shrink(name: "hard_shrink" | "soft_shrink", kernel: "hardShrink" | "softShrink") {
  return (options: { threshold?: number } = {}): Activation => {
    const { threshold } = readOptions(kernel, options, { threshold: 0.5 });
    checkNumber(kernel, "threshold", threshold, 0);
    return fromOutput(named(name, options), [kernel, { threshold }], ["shrinkGrad"]);
  };
}

/** x where |x| > threshold, else 0 @param options threshold: default 0.5 */
export const hardShrink = shrink("hard_shrink", "hardShrink");
/** sign(x) · max(|x| - threshold, 0) @param options threshold: default 0.5 */
export const softShrink = shrink("soft_shrink", "softShrink");

/** x · hardSigmoid(x) */
export const hardSilu = () => fromInput({ name: "hard_silu" }, ["hardSilu"], ["hardSiluGrad"]);

/** (x + 1)² / 4 between -1 and 1, 0 below, x above */
export const sparsePlus = () => fromOutput({ name: "sparse_plus" }, ["sparsePlus"], ["sparsePlusGrad"]);
