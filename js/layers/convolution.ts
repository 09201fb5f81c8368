import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";

/** The sizes of a convolution, as the kernels name them. */
export interface Geometry {
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  filters: number;
  kernelHeight: number;
  kernelWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
  groups: number;
}
