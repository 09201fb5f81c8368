import type { Activation } from "../activations/index.js";
import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { sizeOf } from "../tensor.js";
import type { Weight } from "./weight.js";

/** A function that is linear in x and in its weights, as calls to record. */
interface Linear {
  /** z = f(x) + bias, and relu of it where the activation's code is 1 */
  forward(z: View, bias: View | null, activation: number): void;
  /** false: `forward` leaves the activation to others, and its code is always 0 */
  fuses?: boolean;
  gradWeights(dz: View): void;
  gradInput(dx: View, dz: View): void;
}

interface Around {
  needsGradient: boolean;
  bias: Weight | null;
  activation: Activation;
}

/** Records y = activation(f(x) + bias[n]) of a given shape [..., n], and its way back. */
export function affine(plan: Plan, x: View, shape: readonly number[], { needsGradient, bias, activation }: Around, f: Linear): Recorded {
  const z = plan.tensor(shape, needsGradient);
  const fused = f.fuses === false ? undefined : activation.fused;
  f.forward(z, bias?.view ?? null, fused ?? 0);
  const activated = activation.record(plan, z, fused === undefined ? "in place" : "applied");
  return {
    y: activated.y,
    backward: dy => {
      const dz = activated.backward(dy)!;
      const n = shape.at(-1)!;
      if (bias?.gradient) plan.call("biasGrad", { db: bias.gradient, dy: dz, m: sizeOf(shape) / n, n }, { range: n });
      f.gradWeights(dz);
      if (!x.needsGradient) return null;
      const dx = plan.tensor(x.shape);
      f.gradInput(dx, dz);
      return dx;
    },
  };
}
