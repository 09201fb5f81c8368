import { reshaped, type View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { checkChoice, show } from "../options.js";
import { Layer, type LayerOptions, type Shape } from "./layer.js";
import { checkSizes, imageShape, type Length, type Pair, type Rank, shapeOf } from "./window.js";

const INTERPOLATIONS = ["nearest", "bilinear", "bicubic"] as const;
/** How new pixels come about: the nearest old one, a line between two, Keys's cubic over four. */
type Interpolation = (typeof INTERPOLATIONS)[number];

export interface UpSampling1DOptions extends LayerOptions {
  /** how often each step is repeated; default 2 */
  size?: Length;
}

export interface UpSampling2DOptions extends LayerOptions {
  /** how much higher and wider; default 2 */
  size?: Pair;
  /** default "nearest" */
  interpolation?: Interpolation;
}

/** Records rows of `length` pixels of n numbers, `size` times as long. */
function stretch(plan: Plan, x: View, shape: Shape, [rows, length, n]: Shape, size: number, how: Interpolation): Recorded {
  if (size === 1) return { y: reshaped(x, shape), backward: dy => reshaped(dy, x.shape) };
  const y = plan.tensor(shape, x.needsGradient);
  const nearest = { n, times: size };
  const between = { n, length, size, cubic: Number(how === "bicubic") };
  if (how === "nearest") plan.call("repeat", { y, x, ...nearest }, { range: rows * length });
  else plan.call("interpolate", { y, x, ...between }, { range: rows });
  return {
    y,
    backward(dy) {
      const dx = plan.tensor(x.shape);
      if (how === "nearest") plan.call("repeatGrad", { dx, dy, ...nearest }, { range: rows * length });
      else plan.call("interpolateGrad", { dx, dy, ...between }, { range: rows });
      return dx;
    },
  };
}

/** y[..., channels]: x[..., channels], larger by whole numbers along one axis or two */
abstract class UpSampling<Options extends LayerOptions> extends Layer<Options> {
  protected abstract readonly rank: Rank;
  protected abstract readonly size: [number, number];
  protected readonly interpolation: Interpolation = "nearest";

  protected build(inputShape: Shape): Shape {
    const names = this.rank === 1 ? "steps, channels" : "height, width, channels";
    this.checkRank(inputShape, this.rank + 1, names, "It belongs before flatten().");
    const [height, width, channels] = imageShape(inputShape, this.rank);
    return shapeOf([height * this.size[0], width * this.size[1], channels], this.rank);
  }

  record(plan: Plan, x: View): Recorded {
    const batch = x.shape[0];
    const [height, width, channels] = imageShape(this.inputShape!, this.rank);
    const [down, across] = this.size;
    const wide = shapeOf([height, width * across, channels], this.rank);
    const columns = stretch(plan, x, [batch, ...wide], [batch * height, width, channels], across, this.interpolation);
    const line = width * across * channels;
    const rows = stretch(plan, columns.y, [batch, ...this.outputShape!], [batch, height, line], down, this.interpolation);
    return { y: rows.y, backward: dy => columns.backward(rows.backward(dy)!) };
  }
}

export class UpSampling2D extends UpSampling<UpSampling2DOptions> {
  protected readonly rank = 2;
  protected readonly size: [number, number];
  protected override readonly interpolation: Interpolation;

  constructor(options: UpSampling2DOptions = {}) {
    super("UpSampling2D", options, { size: 2, interpolation: "nearest" });
    const { size, interpolation } = this.options;
    this.size = checkSizes(this.name, "size", size, 2);
    if (/^lanczos/.test(String(interpolation))) {
      throw new Error(`${this.name}: interpolation ${show(interpolation)} is not there yet. "bicubic" is near to it.`);
    }
    this.interpolation = checkChoice(this.name, "interpolation", interpolation, INTERPOLATIONS);
  }
}

/** Each step of a sequence several times. */
export class UpSampling1D extends UpSampling<UpSampling1DOptions> {
  protected readonly rank = 1;
  protected readonly size: [number, number];

  constructor(options: UpSampling1DOptions = {}) {
    super("UpSampling1D", options, { size: 2 });
    this.size = checkSizes(this.name, "size", this.options.size, 1);
  }
}
