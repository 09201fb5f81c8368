import { checkChoice } from "../options.js";

/** How a window steps over an axis without padding, or with as much as keeps ⌈n / stride⌉ positions. */
export type Padding = "valid" | "same";

export interface Axis {
  /** positions of the window */
  out: number;
  /** padding before the first element; what is missing behind the last follows from `out` */
  pad: number;
}

export function checkPadding(where: string, padding: unknown): Padding {
  return checkChoice(where, "padding", padding, ["valid", "same"]);
}

/** Keras's arithmetic of windows; an odd padding puts the extra element behind. `out` may come out below 1. */
export function windowAxis(length: number, window: number, stride: number, dilation: number, padding: Padding): Axis {
  const extent = (window - 1) * dilation + 1;
  if (padding === "valid") return { out: Math.floor((length - extent) / stride) + 1, pad: 0 };
  const out = Math.ceil(length / stride);
  return { out, pad: Math.floor(Math.max((out - 1) * stride + extent - length, 0) / 2) };
}
