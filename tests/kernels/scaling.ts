import * as reference from "../reference.js";
import { type Strided, scaleShift as scaleShiftOf } from "../references/augmentation.js";
import { prelu as preluOf } from "../references/normalization.js";
import { awayFromZero, EDGES, UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

type Lengths = Strided["lengths"];

function scaleShiftAt(lengths: Lengths, strides: Lengths, names = ["center", "scale", "shift"], bench = false): Case {
  const n = lengths.reduce((a, b) => a * b);
  const size = strides.reduce((last, stride, axis) => last + stride * (lengths[axis] - 1), 1);
  const inputs = { x: uniform(n), dy: uniform(n, 2), center: uniform(size, 3), scale: uniform(size, 4), shift: uniform(size, 5) };
  const given = Object.fromEntries(names.map(name => [name, inputs[name as "center"]]));
  const [, n1, n2, n3] = lengths;
  const [stride0, stride1, stride2, stride3] = strides;
  const sizes = { n1, n2, n3, stride0, stride1, stride2, stride3 };
  const pointers = Object.fromEntries(["center", "scale", "shift"].map(name => [name, names.includes(name) ? name : 0]));
  const range = lengths[0] * n1 * n2;
  const scale = names.includes("scale") ? "scale" : 0;
  return {
    label: `${lengths.join("x")} strides ${strides.join(" ")}: ${names.join(", ")}`,
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "scaleShift", args: { y: "y", x: "x", ...pointers, ...sizes }, range },
      { kernel: "scaleShift", args: { y: "dx", x: "dy", center: 0, scale, shift: 0, ...sizes }, range },
    ],
    expected: () => ({ y: scaleShiftOf(inputs.x, given, { lengths, strides }) }),
    tolerance: 4 * UNIT,
    gradient: { forward: i => scaleShiftOf(i.x, given, { lengths, strides }), dy: "dy", of: { dx: "x" } },
    flops: 3 * n,
    bytes: n * 16,
    bench,
  };
}

export const scaleShift: Row = {
  kernels: ["scaleShift"],
  cases: [
    ...EDGES.map(n => scaleShiftAt([3, 1, 1, n], [0, 0, 0, 1])),
    ...EDGES.map(n => scaleShiftAt([3, 1, 1, n], [0, 0, 0, 0])),
    scaleShiftAt([3, 1, 5, 6], [6, 0, 0, 1]),
    scaleShiftAt([3, 2, 5, 7], [0, 5, 1, 0]),
    scaleShiftAt([2, 3, 4, 5], [15, 5, 0, 1]),
    scaleShiftAt([2, 3, 4, 5], [0, 0, 0, 0], ["scale"]),
    scaleShiftAt([2, 3, 1, 9], [3, 1, 0, 0], ["scale", "shift"]),
    scaleShiftAt([2, 3, 1, 9], [0, 9, 0, 1], ["center", "scale"]),
    scaleShiftAt([2, 1, 3, 2], [0, 0, 0, 1], []),
    scaleShiftAt([32, 1, 1, 28 * 28], [0, 0, 0, 0], ["scale"], true),
    scaleShiftAt([32, 1, 13 * 13, 32], [32, 0, 0, 1], ["scale"], true),
  ],
};

export const choose: Row = {
  kernels: ["choose"],
  cases: EDGES.map(n => {
    const inputs = { x: uniform(n, 1, 0, 1) };
    if (n > 0) inputs.x[0] = 0.25;
    return {
      label: `n=${n}`,
      inputs,
      outputs: { y: n },
      inPlace: { y: "x" },
      calls: [{ kernel: "choose", args: { y: "y", x: "x", threshold: 0.25, below: -2, above: 1.5 }, range: n }],
      expected: () => ({ y: reference.map(inputs.x, x => (x >= 0.25 ? 1.5 : -2)) }),
      tolerance: 0,
    };
  }),
};

const LEAST = Math.fround(1e-7);

export const deviation: Row = {
  kernels: ["deviation"],
  cases: EDGES.flatMap(n =>
    [0, 1].map(isInverse => {
      const inputs = { x: uniform(n, 1, 0, 9) };
      if (n > 1) inputs.x.set([0, 1e-16]);
      const size = isInverse && n > 1 ? 1e7 : 1;
      return {
        label: `n=${n}${isInverse ? " inverse" : ""}`,
        inputs,
        outputs: { y: n },
        inPlace: { y: "x" },
        calls: [{ kernel: "deviation" as const, args: { y: "y", x: "x", isInverse }, range: n }],
        expected: () => ({ y: reference.map(inputs.x, x => Math.max(Math.sqrt(x), LEAST) ** (isInverse ? -1 : 1)) }),
        tolerance: 2 * UNIT,
        sizes: { y: size },
      };
    }),
  ),
};

/** Forward, with x in place of v, and back. */
function preluAt(lengths: Lengths, strides: Lengths): Case {
  const n = lengths.reduce((a, b) => a * b);
  const size = strides.reduce((last, stride, axis) => last + stride * (lengths[axis] - 1), 1);
  const inputs = { x: awayFromZero(n), dy: uniform(n, 2), alpha: uniform(size, 3) };
  const [, n1, n2, n3] = lengths;
  const [stride0, stride1, stride2, stride3] = strides;
  const sizes = { alpha: "alpha", n1, n2, n3, stride0, stride1, stride2, stride3 };
  const range = lengths[0] * n1 * n2;
  const slopes = scaleShiftOf(new Float32Array(n).fill(1), { scale: inputs.alpha }, { lengths, strides });
  const forward = (x: ArrayLike<number>) => Float64Array.from(x, (value, i) => preluOf(value, slopes[i]));
  return {
    label: `${lengths.join("x")} strides ${strides.join(" ")}`,
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { dx: "dy" },
    calls: [
      { kernel: "prelu", args: { y: "y", v: "x", x: "x", ...sizes }, range },
      { kernel: "prelu", args: { y: "dx", v: "dy", x: "x", ...sizes }, range },
    ],
    expected: () => ({ y: forward(inputs.x) }),
    tolerance: UNIT,
    gradient: { forward: i => forward(i.x), dy: "dy", of: { dx: "x" } },
  };
}

export const prelu: Row = {
  kernels: ["prelu"],
  cases: [
    ...EDGES.map(n => preluAt([3, 1, 1, n], [0, 0, 0, 1])),
    ...EDGES.map(n => preluAt([3, 1, 1, n], [0, 0, 0, 0])),
    preluAt([3, 1, 5, 6], [0, 0, 6, 1]),
    preluAt([2, 3, 1, 9], [0, 1, 0, 0]),
    preluAt([2, 3, 4, 5], [0, 5, 0, 1]),
    {
      label: "zeros, and what is no number",
      inputs: { x: Float32Array.of(0, -0, Number.NaN, -1, 1), v: Float32Array.of(5, 5, 5, 5, 5), alpha: Float32Array.of(2) },
      outputs: { y: 5 },
      calls: [
        {
          kernel: "prelu",
          args: { y: "y", v: "v", x: "x", alpha: "alpha", n1: 1, n2: 1, n3: 5, stride0: 0, stride1: 0, stride2: 0, stride3: 0 },
          range: 1,
        },
      ],
      expected: () => ({ y: [0, 0, 10, 10, 5] }),
      tolerance: 0,
    },
  ],
};
