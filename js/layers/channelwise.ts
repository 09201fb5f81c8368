import type { View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import type { Geometry } from "./convolution.js";

/**
 * Records a convolution of each channel by itself, and its gradients: channel c makes the channels c·multiplier.. of y, `multiplier` of them.
 * kernel[..., channels, multiplier]
 */
export function channelwise(plan: Plan, geometry: Omit<Geometry, "filters" | "groups">, batch: number, multiplier: number) {
  const { height, width, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const channels = geometry.channels * multiplier;
  const sizes = { ...geometry, channels };
  const flops = 2 * batch * outHeight * outWidth * kernelHeight * kernelWidth * channels;
  const copies = { n: 1, times: multiplier };
  const range = batch * height * width * geometry.channels;
  let wide: View | undefined;

  /** x with every channel repeated */
  function widened(x: View): View {
    if (multiplier === 1) return x;
    if (!wide) {
      wide = plan.tensor([batch, height, width, channels]);
      plan.call("repeat", { y: wide, x, ...copies }, { range });
    }
    return wide;
  }

  return {
    forward(y: View, x: View, kernel: View, bias: View | null, activation: number): void {
      plan.call("depthwise", { y, x: widened(x), w: kernel, bias, ...sizes, activation }, { range: batch * outHeight, flops });
    },

    gradInput(dx: View, dy: View, kernel: View): void {
      const to = multiplier === 1 ? dx : plan.tensor([batch, height, width, channels]);
      plan.call("depthwiseGradInput", { dx: to, dy, w: kernel, ...sizes }, { range: batch * height, flops });
      if (multiplier > 1) plan.call("repeatGrad", { dx, dy: to, ...copies }, { range });
    },

    gradKernel(dw: View, x: View, dy: View): void {
      const work = { range: Math.ceil(channels / 4), flops };
      plan.call("depthwiseGradKernel", { dw, x: widened(x), dy, batch, ...sizes }, work);
    },
  };
}
