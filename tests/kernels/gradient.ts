import { expect } from "vitest";
import type { Case, Data } from "./row.js";

const STEP = 1e-5;
/** float32 kernels against a float64 difference: rounding of the sum, and the step's own error */
const TOLERANCE = 1e-4;

/**
 * Along a random direction v, the kernel's Σ dx·v must be the central difference (L(x + hv) - L(x - hv)) / 2h
 * of L(x) = Σ dy·f(x), computed in float64.
 */
export function checkGradient({ inputs, gradient }: Case, got: Record<string, Data>): void {
  const { forward, dy, of } = gradient!;
  const loss = (name: string, x: Float64Array) => {
    const y = forward({ ...inputs, [name]: x });
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += y[i] * (dy ? inputs[dy][i] : 1);
    return sum;
  };
  for (const [dx, name] of Object.entries(of)) {
    const x = inputs[name];
    const v = new Float64Array(x).map((_, i) => Math.cos(1 + i * i)); // a fixed direction without pattern
    const moved = (h: number) => v.map((d, i) => x[i] + h * d);
    const difference = (loss(name, moved(STEP)) - loss(name, moved(-STEP))) / (2 * STEP);
    let slope = 0;
    let size = 0;
    got[dx].forEach((d, i) => {
      slope += d * v[i];
      size += Math.abs(d * v[i]);
    });
    expect(Math.abs(slope - difference), `${dx}: Σ dx·v = ${slope}, difference ${difference}`).toBeLessThanOrEqual(TOLERANCE * size + 1e-9);
  }
}
