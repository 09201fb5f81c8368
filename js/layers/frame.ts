import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkInteger, show } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { imageShape, type Rank, shapeOf, showSizes } from "./window.js";

/** Of a sequence: as much on both ends, or [before, behind]. */
export type Ends = number | [number, number];
/** Of an image: as much on all sides, [above and below, left and right], or [[above, below], [left, right]]. */
export type Sides = number | [number, number] | [[number, number], [number, number]];

export interface ZeroPadding1DOptions extends LayerOptions {
  /** default 1 */
  padding?: Ends;
}
export interface ZeroPadding2DOptions extends LayerOptions {
  /** default 1 */
  padding?: Sides;
}
export interface Cropping1DOptions extends LayerOptions {
  /** default 1 */
  cropping?: Ends;
}
export interface Cropping2DOptions extends LayerOptions {
  /** default 0 */
  cropping?: Sides;
}

type Frame = [before: number, behind: number][];

/** An option as [[above, below], [left, right]]. */
function checkFrame(where: string, name: string, value: unknown, rank: Rank): Frame {
  const wrong = (expected: string) => new Error(`${where}: ${name} must be ${expected}, got ${show(value)}.`);
  const ends = (side: unknown): [number, number] => {
    const pair = Array.isArray(side) ? side : [side, side];
    if (pair.length !== 2) throw wrong(rank === 1 ? "a number or [before, behind]" : "numbers or pairs of them");
    return [checkInteger(where, name, pair[0], 0), checkInteger(where, name, pair[1], 0)];
  };
  if (rank === 1) return [[0, 0], ends(value)];
  const sides = Array.isArray(value) ? value : [value, value];
  if (sides.length !== 2) throw wrong("a number, [height, width] or [[top, bottom], [left, right]]");
  return [ends(sides[0]), ends(sides[1])];
}

/** Lines and columns put around an image, or cut off it. */
abstract class FrameLayer<Options extends LayerOptions> extends Layer<Options> {
  readonly #rank: Rank;
  /** what is cut off; negative where it is put on */
  readonly #cut: Frame;

  constructor(rank: Rank, sign: 1 | -1, ...[className, given, defaults]: ConstructorParameters<typeof Layer<Options>>) {
    super(className, given, defaults);
    this.#rank = rank;
    const [name] = Object.keys(defaults);
    const frame = checkFrame(this.name, name, (this.options as Record<string, unknown>)[name], rank);
    this.#cut = frame.map(([before, behind]) => [sign * before, sign * behind]);
  }

  protected build(inputShape: Shape): Shape {
    const names = this.#rank === 1 ? "steps, channels" : "height, width, channels";
    this.checkRank(inputShape, this.#rank + 1, names, "It belongs before flatten().");
    const [height, width, channels] = imageShape(inputShape, this.#rank);
    const [outHeight, outWidth] = [height, width].map((n, axis) => n - this.#cut[axis][0] - this.#cut[axis][1]);
    if (outHeight < 1 || outWidth < 1) {
      const given = showSizes([height, width], this.#rank);
      throw new Error(`${this.name}: cropping leaves nothing of an input of ${given}. Crop less.`);
    }
    return shapeOf([outHeight, outWidth, channels], this.#rank);
  }

  record(plan: Plan, x: View): Recorded {
    const batch = x.shape[0];
    const [height, width, channels] = imageShape(this.inputShape!, this.#rank);
    const [outHeight, outWidth] = imageShape(this.outputShape!, this.#rank);
    const [[top], [left]] = this.#cut;
    const y = plan.tensor([batch, ...this.outputShape!], x.needsGradient);
    plan.call("crop2d", { y, x, height, width, channels, outHeight, outWidth, top, left }, { range: batch * outHeight });
    return {
      y,
      backward(dy) {
        const dx = plan.tensor(x.shape);
        const back = { height: outHeight, width: outWidth, channels, outHeight: height, outWidth: width, top: -top, left: -left };
        plan.call("crop2d", { y: dx, x: dy, ...back }, { range: batch * height });
        return dx;
      },
    };
  }
}

export class ZeroPadding2D extends FrameLayer<ZeroPadding2DOptions> {
  constructor(options: ZeroPadding2DOptions = {}) {
    super(2, -1, "ZeroPadding2D", options, { padding: 1 });
  }
}

export class ZeroPadding1D extends FrameLayer<ZeroPadding1DOptions> {
  constructor(options: ZeroPadding1DOptions = {}) {
    super(1, -1, "ZeroPadding1D", options, { padding: 1 });
  }
}

export class Cropping2D extends FrameLayer<Cropping2DOptions> {
  constructor(options: Cropping2DOptions = {}) {
    super(2, 1, "Cropping2D", options, { cropping: 0 });
  }
}

export class Cropping1D extends FrameLayer<Cropping1DOptions> {
  constructor(options: Cropping1DOptions = {}) {
    super(1, 1, "Cropping1D", options, { cropping: 1 });
  }
}
