import fc from "fast-check";
import * as reference from "../reference.js";
import { spread, productTolerance as tolerance, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const NR = 8;
const SCRATCH = 32_880;

interface Options {
  transposeA?: boolean;
  transposeB?: boolean;
  /** B is read where it is, without packB */
  unpacked?: boolean;
  bias?: boolean;
  relu?: boolean;
  accumulate?: boolean;
  /** floats behind every row of A, B and C that belong to nobody */
  gap?: number;
  bench?: boolean;
}

/** The factors and their product are the same however they are stored. */
const products = new Map<string, Float64Array>();
function productOf(a: Float32Array, b: Float32Array, m: number, n: number, k: number): Float64Array {
  const key = `${m} ${n} ${k}`;
  if (!products.has(key)) products.set(key, reference.gemm(a, b, m, n, k));
  return products.get(key)!;
}

function at(m: number, n: number, k: number, options: Options = {}, name = ""): Case {
  const { transposeA = false, transposeB = false, unpacked = false, bias = false, relu = false, accumulate = false, gap = 0 } = options;
  const [a, b, old] = [uniform(m * k), uniform(k * n, 2), uniform(m * n, 3)];
  const addend = uniform(n, 4);
  const [aWidth, bWidth, cWidth] = [(transposeA ? m : k) + gap, (transposeB ? k : n) + gap, n + gap];
  const bStrides = unpacked ? { bRowStride: bWidth, bPanelStride: NR } : { bRowStride: NR, bPanelStride: NR * k };
  const panels = Math.ceil(n / NR);
  return {
    label: `${name} m=${m} n=${n} k=${k} ${transposeA ? "T" : "N"}${transposeB ? "T" : "N"}${Object.entries(options)
      .filter(([key, value]) => value && !/transpose|bench/.test(key))
      .map(([key, value]) => ` ${key}${value === true ? "" : `=${value}`}`)
      .join("")}`.trim(),
    inputs: {
      a: transposeA ? spread(reference.transpose(a, m, k), k, m, gap) : spread(a, m, k, gap),
      b: transposeB ? spread(reference.transpose(b, k, n), n, k, gap) : spread(b, k, n, gap),
      ...(bias ? { bias: addend } : {}),
    },
    outputs: { c: m * cWidth, ...(unpacked ? {} : { panels: panels * NR * k }) },
    initial: accumulate ? { c: spread(old, m, n, gap) } : {},
    scratch: { scratch: SCRATCH },
    calls: [
      ...(unpacked
        ? []
        : [
            {
              kernel: "packB" as const,
              args: { panels: "panels", b: "b", rowStride: transposeB ? 1 : bWidth, colStride: transposeB ? bWidth : 1, k, n },
              range: panels,
            },
          ]),
      {
        kernel: "gemm",
        args: {
          ...{ c: "c", a: "a", b: unpacked ? "b" : "panels", bias: bias ? "bias" : 0, scratch: "scratch", m, n, k },
          ...{ aRowStride: transposeA ? 1 : aWidth, aColStride: transposeA ? aWidth : 1, ...bStrides, ldc: cWidth },
          ...{ activation: Number(relu), accumulate: Number(accumulate) },
        },
        range: m,
      },
    ],
    expected: () => {
      const c = productOf(a, b, m, n, k).map((x, i) => {
        const sum = x + (bias ? addend[i % n] : 0) + (accumulate ? old[i] : 0);
        return relu ? reference.relu(sum) : sum;
      });
      return { c: spread(c, m, n, gap) };
    },
    tolerance: tolerance(k),
    flops: 2 * m * n * k,
    bench: options.bench,
  };
}

/** m, n and k around the tile of 4 x 8, the line of 32 columns and nothing */
const edges = [0, 1, 3, 4, 5, 9].flatMap(m => [0, 1, 4, 7, 8, 9, 32, 43].flatMap(n => [0, 1, 2, 17].map(k => [m, n, k] as const)));
/** k around one, two and three blocks of KC */
const depths = [255, 256, 257, 511, 513, 769];
/** what the bench prints: odd sizes, too */
const squares = [16, 17, 32, 33, 64, 67, 128, 131, 256, 257, 512, 513, 1024];

export const gemm: Row = {
  kernels: ["packB", "gemm"],
  cases: [
    ...edges.map(([m, n, k], i) => {
      const bit = (b: number) => ((i >> b) & 1) === 1;
      return at(m, n, k, { transposeA: bit(0), transposeB: bit(1), bias: bit(2), relu: bit(3), accumulate: bit(4), gap: i % 3 });
    }),
    ...edges
      .filter(([, n]) => n % NR === 0)
      .map(([m, n, k], i) => at(m, n, k, { unpacked: true, transposeA: i % 2 === 0, gap: (i % 3) * 4 })),
    ...depths.flatMap((k, i) => [
      at(5, 11, k, { transposeA: i % 2 === 0, bias: true, relu: true }),
      at(6, 40, k, { transposeB: i % 2 === 0, accumulate: true, relu: true, bias: true }),
    ]),
    ...[127, 128, 129, 131].map(m => at(m, 10, 19, { transposeA: m % 2 === 0, bias: true })),
    at(67, 131, 257),
    at(67, 131, 257, { transposeA: true, transposeB: true }),
    ...squares.flatMap(n => [
      at(n, n, n, { bench: true }),
      at(n, n, n, { transposeB: true, bench: true }),
      at(n, n, n, { transposeA: true, bench: true }),
    ]),
    at(32, 128, 784, { bias: true, relu: true, bench: true }, "MLP layer 1 forward"),
    at(32, 128, 784, { bias: true, relu: true, unpacked: true, bench: true }, "MLP layer 1 forward"),
    at(784, 128, 32, { transposeA: true, bench: true }, "MLP layer 1 dw"),
    at(32, 64, 128, { bias: true, relu: true, bench: true }, "MLP layer 2 forward"),
    at(128, 64, 32, { transposeA: true, bench: true }, "MLP layer 2 dw"),
    at(32, 128, 64, { transposeB: true, bench: true }, "MLP layer 2 dx"),
    at(32, 10, 64, { bias: true, bench: true }, "MLP layer 3 forward"),
  ],
  random: fc
    .record({
      ...{ m: fc.integer({ min: 0, max: 40 }), n: fc.integer({ min: 0, max: 80 }), k: fc.integer({ min: 0, max: 600 }) },
      ...{ transposeA: fc.boolean(), transposeB: fc.boolean(), bias: fc.boolean(), relu: fc.boolean(), accumulate: fc.boolean() },
      gap: fc.integer({ min: 0, max: 5 }),
    })
    .map(({ m, n, k, ...options }) => at(m, n, k, options, "random")),
};

function vectorAt(m: number, n: number, k: number, options: Pick<Options, "bias" | "relu" | "bench"> = {}): Case {
  const { bias = false, relu = false, bench = false } = options;
  const [x, w, addend] = [uniform(m * k), uniform(k * n, 2), uniform(n, 3)];
  return {
    label: `m=${m} n=${n} k=${k}${bias ? " bias" : ""}${relu ? " relu" : ""}`,
    inputs: { x, w, ...(bias ? { bias: addend } : {}) },
    outputs: { y: m * n },
    calls: [{ kernel: "gemv", args: { y: "y", x: "x", w: "w", bias: bias ? "bias" : 0, m, n, k, activation: Number(relu) }, range: n }],
    expected: () => ({
      y: reference.gemm(x, w, m, n, k).map((sum, i) => {
        const y = sum + (bias ? addend[i % n] : 0);
        return relu ? reference.relu(y) : y;
      }),
    }),
    tolerance: tolerance(k),
    flops: 2 * m * n * k,
    bytes: (k * n + m * (k + n)) * 4,
    bench,
  };
}

export const gemv: Row = {
  kernels: ["gemv"],
  cases: [
    ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 43, 75].flatMap((n, i) => [
      vectorAt(1, n, 5, { bias: i % 2 === 0, relu: i % 3 === 0 }),
      vectorAt(3, n, 67, { bias: i % 2 === 1, relu: i % 3 === 1 }),
    ]),
    ...[0, 1, 63, 64, 65, 128, 200].flatMap(k => [vectorAt(2, 10, k, { bias: true, relu: true }), vectorAt(1, 37, k)]),
    vectorAt(1, 128, 784, { bias: true, relu: true, bench: true }),
    vectorAt(1, 64, 128, { bias: true, relu: true, bench: true }),
    vectorAt(1, 10, 64, { bias: true, bench: true }),
    vectorAt(1, 1024, 1024, { bias: true, relu: true, bench: true }),
  ],
  random: fc
    .record({
      m: fc.integer({ min: 1, max: 5 }),
      n: fc.integer({ min: 0, max: 90 }),
      k: fc.integer({ min: 0, max: 200 }),
      bias: fc.boolean(),
    })
    .map(({ m, n, k, bias }) => vectorAt(m, n, k, { bias, relu: !bias })),
};
