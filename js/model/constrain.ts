import type { Plan } from "../engine/plan.js";
import { normAxes } from "../layers/axes.js";
import { recordScaleShift } from "../layers/broadcast.js";
import { countOf, groupsOf, unitsOf } from "../layers/groups.js";
import type { Weight } from "../layers/weight.js";

/** Records what makes a weight as its constraint wants it. */
export function recordConstraint(plan: Plan, { name, view, size, shape, constraint }: Weight): void {
  if (!constraint) return;
  if (!constraint.norms) {
    plan.call("relu", { y: view, x: view }, { range: size });
    return;
  }
  const { low, high, rate } = constraint.norms;
  const along = normAxes(name, constraint.norms, shape).map(isNormed => !isNormed);
  const groups = groupsOf(shape, along)!; // no weight has axes enough for null
  const range = countOf(groups);
  const factor = plan.tensor([range]);
  plan.call("groupSums", { y: factor, a: view, b: view, mean: null, weights: null, factor: 1, ...groups }, { range: unitsOf(groups) });
  plan.call("normFactor", { y: factor, x: factor, low, high, rate }, { range });
  recordScaleShift(plan, view, view, { scale: factor }, along);
}
