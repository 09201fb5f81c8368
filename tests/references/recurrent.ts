// Recurrent layers in float64, sample by sample and step by step, with gradients by a tape: each operation notes how its gradient goes back.

import type { Numbers } from "../reference.js";
import * as reference from "../reference.js";

class Vector {
  readonly values: Float64Array;
  readonly gradient: Float64Array;

  constructor(values: Float64Array) {
    this.values = values;
    this.gradient = new Float64Array(values.length);
  }
}

class Tape {
  readonly #back: (() => void)[] = [];

  #note(values: Float64Array, back: (y: Vector) => void): Vector {
    const y = new Vector(values);
    this.#back.push(() => back(y));
    return y;
  }

  map(x: Vector, f: (x: number) => number, slope: (x: number) => number): Vector {
    return this.#note(x.values.map(f), y => y.gradient.forEach((d, i) => void (x.gradient[i] += d * slope(x.values[i]))));
  }

  add(...terms: Vector[]): Vector {
    const sum = terms[0].values.map((_, i) => terms.reduce((sum, { values }) => sum + values[i], 0));
    return this.#note(sum, y => terms.forEach(({ gradient }) => void y.gradient.forEach((d, i) => void (gradient[i] += d))));
  }

  multiply(a: Vector, b: Vector): Vector {
    return this.#note(
      a.values.map((x, i) => x * b.values[i]),
      y =>
        y.gradient.forEach((d, i) => {
          a.gradient[i] += d * b.values[i];
          b.gradient[i] += d * a.values[i];
        }),
    );
  }

  /** a[k] · b[k, begin:begin + n] of rows of `columns` */
  product(a: Vector, b: Vector, columns: number, begin: number, n: number): Vector {
    const sums = new Float64Array(n);
    const each = (f: (p: number, j: number, at: number) => void) => {
      for (let p = 0; p < a.values.length; p++) for (let j = 0; j < n; j++) f(p, j, p * columns + begin + j);
    };
    each((p, j, at) => void (sums[j] += a.values[p] * b.values[at]));
    return this.#note(sums, y =>
      each((p, j, at) => {
        a.gradient[p] += y.gradient[j] * b.values[at];
        b.gradient[at] += y.gradient[j] * a.values[p];
      }),
    );
  }

  /** x[begin:begin + n] */
  slice(x: Vector, begin: number, n: number): Vector {
    return this.#note(x.values.slice(begin, begin + n), y => y.gradient.forEach((d, i) => void (x.gradient[begin + i] += d)));
  }

  run(): void {
    for (const back of this.#back.reverse()) back();
  }
}

type Slope = readonly [f: (x: number) => number, slope: (x: number) => number];
const ramp = (...[slope, offset, low, high]: [number, number, number, number]): Slope => [
  reference.ramp(slope, offset, low, high),
  reference.rampGrad(slope, offset, low, high),
];
const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];
/** By the kernels' numbers. */
export const activations: readonly Slope[] = [
  [reference.tanh, reference.tanhGrad],
  [reference.sigmoid, reference.sigmoidGrad],
  [reference.leakyRelu(0.2), reference.leakyReluGrad(0.2)],
  [reference.elu(0.7, 1, 1), reference.eluGrad(0.7, 1, 1)],
  [reference.elu(alpha, 1, scale), reference.eluGrad(alpha, 1, scale)],
  [reference.softsign, reference.softsignGrad],
  ramp(1, 0, -Infinity, Infinity),
  [reference.relu, reference.reluGrad],
  ramp(1, 0, 0, 6),
  ramp(1, 0, -1, 1),
  ramp(0.2, 0.5, 0, 1),
];

export interface Shape {
  cell: "simpleRnn" | "lstm" | "gru";
  batch: number;
  steps: number;
  features: number;
  units: number;
  sequences?: boolean;
  backwards?: boolean;
  zeroMasked?: boolean;
  resetAfter?: boolean;
  /** numbers of activations */
  activation?: number;
  recurrentActivation?: number;
}

export interface Inputs {
  /** [batch, steps, features], or one of these for each gate */
  x: Numbers[];
  w: Numbers;
  r: Numbers;
  bias: Numbers | null;
  /** [batch, units] */
  h: Numbers;
  c: Numbers;
  /** [batch, steps]; null: all count */
  mask: Numbers | null;
  /** [gates, batch, units]; null: nothing is dropped */
  drop: Numbers | null;
}

export const gatesOf = { simpleRnn: 1, lstm: 4, gru: 3 };

/** y, the last states, and the gradients of all inputs and of the sums that each step's gates are made of, [steps, batch][blocks]. */
export function recurrent(shape: Shape, inputs: Inputs) {
  const { cell, batch, steps, features, units, sequences = false, backwards = false, zeroMasked = false, resetAfter = true } = shape;
  const tape = new Tape();
  const gates = gatesOf[cell];
  const vector = (x: Numbers) => new Vector(Float64Array.from(x));
  const [w, r] = [vector(inputs.w), vector(inputs.r)];
  const bias = vector(inputs.bias ?? new Float64Array(2 * gates * units));
  const xs = inputs.x.map(vector);
  const [h0, c0] = [vector(inputs.h), vector(inputs.c)];
  const drop = inputs.drop && vector(inputs.drop);
  const activate = (x: Vector) => tape.map(x, ...activations[shape.activation ?? 0]);
  const gate = (x: Vector) => tape.map(x, ...activations[shape.recurrentActivation ?? 1]);
  const blocks: Vector[][] = [];
  const outputs: (Vector | null)[] = [];
  const last: { h: Vector; c: Vector }[] = [];

  for (let b = 0; b < batch; b++) {
    let h = tape.slice(h0, b * units, units);
    let c = tape.slice(c0, b * units, units);
    let output: Vector | null = null;
    for (let step = 0; step < steps; step++) {
      const time = backwards ? steps - 1 - step : step;
      const sumX = (g: number) => {
        const x = tape.slice(xs[g % xs.length], (b * steps + time) * features, features);
        return tape.add(tape.product(x, w, gates * units, g * units, units), tape.slice(bias, g * units, units));
      };
      const kept = (x: Vector, g: number) => (drop ? tape.multiply(x, tape.slice(drop, (g * batch + b) * units, units)) : x);
      const state = h;
      const sumH = (g: number, from = kept(state, g)) => tape.product(from, r, gates * units, g * units, units);
      const sum = (g: number) => tape.add(sumX(g), sumH(g));
      let next: { h: Vector; c: Vector; blocks: Vector[] };
      if (cell === "simpleRnn") {
        const z = sum(0);
        next = { h: activate(z), c, blocks: [z] };
      } else if (cell === "lstm") {
        const z = [sum(0), sum(1), sum(2), sum(3)];
        const memory = tape.add(tape.multiply(gate(z[1]), c), tape.multiply(gate(z[0]), activate(z[2])));
        next = { h: tape.multiply(gate(z[3]), activate(memory)), c: memory, blocks: z };
      } else {
        const second = (g: number) => tape.slice(bias, (resetAfter ? 3 + g : g) * units, units);
        const z = [0, 1].map(g => (resetAfter ? tape.add(sum(g), second(g)) : sum(g)));
        const [update, reset] = z.map(gate);
        const q = resetAfter ? tape.add(sumH(2), second(2)) : tape.multiply(reset, kept(state, 2));
        const candidate = tape.add(sumX(2), resetAfter ? tape.multiply(reset, q) : sumH(2, q));
        const rest = tape.map(
          update,
          u => 1 - u,
          () => -1,
        );
        const mixed = tape.add(tape.multiply(update, state), tape.multiply(rest, activate(candidate)));
        next = { h: mixed, c, blocks: [...z, candidate, q] };
      }
      blocks[step * batch + b] = next.blocks;
      const isMasked = inputs.mask !== null && inputs.mask[b * steps + time] === 0;
      if (!isMasked) {
        h = next.h;
        c = next.c;
        output = h;
      } else if (zeroMasked) {
        output = null;
      }
      if (sequences || step === steps - 1) outputs.push(output);
    }
    last.push({ h, c });
  }

  const joined = (vectors: (Float64Array | undefined)[]) => vectors.flatMap(values => Array.from(values ?? new Float64Array(units)));
  return {
    y: joined(outputs.map(y => y?.values)),
    h: joined(last.map(({ h }) => h.values)),
    c: joined(last.map(({ c }) => c.values)),
    backward(dy: Numbers) {
      for (const [i, y] of outputs.entries()) y?.gradient.forEach((_, j) => void (y.gradient[j] += dy[i * units + j]));
      tape.run();
      return {
        dx: xs.map(x => x.gradient),
        dw: w.gradient,
        dr: r.gradient,
        dbias: bias.gradient,
        dh: h0.gradient,
        dc: c0.gradient,
        blocks: blocks.map(block => block.map(({ gradient }) => gradient)),
        values: blocks.map(block => block.map(({ values }) => values)),
      };
    },
  };
}
