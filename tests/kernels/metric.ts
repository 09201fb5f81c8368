import type { KernelName } from "../../js/engine/kernels.js";
import * as reference from "../reference.js";
import { integers, oneHot, probabilities, random, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

interface Metric {
  kernel: KernelName;
  options?: Record<string, number>;
  data: (m: number, n: number) => { y: Float32Array; target: Float32Array };
  truth: (y: ArrayLike<number>, target: ArrayLike<number>, n: number) => number[];
}

function row({ kernel, options = {}, data, truth }: Metric): Row {
  const at = (m: number, n: number, inputs = data(m, n), label = `m=${m} n=${n}`): Case => ({
    label,
    inputs,
    outputs: { values: m },
    calls: [{ kernel, args: { values: "values", y: "y", target: "target", n, ...options }, range: m }],
    expected: () => ({ values: Float32Array.from(truth(inputs.y, inputs.target, n)) }),
    tolerance: 0,
    flops: m * n,
    bytes: m * n * 8,
    bench: m === 1000,
  });
  const shapes = [1, 2, 3, 4, 5, 10, 17].map(n => at(29, n));
  const ties = at(4, 3, { y: Float32Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, -1, -2, -1), target: data(4, 3).target }, "ties");
  return { kernels: [kernel], cases: [...shapes, at(0, 10), at(1000, 10), ties], random: random.matrix.map(([m, n]) => at(m, n)) };
}

export const binaryAccuracy = row({
  kernel: "binaryAccuracy",
  options: { threshold: 0.5 },
  data: (m, n) => ({ y: uniform(m * n, 1, 0, 1).map((p, i) => (i % 5 === 2 ? 0.5 : p)), target: integers(m * n, 2, 2) }),
  truth: (y, target, n) => reference.binaryAccuracy(y, target, n, 0.5),
});

export const categoricalAccuracy = row({
  kernel: "categoricalAccuracy",
  data: (m, n) => ({ y: probabilities(m, n), target: oneHot(integers(m, n, 2), n) }),
  truth: reference.categoricalAccuracy,
});

export const sparseCategoricalAccuracy = row({
  kernel: "sparseCategoricalAccuracy",
  data: (m, n) => ({ y: probabilities(m, n), target: integers(m, n, 2) }),
  truth: reference.sparseCategoricalAccuracy,
});
