import fc from "fast-check";
import { type Affine, affine as affineOf, contrast as contrastOf, flip as flipOf, type ImageShape } from "../references/augmentation.js";
import { UNIT, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

const KINDS: Affine["kind"][] = ["rotate", "translate", "zoom"];
const FILL_MODES: Affine["fillMode"][] = ["reflect", "wrap", "nearest", "constant"];

/** One pixel, lines, one channel and five, odd and even. */
const SHAPES = [
  [1, 1, 1, 1],
  [3, 1, 1, 2],
  [1, 1, 7, 1],
  [2, 6, 1, 3],
  [3, 5, 5, 1],
  [2, 4, 7, 3],
  [5, 6, 3, 5],
];
const BENCH = [32, 28, 28, 1];

const shapeOf = ([batch, height, width, channels]: number[]): ImageShape => ({ batch, height, width, channels });
const sizeOf = ({ batch, height, width, channels }: ImageShape) => batch * height * width * channels;
const labelOf = ({ batch, height, width, channels }: ImageShape) => `${batch}x${height}x${width}x${channels}`;

function flipAt(lengths: number[], isHorizontal: number, isVertical: number): Case {
  const shape = shapeOf(lengths);
  const { batch, ...sizes } = shape;
  const n = sizeOf(shape);
  const inputs = { x: uniform(n), dy: uniform(n, 2), flips: uniform(batch, 3, 0, 1) };
  inputs.flips[0] = 0.5;
  const args = { flips: "flips", isHorizontal, isVertical, ...sizes };
  return {
    label: `${labelOf(shape)}${isHorizontal ? " horizontal" : ""}${isVertical ? " vertical" : ""}`,
    inputs,
    outputs: { y: n, dx: n },
    calls: [
      { kernel: "flip", args: { y: "y", x: "x", ...args }, range: batch },
      { kernel: "flip", args: { y: "dx", x: "dy", ...args }, range: batch },
    ],
    expected: () => ({ y: flipOf(inputs.x, inputs.flips, isHorizontal, isVertical, shape) }),
    tolerance: 0,
    gradient: { forward: i => flipOf(i.x, i.flips, isHorizontal, isVertical, shape), dy: "dy", of: { dx: "x" } },
    bytes: n * 16,
    bench: lengths === BENCH,
  };
}

export const flip: Row = {
  kernels: ["flip"],
  cases: [...SHAPES, BENCH].flatMap(shape => [flipAt(shape, 1, 0), flipAt(shape, 0, 1), flipAt(shape, 1, 1)]),
};

function affineAt(lengths: number[], how: Affine, low = 0.2, high = 0.9): Case {
  const shape = shapeOf(lengths);
  const { batch, ...sizes } = shape;
  const n = sizeOf(shape);
  const inputs = { x: uniform(n), dy: uniform(n, 2), first: uniform(batch, 3, low, high), second: uniform(batch, 4, -high, -low) };
  const { kind, isBilinear, fillMode, fillValue } = how;
  const options = { isBilinear: Number(isBilinear), fillMode: FILL_MODES.indexOf(fillMode) };
  const args = { first: "first", second: "second", kind: KINDS.indexOf(kind), ...sizes, ...options };
  const forward = (x: ArrayLike<number>) => affineOf(x, inputs.first, inputs.second, how, shape);
  return {
    label: `${labelOf(shape)} ${kind} ${fillMode}${isBilinear ? " bilinear" : ""}`,
    inputs,
    outputs: { y: n, dx: n },
    calls: [
      { kernel: "affine", args: { y: "y", x: "x", ...args, fillValue }, range: batch },
      { kernel: "affineGrad", args: { dx: "dx", dy: "dy", ...args }, range: batch },
    ],
    expected: () => ({ y: forward(inputs.x) }),
    tolerance: UNIT * (16 + 8 * (sizes.height + sizes.width)), // of coordinates, by 2.1e-7 of a sine, on both axes, with slopes of up to 2
    gradient: { forward: i => forward(i.x), dy: "dy", of: { dx: "x" } },
    flops: n * 20,
    bytes: n * 16,
    bench: lengths === BENCH,
  };
}

const ways = KINDS.flatMap(kind =>
  FILL_MODES.flatMap(fillMode => [true, false].map((isBilinear): Affine => ({ kind, isBilinear, fillMode, fillValue: 0.75 }))),
);

export const affine: Row = {
  kernels: ["affine", "affineGrad"],
  cases: [
    ...ways.flatMap(how => SHAPES.map(shape => affineAt(shape, how))),
    ...ways.filter(({ fillMode }) => fillMode === "reflect").map(how => affineAt(BENCH, how)),
    // far beyond the image, on both sides
    ...FILL_MODES.map(fillMode => affineAt([2, 3, 4, 1], { kind: "translate", isBilinear: true, fillMode, fillValue: -2 }, 3.1, 4.7)),
  ],
  // Where a coordinate jumps, float32 and float64 may see different pixels: these ways have no such places.
  random: fc
    .tuple(
      fc.constantFrom(...ways.filter(({ isBilinear, fillMode }) => isBilinear && fillMode !== "wrap")),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 }),
    )
    .map(([how, lengths]) => affineAt(lengths, how)),
};

function contrastAt(lengths: number[], low = -0.3, high = 0.8): Case {
  const shape = shapeOf(lengths);
  const { batch, height, width, channels } = shape;
  const n = sizeOf(shape);
  const inputs = { x: uniform(n), dy: uniform(n, 2), factors: uniform(batch, 3, 0, 2) };
  const args = { factors: "factors", pixels: height * width, channels };
  const far = { low: -Infinity, high: Infinity };
  return {
    label: labelOf(shape),
    inputs,
    outputs: { y: n, dx: n },
    inPlace: { y: "x", dx: "dy" },
    calls: [
      { kernel: "contrast", args: { y: "y", x: "x", ...args, low, high }, range: batch },
      { kernel: "contrast", args: { y: "dx", x: "dy", ...args, ...far }, range: batch },
    ],
    expected: () => ({ y: contrastOf(inputs.x, inputs.factors, low, high, shape) }),
    tolerance: 8 * UNIT,
    gradient: { forward: i => contrastOf(i.x, i.factors, -Infinity, Infinity, shape), dy: "dy", of: { dx: "x" } },
    flops: n * 4,
    bytes: n * 16,
    bench: lengths === BENCH,
  };
}

export const contrast: Row = { kernels: ["contrast"], cases: [...SHAPES, BENCH].map(shape => contrastAt(shape)) };
