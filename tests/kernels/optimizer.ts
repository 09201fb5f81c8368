import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { EDGES, UNIT, uniform } from "./data.js";
import { joined } from "./pointwise.js";
import type { Case, Row } from "./row.js";

type State = Record<string, number>;

interface Optimizer {
  kernel: KernelName;
  /** what it keeps beside the weight, in the order of its parameters */
  slots: string[];
  options: Record<string, number>;
  /** what changes from step to step, where that is more than the rate */
  rates?: number[];
  /** the reference: a weight's state, gradient and options → its next state */
  step: (state: State, g: number, rate: number, options: Record<string, number>) => State;
  tolerance?: number;
  flops: number;
  /** the size of each slot after a first step, in which it starts from 0 */
  firstSizes?: Record<string, number>;
  /** other options worth a case */
  otherOptions?: Record<string, number>;
  /** the size that is timed */
  size?: number;
}

/** The parameters of the lecture's convolutional net. */
const LECTURE = 121_930;
const RATE = Math.fround(0.01);
const STEPS = 3;
/** where slots lie that cannot be anything: squares, sums of them, and a mean that is smaller than the mean square's root */
const RANGES: Record<string, [number, number]> = { v: [0.1, 1], most: [0.1, 1], u: [0, 1], sum: [0, 1], d: [0, 1], mean: [-0.2, 0.2] };

/** Three steps with the same gradient. */
function row({
  kernel,
  slots,
  options: usual,
  rates = [],
  step,
  tolerance = 3 * STEPS * UNIT,
  flops,
  size = LECTURE,
  ...more
}: Optimizer): Row {
  const at = (n: number, label = `n=${n}`, options = usual, sizes?: Record<string, number>): Case => {
    const initial: Record<string, Float32Array> = { w: uniform(n) };
    slots.forEach((slot, i) => {
      initial[slot] = sizes ? new Float32Array(n) : uniform(n, 3 + i, ...(RANGES[slot] ?? [-1, 1]));
    });
    const block: Record<string, Float32Array> = rates.length > 0 ? { rates: Float32Array.from(rates) } : { rate: Float32Array.of(RATE) };
    const inputs = { dw: uniform(n, 2), ...block };
    const names = ["w", ...slots];
    const args = { ...Object.fromEntries([...names, ...Object.keys(inputs)].map(name => [name, name])), ...options };
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
      tolerance,
      sizes,
      flops: STEPS * n * flops,
      bytes: STEPS * n * 4 * (2 * names.length + 1),
      bench: n === size,
    };
  };
  const { firstSizes, otherOptions } = more;
  const cases = [...EDGES, size].map(n => at(n));
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

const RATES = [0.02, 0.03, 1.5].map(Math.fround);
const size = 12_193;

export const adam = joined(
  row({
    kernel: "adam",
    slots: ["m", "v"],
    options: { most: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    step: ({ w, m, v }, g, rate, { beta1, beta2, epsilon }) => reference.adam(w, m, v, g, rate, beta1, beta2, epsilon),
    flops: 12,
    firstSizes: { m: 0.1, v: 0.001 },
    otherOptions: { epsilon: 0.25 },
  }),
  row({
    kernel: "adam",
    slots: ["m", "v", "most"],
    options: { beta1: 0.9, beta2: 0.75, epsilon: 1e-7 },
    step: ({ w, m, v, most }, g, rate, { beta1, beta2, epsilon }) => reference.amsgrad(w, m, v, most, g, rate, beta1, beta2, epsilon),
    flops: 13,
    firstSizes: { m: 0.1, v: 0.1, most: 0.1 },
    size,
  }),
);

export const adamax = row({
  kernel: "adamax",
  slots: ["m", "u"],
  options: { beta1: 0.9, beta2: 0.875, epsilon: 1e-7 },
  step: ({ w, m, u }, g, rate, { beta1, beta2, epsilon }) => reference.adamax(w, m, u, g, rate, beta1, beta2, epsilon),
  flops: 9,
  firstSizes: { m: 0.1 },
  otherOptions: { epsilon: 0.25 },
  size,
});

export const nadam = row({
  kernel: "nadam",
  slots: ["m", "v"],
  options: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  rates: RATES,
  step: ({ w, m, v }, g, _, { beta1, beta2, epsilon }) => reference.nadam(w, m, v, g, RATES, beta1, beta2, epsilon),
  flops: 15,
  firstSizes: { m: 0.1, v: 0.001 },
  otherOptions: { epsilon: 0.25 },
  size,
});

export const lion = row({
  kernel: "lion",
  slots: ["m"],
  options: { beta1: 0.75, beta2: 0.9 },
  step: ({ w, m }, g, rate, { beta1, beta2 }) => reference.lion(w, m, g, rate, beta1, beta2),
  flops: 10,
  firstSizes: { m: 0.1 },
  size,
});

const rmsprops: [slots: string[], absent: Record<string, 0>][] = [
  [["v"], { velocity: 0, mean: 0 }],
  [["v", "velocity"], { mean: 0 }],
  [["v", "mean"], { velocity: 0 }],
  [["v", "velocity", "mean"], {}],
];
export const rmsprop = joined(
  ...rmsprops.map(([slots, absent]) =>
    row({
      kernel: "rmsprop",
      slots,
      options: { rho: 0.9, momentum: 0.5, epsilon: 1e-7, ...absent },
      step: (state, g, rate, { rho, momentum, epsilon }) => reference.rmsprop(state, g, rate, rho, momentum, epsilon),
      flops: 7 + 4 * slots.length,
      firstSizes: { v: 0.1, velocity: RATE, mean: 0.1 },
      otherOptions: { epsilon: 0.25 },
      size,
    }),
  ),
);

export const adagrad = row({
  kernel: "adagrad",
  slots: ["sum"],
  options: { epsilon: 1e-7 },
  step: ({ w, sum }, g, rate, { epsilon }) => reference.adagrad(w, sum, g, rate, epsilon),
  flops: 7,
  firstSizes: { sum: 1 },
  otherOptions: { epsilon: 0.25 },
  size,
});

export const adadelta = row({
  kernel: "adadelta",
  slots: ["v", "d"],
  options: { rho: 0.9, epsilon: 1e-7 },
  step: ({ w, v, d }, g, rate, { rho, epsilon }) => reference.adadelta(w, v, d, g, rate, rho, epsilon),
  flops: 16,
  firstSizes: { v: 0.1, d: 1e-6 },
  otherOptions: { epsilon: 0.25 },
  size,
});

export const ftrl = row({
  kernel: "ftrl",
  slots: ["sum", "linear"],
  options: { power: 0.5, l1: 0.25, shrinkage: 0.5 },
  rates: RATES,
  step: ({ w, sum, linear }, g, _, { power, l1, shrinkage }) => reference.ftrl(w, sum, linear, g, RATES[0], power, l1, RATES[1], shrinkage),
  tolerance: 64 * UNIT, // differences of roots, divided by the rate
  flops: 14,
  otherOptions: { power: 0.75 },
  size,
});
