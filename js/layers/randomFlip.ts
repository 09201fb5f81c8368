import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkChoice, checkSeed } from "../options.js";
import { drawn } from "./factor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

export interface RandomFlipOptions extends LayerOptions {
  /** what an image is mirrored by; with both, it is by both or not at all; default "horizontal_and_vertical" */
  mode?: "horizontal" | "vertical" | "horizontal_and_vertical";
  /** default: from the model's seed */
  seed?: number | null;
}

/** In training every second image y[height, width, channels] is the mirror image of x, by lot; in inference y = x */
export class RandomFlip extends Layer<RandomFlipOptions> {
  constructor(options: RandomFlipOptions = {}) {
    super("RandomFlip", options, { mode: "horizontal_and_vertical", seed: null });
    checkChoice(this.name, "mode", this.options.mode, ["horizontal", "vertical", "horizontal_and_vertical"]);
    checkSeed(this.name, this.options.seed);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "Images are changed before flatten().");
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    if (!plan.training) return { y: x, backward: dy => dy };
    const { mode, seed } = this.options;
    const [batch, height, width, channels] = x.shape;
    const isHorizontal = Number(mode !== "vertical");
    const isVertical = Number(mode !== "horizontal");
    const draw = plan.random(seed);
    const flip = (y: View, x: View) => {
      const flips = drawn(plan, draw, batch, [0, 1]);
      plan.call("flip", { y, x, flips, isHorizontal, isVertical, height, width, channels }, { range: batch });
    };
    const y = plan.tensor(x.shape, x.needsGradient);
    flip(y, x);
    return {
      y,
      backward(dy) {
        const dx = plan.tensor(x.shape);
        flip(dx, dy);
        return dx;
      },
    };
  }
}
