import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

type State = Record<string, number>;

interface Optimizer {
  kernel: KernelName;
  /** what it keeps beside the weight, in the order of its parameters */
  slots: string[];
  options: Record<string, number>;
  /** the reference: a weight's state, gradient and options → its next state */
  step: (state: State, g: number, rate: number, options: Record<string, number>) => State;
  flops: number;
  /** the size of each slot after a first step, in which it starts from 0 */
  firstSizes?: Record<string, number>;
  /** other options worth a case */
  otherOptions?: Record<string, number>;
}

/** The parameters of the lecture's convolutional net. */
const LECTURE = 121_930;
const RATE = Math.fround(0.01);
const STEPS = 3;

/** Three steps with the same gradient; a square's average must not be negative. */
function row({ kernel, slots, options: usual, step, flops, firstSizes, otherOptions }: Optimizer): Row {
  const at = (n: number, label = `n=${n}`, options = usual, sizes?: Record<string, number>): Case => {
    const initial: Record<string, Float32Array> = { w: uniform(n) };
    slots.forEach((slot, i) => {
      initial[slot] = sizes ? new Float32Array(n) : uniform(n, 3 + i, slot === "v" ? 0 : -1, 1);
    });
    const inputs = { dw: uniform(n, 2), rate: Float32Array.of(RATE) };
    const names = ["w", ...slots];
    const args = { ...Object.fromEntries(names.map(name => [name, name])), dw: "dw", rate: "rate", ...options };
    return {
      label,
      inputs,
      initial,
      outputs: Object.fromEntries(names.map(name => [name, n])),
      calls: Array.from({ length: STEPS }, () => ({ kernel, args, range: n })),
      expected: () => {
        const after = Array.from({ length: n }, (_, i) => {
          let state: State = Object.fromEntries(names.map(name => [name, initial[name][i]]));
          for (let t = 0; t < STEPS; t++) state = step(state, inputs.dw[i], RATE, options);
          return state;
        });
        return Object.fromEntries(names.map(name => [name, after.map(state => state[name])]));
      },
      tolerance: 3 * STEPS * UNIT,
      sizes,
      flops: STEPS * n * flops,
      bytes: STEPS * n * 4 * (2 * names.length + 1),
      bench: n === LECTURE,
    };
  };
  const cases = [...EDGES, LECTURE].map(n => at(n));
  if (firstSizes) cases.push(at(97, "from the first step", usual, firstSizes));
  if (otherOptions) cases.push(at(97, JSON.stringify(otherOptions), { ...usual, ...otherOptions }));
  return { kernels: [kernel], cases };
}

export const sgd = row({
  kernel: "sgd",
  slots: [],
  options: {},
  step: ({ w }, g, rate) => ({ w: reference.sgd(w, g, rate) }),
  flops: 2,
});

export const sgdMomentum = row({
  kernel: "sgdMomentum",
  slots: ["velocity"],
  options: { momentum: 0.875 },
  step: ({ w, velocity }, g, rate, { momentum }) => reference.sgdMomentum(w, velocity, g, rate, momentum),
  flops: 4,
  firstSizes: { velocity: RATE },
});

export const sgdNesterov = row({
  kernel: "sgdNesterov",
  slots: ["velocity"],
  options: { momentum: 0.875 },
  step: ({ w, velocity }, g, rate, { momentum }) => reference.sgdNesterov(w, velocity, g, rate, momentum),
  flops: 6,
  firstSizes: { velocity: RATE },
});

export const adam = row({
  kernel: "adam",
  slots: ["m", "v"],
  options: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  step: ({ w, m, v }, g, rate, { beta1, beta2, epsilon }) => reference.adam(w, m, v, g, rate, beta1, beta2, epsilon),
  flops: 12,
  firstSizes: { m: 0.1, v: 0.001 },
  otherOptions: { epsilon: 0.25 },
});
