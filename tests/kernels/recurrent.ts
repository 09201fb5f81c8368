import fc from "fast-check";
import * as reference from "../reference.js";
import { activations, gatesOf, type Inputs, recurrent, type Shape } from "../references/recurrent.js";
import { integers, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const NR = 8;
const blocksOf = { simpleRnn: 1, lstm: 4, gru: 4 };
const [SEQUENCES, BACKWARDS, ZERO_MASKED, KEEP, RESET_AFTER] = [1, 2, 4, 8, 16];
/** of the activations that have one: leaky_relu's slope, elu's alpha, the slopes of those that are clipped lines */
const optionOf = (activation: number) => [0, 0, 0.2, 0.7, 0, 0, 1, 1, 1, 1, 0.2][activation];

interface Options extends Partial<Shape> {
  mask?: boolean;
  drop?: boolean;
  xGates?: boolean;
  bias?: boolean;
  /** a sequence that goes on from another */
  states?: boolean;
  bench?: boolean;
}

/** Rows of n as the kernels keep them, with zeros behind. */
function widened(x: ArrayLike<number>, n: number, width: number): Float32Array {
  const wide = new Float32Array((x.length / n) * width);
  Array.from(x).forEach((v, i) => {
    wide[Math.floor(i / n) * width + (i % n)] = v;
  });
  return wide;
}

/** B[k, n] in panels of 8 columns. */
function panels(b: Float32Array, k: number, n: number): Float32Array {
  const out = new Float32Array(Math.ceil(n / NR) * NR * k);
  for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) out[(Math.floor(j / NR) * k + p) * NR + (j % NR)] = b[p * n + j];
  return out;
}

const joined = (parts: Float32Array[]) => Float32Array.from(parts.flatMap(part => Array.from(part)));

/** The panels of each gate's columns of b[k, gates · units]. */
function gatePanels(b: Float32Array, k: number, gates: number, units: number): Float32Array {
  const columns = (g: number) =>
    Float32Array.from({ length: k * units }, (_, i) => b[(Math.floor(i / units) * gates + g) * units + (i % units)]);
  return joined(Array.from({ length: gates }, (_, g) => panels(columns(g), k, units)));
}

function at(cell: Shape["cell"], batch: number, steps: number, features: number, units: number, options: Options = {}): Case {
  const { mask = false, drop = false, xGates = false, bias = true, states = false, bench = false, ...rest } = options;
  const shape: Shape = { cell, batch, steps, features, units, ...rest };
  const { sequences = false, backwards = false, zeroMasked = false, resetAfter = true, activation = 0, recurrentActivation = 1 } = rest;
  const gates = gatesOf[cell];
  const blocks = blocksOf[cell];
  const width = Math.ceil(units / NR) * NR;
  const isAfter = cell === "gru" && resetAfter;
  const n = batch * steps * features;
  const xGate = xGates ? n : 0;
  const copies = xGates ? gates : 1;
  const reach = 1 / Math.sqrt(units);

  const x = uniform(n * copies);
  const w = uniform(features * gates * units, 2, -0.8, 0.8);
  const r = uniform(units * gates * units, 3, -reach, reach);
  const b = uniform((isAfter ? 2 : 1) * gates * units, 4, -0.5, 0.5);
  const start = { h: uniform(batch * units, 5), c: uniform(batch * units, 6) };
  const masks = integers(batch * steps, 3, 7).map(Math.sign);
  const factors = integers(gates * batch * units, 2, 8).map(keep => 2 * keep);
  const dy = uniform(batch * (sequences ? steps : 1) * units, 9);

  const inputsOf = (i: Record<string, ArrayLike<number>>): Inputs => ({
    x: Array.from({ length: copies }, (_, g) => Array.from(i.x).slice(g * xGate, g * xGate + n)),
    w,
    r,
    bias: bias ? b : null,
    h: states ? narrowed(i.hStart) : new Float64Array(batch * units),
    c: states ? narrowed(i.cStart) : new Float64Array(batch * units),
    mask: mask ? masks : null,
    drop: drop ? factors : null,
  });
  const narrowed = (h: ArrayLike<number>) => Array.from(h).filter((_, i) => i % width < units);
  const inputs: Case["inputs"] = {
    x,
    dy,
    wPanels: gatePanels(w, features, gates, units),
    rPanels: gatePanels(r, units, gates, units),
    wBack: panels(Float32Array.from(reference.transpose(w, features, gates * units)), gates * units, features),
    rBack: panels(Float32Array.from(reference.transpose(r, units, gates * units)), gates * units, units),
    ...(bias && { bias: widened(b, units, width) }),
    ...(mask && { mask: masks }),
    ...(drop && { drop: widened(factors, units, width) }),
    ...(states && { hStart: widened(start.h, units, width), cStart: widened(start.c, units, width) }),
  };

  const state = batch * width;
  const isLstm = cell === "lstm";
  const flags =
    [sequences && SEQUENCES, backwards && BACKWARDS, zeroMasked && ZERO_MASKED].reduce<number>((sum, flag) => sum + Number(flag), 0) +
    (isAfter ? RESET_AFTER : 0);
  const common = {
    ...{ mask: mask ? "mask" : 0, drop: drop ? "drop" : 0, spare: "spare", scratch: "scratch" },
    ...{ batch, steps, features, units, xGate, activation, option: optionOf(activation) },
    ...(cell !== "simpleRnn" && { recurrentActivation, recurrentOption: optionOf(recurrentActivation) }),
  };
  const forward = (flags: number, y: string, suffix: string) => ({
    kernel: cell,
    args: {
      ...{
        y,
        h: `h${suffix}`,
        z: `z${suffix}`,
        h0: states ? `h0${suffix}` : 0,
        ...(isLstm && { c: `c${suffix}`, c0: states ? `c0${suffix}` : 0 }),
      },
      ...{ x: "x", w: "wPanels", r: "rPanels", bias: bias ? "bias" : 0, ...common, flags },
    },
    range: batch,
  });
  const dz = steps * batch * blocks * width;
  const flops = 2 * batch * steps * (features + units) * gates * units;
  return {
    label: `${batch}x${steps}x${features} units=${units} ${Object.entries(options)
      .filter(([key]) => key !== "bench")
      .map(([key, value]) => `${key}=${value}`)
      .join(" ")}`.trim(),
    inputs,
    outputs: {
      ...{ y: dy.length, yInference: dy.length, z: dz, dx: n * copies, dh: state },
      ...(isLstm && { dc: state }),
      ...(states && { h0: state, h0i: state, ...(isLstm && { c0: state, c0i: state }) }),
    },
    initial: states ? { h0: inputs.hStart, h0i: inputs.hStart, ...(isLstm && { c0: inputs.cStart, c0i: inputs.cStart }) } : {},
    scratch: {
      ...{ h: (steps + 1) * state, spare: state, scratch: 384 + 6 * width, hi: state, zi: batch * blocks * width },
      ...(isLstm && { c: (steps + 1) * state, ci: state }),
    },
    calls: [
      forward(flags, "yInference", "i"),
      forward(flags + KEEP, "y", ""),
      {
        kernel: `${cell}Grad`,
        args: {
          ...{ dx: "dx", z: "z", dh: "dh", dy: "dy", w: "wBack", r: "rBack", ...common, flags: flags + KEEP },
          ...(isLstm ? { dc: "dc", c: "c" } : { h: "h" }),
        },
        range: batch,
      },
    ],
    expected: () => {
      const { y, h, c, backward } = recurrent(shape, inputsOf(inputs));
      const { dx, dh, dc, blocks, values } = backward(dy);
      const beforeProduct = cell === "gru" && !isAfter;
      return {
        ...{ y, yInference: y, dx: dx.flatMap(gradient => Array.from(gradient)) },
        // behind a mask the first states get what belongs to outputs of 0, too
        ...(!mask && { dh: widened(dh, units, width), ...(isLstm && { dc: widened(dc, units, width) }) }),
        // the columns behind the units mean nothing in states
        ...(states && width === units && { h0: h, h0i: h, ...(isLstm && { c0: c, c0i: c }) }),
        ...(width === units &&
          !(beforeProduct && mask) && {
            z: blocks.flatMap((block, row) =>
              block.flatMap((gradient, k) => Array.from(k === 3 && beforeProduct ? values[row][k] : gradient)),
            ),
          }),
      };
    },
    tolerance: 4e-6 * Math.sqrt(steps),
    gradient: bench
      ? undefined
      : {
          forward: i => recurrent(shape, inputsOf({ ...inputs, ...i })).y,
          dy: "dy",
          of: { dx: "x", ...(states && !mask && { dh: "hStart", ...(isLstm && { dc: "cStart" }) }) },
        },
    flops: 2 * flops + flops,
    bench,
  };
}

const sizes = fc.record({
  ...{ batch: fc.integer({ min: 1, max: 9 }), steps: fc.integer({ min: 1, max: 6 }), features: fc.integer({ min: 1, max: 10 }) },
  units: fc.integer({ min: 1, max: 18 }),
  ...{ sequences: fc.boolean(), backwards: fc.boolean(), zeroMasked: fc.boolean(), resetAfter: fc.boolean(), states: fc.boolean() },
  ...{ mask: fc.boolean(), drop: fc.boolean(), xGates: fc.boolean(), bias: fc.boolean() },
});

function row(cell: Shape["cell"]): Row {
  const isGru = cell === "gru";
  const cases = (options: Options) => [
    ...[1, 3, 4, 5, 8].map(batch => at(cell, batch, 4, 3, 8, options)),
    ...[1, 3, 4, 7, 8, 9, 16, 33].map(units => at(cell, 5, 3, 4, units, { sequences: true, ...options })),
    ...[1, 2, 7, 8, 9].map(features => at(cell, 6, 3, features, 8, options)),
    ...[false, true].map(sequences => at(cell, 2, 1, 3, 5, { sequences, ...options })),
    at(cell, 3, 30, 2, 8, { sequences: true, ...options }),
    at(cell, 5, 6, 3, 8, { backwards: true, ...options }),
    at(cell, 5, 6, 3, 6, { backwards: true, sequences: true, ...options }),
    at(cell, 5, 6, 3, 8, { bias: false, states: true, ...options }),
    ...[8, 5].flatMap(units => [
      at(cell, 5, 6, 3, units, { mask: true, ...options }),
      at(cell, 5, 6, 3, units, { mask: true, sequences: true, states: true, ...options }),
      at(cell, 5, 6, 3, units, { mask: true, sequences: true, backwards: true, ...options }),
      at(cell, 5, 6, 3, units, { mask: true, zeroMasked: true, ...options }),
      at(cell, 5, 6, 3, units, { mask: true, zeroMasked: true, sequences: true, ...options }),
      at(cell, 5, 4, 3, units, { drop: true, ...options }),
      at(cell, 5, 4, 3, units, { xGates: true, ...options }),
      at(cell, 5, 4, 3, units, { drop: true, xGates: true, mask: true, sequences: true, backwards: true, ...options }),
    ]),
  ];
  const functions = activations.map((_, i) => i);
  return {
    kernels: [cell, `${cell}Grad`],
    cases: [
      ...cases({}),
      ...(isGru ? cases({ resetAfter: false }) : []),
      ...functions.map(activation => at(cell, 3, 3, 2, 5, { activation })),
      ...(cell === "simpleRnn" ? [] : functions.map(recurrentActivation => at(cell, 3, 3, 2, 5, { recurrentActivation }))),
      at(cell, 32, 140, 1, 64, { bench: true }),
      ...(isGru ? [at(cell, 32, 140, 1, 64, { resetAfter: false, bench: true })] : []),
    ],
    random: sizes.map(({ batch, steps, features, units, resetAfter, ...options }) =>
      at(cell, batch, steps, features, units, isGru ? { ...options, resetAfter } : options),
    ),
  };
}

export const simpleRnn = row("simpleRnn");
export const lstm = row("lstm");
export const gru = row("gru");

export const stepsFirst: Row = {
  kernels: ["stepsFirst"],
  cases: [
    [1, 1, 1],
    [3, 4, 1],
    [2, 5, 3],
    [4, 3, 4],
    [5, 2, 9],
    [1, 7, 17],
    [0, 3, 2],
  ].flatMap(([batch, steps, n]) =>
    [0, 1].map(isBackwards => {
      const x = uniform(batch * steps * n);
      return {
        label: `${batch}x${steps}x${n} isBackwards=${isBackwards}`,
        inputs: { x },
        outputs: { y: x.length },
        calls: [{ kernel: "stepsFirst", args: { y: "y", x: "x", batch, steps, n, isBackwards }, range: steps }],
        expected: () => ({
          y: x.map((_, i) => {
            const [step, b] = [Math.floor(i / (batch * n)), Math.floor(i / n) % batch];
            return x[(b * steps + (isBackwards ? steps - 1 - step : step)) * n + (i % n)];
          }),
        }),
        tolerance: 0,
        bytes: 8 * x.length,
      } satisfies Case;
    }),
  ),
};

export const scaleRows: Row = {
  kernels: ["scaleRows"],
  cases: [
    [6, 5, 2, 3],
    [6, 4, 1, 3],
    [12, 1, 3, 2],
    [8, 9, 2, 2],
    [0, 4, 1, 1],
  ].map(([rows, n, repeat, period]) => {
    const [x, factors] = [uniform(rows * n), uniform(period * n, 2)];
    return {
      label: `${rows}x${n} repeat=${repeat} period=${period}`,
      inputs: { x, factors },
      outputs: { y: rows * n },
      inPlace: { y: "x" },
      calls: [{ kernel: "scaleRows", args: { y: "y", x: "x", factors: "factors", n, repeat, period }, range: rows }],
      expected: () => ({ y: x.map((v, i) => v * factors[(Math.floor(i / n / repeat) % period) * n + (i % n)]) }),
      tolerance: 1e-7,
      bytes: 8 * x.length,
    };
  }),
};
