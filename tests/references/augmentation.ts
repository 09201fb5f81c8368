// Plain float64 loops for assembly/image.ts and assembly/scaling.ts.
import type { Numbers } from "../reference.js";

export interface ImageShape {
  batch: number;
  height: number;
  width: number;
  channels: number;
}

/** y of each element by its place */
function eachElement(
  { batch, height, width, channels }: ImageShape,
  f: (b: number, h: number, w: number, c: number) => number,
): Float64Array {
  return new Float64Array(batch * height * width * channels).map((_, i) => {
    const pixel = Math.floor(i / channels);
    const row = Math.floor(pixel / width);
    return f(Math.floor(row / height), row % height, pixel % width, i % channels);
  });
}

const reader =
  (x: Numbers, { height, width, channels }: ImageShape) =>
  (b: number, h: number, w: number, c: number) =>
    x[((b * height + h) * width + w) * channels + c];

export function flip(x: Numbers, flips: Numbers, isHorizontal: number, isVertical: number, s: ImageShape): Float64Array {
  const at = reader(x, s);
  return eachElement(s, (b, h, w, c) => {
    const isFlipped = flips[b] <= 0.5;
    return at(b, isFlipped && isVertical ? s.height - 1 - h : h, isFlipped && isHorizontal ? s.width - 1 - w : w, c);
  });
}

export interface Affine {
  kind: "rotate" | "translate" | "zoom";
  isBilinear: boolean;
  fillMode: "reflect" | "wrap" | "nearest" | "constant";
  fillValue: number;
}

/** The place of an image that an output pixel shows, relative to the image's center. */
function placeOf(
  { kind }: Affine,
  p: number,
  q: number,
  x: number,
  y: number,
  { height, width }: ImageShape,
): [column: number, row: number] {
  if (kind === "translate") return [x - q * width, y - p * height];
  if (kind === "zoom") return [x * q, y * p];
  const angle = 2 * Math.PI * p;
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
}

const modulo = (a: number, n: number) => a - n * Math.floor(a / n);

/** A coordinate on an axis of n pixels. */
function inside(at: number, n: number, fillMode: Affine["fillMode"]): number {
  if (fillMode === "constant" || (at >= 0 && at <= n - 1)) return at;
  const clamp = (v: number) => Math.min(Math.max(v, 0), n - 1);
  if (n === 1 || fillMode === "nearest") return clamp(at);
  if (fillMode === "reflect") return clamp(n - Math.abs(modulo(at + 0.5, 2 * n) - n) - 0.5);
  return clamp(at < 0 ? at + n * (Math.floor(-at / (n - 1)) + 1) : at - n * Math.floor(at / (n - 1)));
}

export function affine(x: Numbers, first: Numbers, second: Numbers, how: Affine, s: ImageShape): Float64Array {
  const { height, width, fillMode, fillValue } = { ...s, ...how };
  const read = reader(x, s);
  return eachElement(s, (b, h, w, c) => {
    const at = (row: number, column: number) =>
      row >= 0 && row < height && column >= 0 && column < width ? read(b, row, column, c) : fillValue;
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    const [dx, dy] = placeOf(how, first[b], second[b], w - middleX, h - middleY, s);
    const [column, row] = [inside(dx + middleX, width, fillMode), inside(dy + middleY, height, fillMode)];
    if (!how.isBilinear) return at(Math.round(row), Math.round(column));
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const [right, down] = [column - left, row - top];
    const upper = (1 - right) * at(top, left) + right * at(top, left + 1);
    const lower = (1 - right) * at(top + 1, left) + right * at(top + 1, left + 1);
    return (1 - down) * upper + down * lower;
  });
}

export function contrast(x: Numbers, factors: Numbers, low: number, high: number, s: ImageShape): Float64Array {
  const at = reader(x, s);
  return eachElement(s, (b, h, w, c) => {
    let sum = 0;
    for (let row = 0; row < s.height; row++) for (let column = 0; column < s.width; column++) sum += at(b, row, column, c);
    const mean = sum / (s.height * s.width);
    return Math.min(Math.max((at(b, h, w, c) - mean) * factors[b] + mean, low), high);
  });
}

export interface Strided {
  /** lengths of the axes, and how far an operand goes on along each */
  lengths: [number, number, number, number];
  strides: [number, number, number, number];
}

export function scaleShift(
  x: Numbers,
  operands: { center?: Numbers; scale?: Numbers; shift?: Numbers },
  { lengths, strides }: Strided,
): Float64Array {
  const { center, scale, shift } = operands;
  return Float64Array.from(x, (value, i) => {
    let [rest, j] = [i, 0];
    for (let axis = 3; axis >= 0; axis--) {
      j += (rest % lengths[axis]) * strides[axis];
      rest = Math.floor(rest / lengths[axis]);
    }
    return (value - (center?.[j] ?? 0)) * (scale?.[j] ?? 1) + (shift?.[j] ?? 0);
  });
}
