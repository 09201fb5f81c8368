import * as reference from "../references/losses.js";
import { uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const SCALE = 0.25;

function ctcCase(label: string, steps: number, n: number, labels: number[][], options: { share?: number; y?: Float32Array } = {}): Case {
  const batch = labels.length;
  const share = options.share ?? 1;
  const inputs = {
    y: options.y ?? uniform(batch * steps * n, 1, -3, 3),
    target: Float32Array.from(labels.flatMap(row => [...row, ...Array<number>(steps - row.length).fill(0)])),
    weights: uniform(batch * steps, 3, 0, 2),
  };
  const each = (y: ArrayLike<number>) =>
    labels.map((row, b) => share * reference.ctc(Array.from(y).slice(b * steps * n, (b + 1) * steps * n), row, steps, n));
  const weight = (b: number) => SCALE * inputs.weights.subarray(b * steps, (b + 1) * steps).reduce((a, w) => a + w, 0);
  const args = {
    losses: "losses",
    dy: "dy",
    y: "y",
    target: "target",
    weights: "weights",
    room: "room",
    steps,
    n,
    share,
    scale: SCALE,
  };
  const states = 2 * steps + 1;
  return {
    label,
    inputs,
    outputs: { losses: batch * steps, dy: batch * steps * n, only: batch * steps },
    scratch: { room: 2 * batch * ((steps + 2) * states + steps) },
    calls: [
      { kernel: "ctc", args, range: batch },
      { kernel: "ctc", args: { ...args, losses: "only", dy: 0, weights: 0 }, range: batch },
    ],
    expected: () => {
      const losses = each(inputs.y).flatMap(loss => Array<number>(steps).fill(loss));
      return { losses, only: losses };
    },
    tolerance: 2e-6,
    gradient: { forward: ({ y }) => each(y).map((loss, b) => loss * weight(b)), of: { dy: "y" } },
  };
}

export const ctc: Row = {
  kernels: ["ctc"],
  cases: [
    ctcCase("one step, nothing to say", 1, 2, [[]]),
    ctcCase("one step, one label", 1, 3, [[2]]),
    ctcCase("labels of all lengths", 5, 4, [[], [1], [2, 3], [3, 1, 2], [1, 2, 3, 1, 2]]),
    ctcCase("repetitions", 6, 3, [[1, 1], [2, 2, 2], [1, 1, 2]]), // biome-ignore format: rows
    ctcCase("a share of the loss a step", 4, 3, [[1, 2], [2]], { share: 0.25 }), // biome-ignore format: rows
    {
      ...ctcCase("logits huge", 3, 3, [[1], [2]], { y: Float32Array.from([0, 200, 0, 0, 200, 0, 200, 0, 0, 0, 200, 0, 0, 200, 0, 200, 0, 0]) }), // biome-ignore format: rows
      // 1 1 - is next to sure; - 2 -, 2 - - and 2 2 - have two steps each that are e^200 times less likely than others
      expected: () => ({ losses: [0, 0, 0, ...Array(3).fill(400 - Math.log(3))] }),
      tolerance: 1e-6,
      gradient: undefined,
    },
    {
      ...ctcCase("more labels than steps", 2, 3, [[1, 1], [1, 2]]), // biome-ignore format: rows
      gradient: undefined,
    },
    {
      ...ctcCase("labels that are no classes", 2, 3, [[3], [-1]]), // biome-ignore format: rows
      expected: () => ({ losses: Array(4).fill(Number.NaN), dy: Array(12).fill(0) }),
      gradient: undefined,
    },
  ],
};

function circleCase(
  rows: number,
  n: number,
  groups: number,
  options: { gamma?: number; margin?: number; removeDiagonal?: boolean; mean?: number },
): Case {
  const { gamma = 8, margin = 0.4, removeDiagonal = true, mean = 1 } = options;
  const raw = uniform(rows * n);
  const y = raw.map((v, i) => v / Math.hypot(...raw.subarray(Math.floor(i / n) * n, (Math.floor(i / n) + 1) * n)) - 0.01);
  const inputs = { y, target: Float32Array.from({ length: rows }, (_, i) => (i * i) % groups), weights: uniform(rows, 3, 0.1, 2) };
  const args = { losses: "losses", dy: "dy", slopes: "slopes", y: "y", target: "target", weights: "weights", rows, n };
  const own = { gamma, margin, removeDiagonal: Number(removeDiagonal), mean, scale: SCALE };
  const losses = (y: ArrayLike<number>, weights: ArrayLike<number> = Array(rows).fill(1)) => {
    const each = reference.circle(y, inputs.target, n, { gamma, margin, removeDiagonal });
    const counts = (i: number) => (mean === 2 ? weights[i] : 1);
    const all = each.reduce((sum, _, i) => sum + counts(i), 0);
    const valid = each.reduce((sum, loss, i) => sum + (loss > 0 ? counts(i) : 0), 0);
    return each.map(loss => loss * (mean > 0 && valid > 0 ? all / valid : 1));
  };
  return {
    label: `rows=${rows} n=${n} groups=${groups} gamma=${gamma} margin=${margin} removeDiagonal=${removeDiagonal} mean=${mean}`,
    inputs,
    outputs: { losses: rows, dy: rows * n, only: rows },
    scratch: { slopes: rows * rows },
    calls: [
      { kernel: "circle", args: { ...args, ...own, losses: "only", dy: 0, weights: 0 } },
      { kernel: "circle", args: { ...args, ...own } },
    ],
    expected: () => ({ losses: losses(y, inputs.weights), only: losses(y) }),
    tolerance: 1e-5,
    gradient: { forward: i => losses(i.y, inputs.weights).map((loss, r) => loss * inputs.weights[r] * SCALE), of: { dy: "y" } },
  };
}

export const circle: Row = {
  kernels: ["circle"],
  cases: [
    circleCase(6, 4, 3, {}),
    circleCase(7, 5, 2, { gamma: 20, margin: 0.25, mean: 2 }),
    circleCase(5, 3, 4, { removeDiagonal: false, mean: 0 }),
    circleCase(5, 8, 4, { mean: 2 }),
    { ...circleCase(4, 3, 1, {}), label: "one group: no pairs to part", gradient: undefined },
    { ...circleCase(1, 3, 1, {}), label: "one row", gradient: undefined },
  ],
};
