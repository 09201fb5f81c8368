import { checkChoice, checkInteger, checkPair } from "../options.js";
import type { Shape } from "./layer.js";

/** How a window steps over an axis: without padding, or with as much as keeps ⌈n / stride⌉ positions: on both sides, or all of it before. */
export type Padding = "valid" | "same";
export type CausalPadding = Padding | "causal";

/** An option of layers over sequences: a number. */
export type Length = number | [number];
/** An option of layers over images: one number for both axes, or [height, width]. */
export type Pair = number | [number, number];

/** Axes between batch and channels: 1 for sequences [steps, channels], 2 for images [height, width, channels]. */
export type Rank = 1 | 2;

export interface Axis {
  /** positions of the window */
  out: number;
  /** padding before the first element; what is missing behind the last follows from `out` */
  pad: number;
}

/** A window over images. One over sequences is a window over images of one line. */
export interface Window {
  size: [number, number];
  stride: [number, number];
  dilation: [number, number];
  padding: CausalPadding;
}

export function checkPadding(where: string, padding: unknown, choices: CausalPadding[] = ["valid", "same"]): CausalPadding {
  return checkChoice(where, "padding", padding, choices);
}

/** An option for each axis as [height, width]; of a sequence it is the width. */
export function checkSizes(where: string, name: string, value: unknown, rank: Rank, least = 1): [number, number] {
  if (rank === 2) return checkPair(where, name, value, least);
  return [least, checkInteger(where, name, Array.isArray(value) && value.length === 1 ? value[0] : value, least)];
}

/** Shape of a sample as an image's: a sequence has one line. */
export function imageShape(shape: Shape, rank: Rank): [height: number, width: number, channels: number] {
  const [height, width, channels] = rank === 1 ? [1, ...shape] : shape;
  return [height, width, channels];
}

/** A sample's shape from an image's. */
export function shapeOf([height, width, channels]: Shape, rank: Rank): Shape {
  return rank === 1 ? [width, channels] : [height, width, channels];
}

/** [height, width] as people read it: "3x2", or "2 steps". */
export function showSizes([height, width]: readonly number[], rank: Rank): string {
  return rank === 1 ? `${width} steps` : `${height}x${width}`;
}

/** Keras's arithmetic of windows; an odd padding puts the extra element behind. `out` may come out below 1. */
export function windowAxis(length: number, window: number, stride: number, dilation: number, padding: CausalPadding): Axis {
  const extent = (window - 1) * dilation + 1;
  if (padding === "valid") return { out: Math.floor((length - extent) / stride) + 1, pad: 0 };
  const out = Math.ceil(length / stride);
  if (padding === "causal") return { out, pad: extent - 1 };
  return { out, pad: Math.floor(Math.max((out - 1) * stride + extent - length, 0) / 2) };
}

/**
 * Where a window stands on an image: sizes as the kernels name them.
 * @param what the window is called, and what to do when it is too large
 * @throws when it does not fit
 */
export function placeWindow(
  where: string,
  { size, stride, dilation, padding }: Window,
  image: Shape,
  rank: Rank,
  what: string,
  help: string,
) {
  const [height, width] = image;
  const [rows, columns] = [height, width].map((n, axis) => windowAxis(n, size[axis], stride[axis], dilation[axis], padding));
  if (rows.out < 1 || columns.out < 1) {
    const window = rank === 1 ? `${what} of ${size[1]}` : `${showSizes(size, rank)} ${what}`;
    throw new Error(`${where}: a ${window} does not fit into an input of ${showSizes(image, rank)}. ${help}`);
  }
  return { height, width, outHeight: rows.out, outWidth: columns.out, padTop: rows.pad, padLeft: columns.pad };
}
