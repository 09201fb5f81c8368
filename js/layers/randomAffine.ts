import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkChoice, checkNumber, checkSeed } from "../options.js";
import { drawn, type Factor, readFactor } from "./factor.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";

const FILL_MODES = ["reflect", "wrap", "nearest", "constant"] as const;

interface AffineOptions extends LayerOptions {
  /** what lies behind the border: "reflect" dcba|abcd|dcba, "wrap" abcd|abcd|abcd, "nearest" aaaa|abcd|dddd, "constant" fillValue; default "reflect" */
  fillMode?: (typeof FILL_MODES)[number];
  /** what lies between pixels; default "bilinear" */
  interpolation?: "nearest" | "bilinear";
  /** default: from the model's seed */
  seed?: number | null;
  /** default 0 */
  fillValue?: number;
}

const affineDefaults = { fillMode: "reflect", interpolation: "bilinear", seed: null, fillValue: 0 } as const;

/** In training each image y[height, width, channels] is x from elsewhere, by lot; in inference y = x */
abstract class RandomAffine<Options extends AffineOptions> extends Layer<Options> {
  protected abstract readonly kind: number;
  /** of what is drawn for each image; with one pair, both numbers are the same draw */
  protected abstract bounds(): [first: [number, number], second: [number, number] | null];

  protected checkAffine(): void {
    const { fillMode, interpolation, seed, fillValue } = this.options as unknown as Required<AffineOptions>;
    checkChoice(this.name, "fillMode", fillMode, FILL_MODES);
    checkChoice(this.name, "interpolation", interpolation, ["nearest", "bilinear"]);
    checkNumber(this.name, "fillValue", fillValue, Number.NEGATIVE_INFINITY);
    checkSeed(this.name, seed);
  }

  protected build(inputShape: Shape): Shape {
    this.checkRank(inputShape, 3, "height, width, channels", "Images are changed before flatten().");
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    if (!plan.training) return { y: x, backward: dy => dy };
    const { interpolation, seed, fillValue, ...options } = this.options as unknown as Required<AffineOptions>;
    const [batch, height, width, channels] = x.shape;
    const [first, second] = this.bounds();
    const draws = (second ? [first, second] : [first]).map(bounds => ({ bounds, draw: plan.random(seed) }));
    const transform = () => {
      const [first, second = first] = draws.map(({ bounds, draw }) => drawn(plan, draw, batch, bounds));
      const [isBilinear, fillMode] = [Number(interpolation === "bilinear"), FILL_MODES.indexOf(options.fillMode)];
      return { first, second, kind: this.kind, height, width, channels, isBilinear, fillMode };
    };
    const y = plan.tensor(x.shape, x.needsGradient);
    plan.call("affine", { y, x, ...transform(), fillValue }, { range: batch });
    return {
      y,
      backward(dy) {
        const dx = plan.tensor(x.shape);
        plan.call("affineGrad", { dx, dy, ...transform() }, { range: batch });
        return dx;
      },
    };
  }
}

export interface RandomRotationOptions extends AffineOptions {
  /** the angle in full turns, counterclockwise: one number f stands for [-f, f] */
  factor: Factor;
}

/** Turns images about their centers. */
export class RandomRotation extends RandomAffine<RandomRotationOptions> {
  protected readonly kind = 0;

  constructor(options: RandomRotationOptions) {
    super("RandomRotation", options, { factor: 0, ...affineDefaults });
    readFactor(this.name, "factor", options.factor);
    this.checkAffine();
  }

  protected bounds(): [[number, number], null] {
    return [readFactor(this.name, "factor", this.options.factor), null];
  }
}

export interface RandomTranslationOptions extends AffineOptions {
  /** how far down, as a share of the height: one number f stands for [-f, f] */
  heightFactor: Factor;
  /** how far to the right, as a share of the width */
  widthFactor: Factor;
}

/** Moves images. */
export class RandomTranslation extends RandomAffine<RandomTranslationOptions> {
  protected readonly kind = 1;

  constructor(options: RandomTranslationOptions) {
    super("RandomTranslation", options, { heightFactor: 0, widthFactor: 0, ...affineDefaults });
    readFactor(this.name, "heightFactor", options.heightFactor);
    readFactor(this.name, "widthFactor", options.widthFactor);
    this.checkAffine();
  }

  protected bounds(): [[number, number], [number, number]] {
    const { heightFactor, widthFactor } = this.options;
    return [readFactor(this.name, "heightFactor", heightFactor), readFactor(this.name, "widthFactor", widthFactor)];
  }
}

export interface RandomZoomOptions extends AffineOptions {
  /** how much more of the height is seen: 0.2 zooms out by a fifth, -0.2 in; one number f stands for [-f, f] */
  heightFactor: Factor;
  /** as much for the width; default null: the same draw, so that shapes stay */
  widthFactor?: Factor | null;
}

/** Zooms images about their centers. */
export class RandomZoom extends RandomAffine<RandomZoomOptions> {
  protected readonly kind = 2;

  constructor(options: RandomZoomOptions) {
    super("RandomZoom", options, { heightFactor: 0, widthFactor: null, ...affineDefaults });
    readFactor(this.name, "heightFactor", options.heightFactor, true);
    this.bounds();
    this.checkAffine();
  }

  protected bounds(): [[number, number], [number, number] | null] {
    const around1 = (name: "heightFactor" | "widthFactor"): [number, number] => {
      const [low, high] = readFactor(this.name, name, this.options[name], true);
      return [1 + low, 1 + high];
    };
    return [around1("heightFactor"), this.options.widthFactor === null ? null : around1("widthFactor")];
  }
}
