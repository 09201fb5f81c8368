import type { ActivationLike } from "../activations/index.js";
import type { ConstraintLike } from "../constraints.js";
import type { InitializerLike } from "../initializers.js";
import { checkBoolean, show } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import type { LayerOptions, Shape } from "./layer.js";
import { type CausalPadding, checkPadding, checkSizes, imageShape, placeWindow, type Rank, type Window } from "./window.js";

/** What all layers take whose weights slide over an image or a sequence. */
export interface FilterOptions<Size = unknown, P = CausalPadding> extends LayerOptions {
  /** length, or height and width, of the window */
  kernelSize: Size;
  /** default 1 */
  strides?: Size;
  /** default "valid" */
  padding?: P;
  /** default 1 */
  dilationRate?: Size;
  /** default: linear */
  activation?: ActivationLike;
  /** default true */
  useBias?: boolean;
  /** default "zeros" */
  biasInitializer?: InitializerLike;
  biasRegularizer?: RegularizerLike;
  biasConstraint?: ConstraintLike;
  activityRegularizer?: RegularizerLike;
}

export const filterDefaults = {
  kernelSize: 0 as unknown,
  strides: 1 as unknown,
  padding: "valid" as CausalPadding,
  dilationRate: 1 as unknown,
  activation: null,
  useBias: true,
  biasInitializer: "zeros",
  biasRegularizer: null,
  biasConstraint: null,
  activityRegularizer: null,
};

type Given = Pick<Required<FilterOptions>, "strides" | "padding" | "dilationRate" | "useBias">;

/** The window of a layer with weights. @param kernelSize as it was given @param canBoth whether strides go with dilation */
export function checkFilter(
  where: string,
  rank: Rank,
  kernelSize: unknown,
  given: Given,
  canBoth = false,
  paddings?: CausalPadding[],
): Window {
  const size = checkSizes(where, "kernelSize", kernelSize, rank);
  const stride = checkSizes(where, "strides", given.strides, rank);
  const dilation = checkSizes(where, "dilationRate", given.dilationRate, rank);
  const padding = checkPadding(where, given.padding, paddings);
  checkBoolean(where, "useBias", given.useBias);
  if (!canBoth && Math.max(...stride) > 1 && Math.max(...dilation) > 1) {
    const [strides, dilationRate] = [stride, dilation].map(sizes => show(rank === 1 ? sizes[1] : sizes));
    throw new Error(`${where}: strides over 1 do not go with a dilationRate over 1, got ${strides} and ${dilationRate}.`);
  }
  return { size, stride, dilation, padding };
}

/** The sizes that all kernels of convolutions take. @throws when the window does not fit */
export function filterGeometry(where: string, window: Window, inputShape: Shape, rank: Rank) {
  const [height, width, channels] = imageShape(inputShape, rank);
  const help = 'A smaller kernelSize, or padding "same", does.';
  const places = placeWindow(where, window, [height, width], rank, "kernel", help);
  return { ...places, channels, ...windowSizes(window) };
}

/** A window's sizes as the kernels name them. */
export function windowSizes({ size, stride, dilation }: Window) {
  return {
    ...{ kernelHeight: size[0], kernelWidth: size[1], strideHeight: stride[0], strideWidth: stride[1] },
    ...{ dilationHeight: dilation[0], dilationWidth: dilation[1] },
  };
}

/** What layers over images, and over sequences, expect of their input. */
export const axes: Record<Rank, [names: string, help: string]> = {
  1: ["steps, channels", "A sequence of single numbers is [steps, 1]."],
  2: ["height, width, channels", "A grey image is [height, width, 1]."],
};
