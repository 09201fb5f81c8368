import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import { recordScaleShift } from "./broadcast.js";
import { countOf, type Groups, groupsOf, unitsOf } from "./groups.js";
import type { Weight } from "./weight.js";

/** How numbers are normalized. */
export interface Standard {
  /** the axes of x that tell apart what is normalized by itself */
  along: readonly boolean[];
  /** those axes as kernels take them; default: from `along` */
  groups?: Groups;
  /** whether the mean is taken off */
  isCentered: boolean;
  /** whether squares count by their mean, and not by their sum */
  isMean: boolean;
  epsilon: number;
  /** what variance + epsilon counts as at least */
  least?: number;
  /** one for each element of all axes but the last, the mean of them 1; null: all count alike */
  weights?: View | null;
}

/** What is done to normalized numbers: · gamma + beta, either of which may be missing. */
export interface Affine {
  gamma: Weight | null;
  beta: Weight | null;
  /** the axes that the two have */
  along: readonly boolean[];
}

/**
 * Records y = x̂ · gamma + beta with x̂ = (x - mean) / √(variance + epsilon), mean and biased variance being those of each group, and its way back.
 * @param needsGradient of y
 */
export function recordStandardized(
  plan: Plan,
  x: View,
  { along, isCentered, isMean, epsilon, least = 0, weights = null, ...given }: Standard,
  { gamma, beta, along: own }: Affine,
  needsGradient: boolean,
): Recorded & { mean: View | null; variance: View } {
  const size = sizeOf(x.shape);
  const groups = given.groups ?? groupsOf(x.shape, along)!;
  const count = countOf(groups);
  const factor = isMean ? count / size : 1;
  const work = { range: unitsOf(groups), flops: size };
  const mean = isCentered ? plan.tensor([count]) : null;
  if (mean) plan.call("groupSums", { y: mean, a: x, b: null, mean: null, weights, factor, ...groups }, work);
  const variance = plan.tensor([count]);
  plan.call("groupSums", { y: variance, a: x, b: x, mean, weights, factor, ...groups }, work);
  const scale = plan.tensor([count]);
  plan.call("inverseRoot", { y: scale, x: variance, epsilon, least }, { range: count });
  const standard = plan.tensor(x.shape, needsGradient);
  recordScaleShift(plan, standard, x, { center: mean, scale }, along);
  let y = standard;
  if (gamma || beta) {
    if (plan.training) y = plan.tensor(x.shape, needsGradient);
    recordScaleShift(plan, y, standard, { scale: gamma?.view, shift: beta?.view }, own);
  }

  /** Σ dy and Σ dy · x̂ of groups, where they are wanted */
  function addUp(sum: View | null, dot: View | null, dy: View, groups: Groups): void {
    const work = { range: unitsOf(groups), flops: size };
    const all = { mean: null, weights: null, factor: 1, ...groups };
    if (sum) plan.call("groupSums", { y: sum, a: dy, b: null, ...all }, work);
    if (dot) plan.call("groupSums", { y: dot, a: dy, b: standard, ...all }, work);
  }

  return {
    y,
    mean,
    variance,
    backward(dy) {
      const isSame = own.join() === along.join();
      const room = (isWanted: boolean) => (isWanted && x.needsGradient ? plan.tensor([count]) : null);
      let sum = beta?.gradient ?? room(isSame && isCentered);
      let dot = gamma?.gradient ?? room(isSame);
      if (sum || dot) addUp(sum, dot, dy, groupsOf(x.shape, own)!);
      if (!x.needsGradient) return null;
      if (isSame) {
        if (gamma) plan.call("multiply", { y: scale, a: scale, b: gamma.view }, { range: count });
        if (!isCentered) sum = null;
      } else {
        if (gamma) recordScaleShift(plan, dy, dy, { scale: gamma.view }, own);
        sum = room(isCentered);
        dot = room(true);
        addUp(sum, dot, dy, groups);
      }
      const { k0, r1, k1, r2 } = groups;
      const rows = { range: size / (r2 === 1 ? k1 : r2), flops: 5 * size };
      plan.call("normalizeGrad", { dx: dy, dy, y: standard, scale, sum, dot, weights, factor, k0, r1, k1, r2 }, rows);
      return dy;
    },
  };
}
