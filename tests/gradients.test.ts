import { describe, expect, test } from "vitest";
import {
  Layer,
  type LayerOptions,
  layers,
  type Plan,
  type Recorded,
  type Sequential,
  type Shape,
  sequential,
  setSeed,
  tensor,
  type View,
  type Weight,
} from "../js/index.js";
import { type GradientCase, rows } from "./gradients/table.js";

// Every layer's way back, as a model records it: along a random direction v of each weight, and of the input, the loss must change by g · v.
//
// Step and tolerance: losses are about 1 and come out of float32 kernels with errors of some 2^-24, so that a difference over 2·STEP is off by
// about 1e-6. Two differences, of STEP and STEP / 2, are combined so that the error of order h² goes; what is left is of order h⁴, 1e-6 again.
// Sums of float32 products add a few units more; 3e-4 of Σ |g·v| is 10 to 50 times all of that, and a wrong term of a gradient is far beyond it.
const STEP = 0.03;
const TOLERANCE = 3e-4;

/** y = x + w, sample by sample: its gradient is the gradient of what the layer behind it gets. */
class Moved extends Layer<LayerOptions & { samples: number }> {
  override readonly supportsMasking = true;
  #w!: Weight;

  constructor(samples: number) {
    super("Moved", { samples }, { samples: 0 });
  }

  protected build(inputShape: Shape): Shape {
    const zeros = { className: "Zeros", config: {}, fill() {} };
    this.#w = this.addWeight("input", [this.options.samples, ...inputShape], { initializer: zeros });
    return inputShape;
  }

  record(plan: Plan, x: View): Recorded {
    const range = this.#w.size;
    const y = plan.tensor(x.shape, true);
    plan.call("add", { y, a: x, b: this.#w.view }, { range });
    return {
      y,
      backward: dy => {
        plan.call("scale", { y: this.#w.gradient, x: dy, factor: 1 }, { range });
        return null;
      },
    };
  }
}

const SAMPLES = 3;
/** numbers in ±1 without pattern */
const wave = (n: number, seed: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i * (i + seed)));

/** One training step from given weights; random layers draw the same each time. */
class Probe {
  readonly #model: Sequential;
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  #start: NonNullable<ReturnType<Sequential["getOptimizerState"]>> | null = null;

  constructor(model: Sequential, x: Float32Array) {
    this.#model = model;
    this.#x = x;
    this.#y = wave(SAMPLES * model.outputShape!.slice(1).reduce<number>((a, b) => a * b!, 1), 7);
  }

  loss(weights: Float32Array[]): number {
    const shapes = this.#model.getWeights();
    this.#model.setWeights(weights.map((data, i) => tensor(data, shapes[i].shape)));
    this.#model.resetStates();
    if (this.#start) this.#model.setOptimizerState(this.#start);
    const { loss } = this.#model.trainOnBatch(this.#x, this.#y);
    this.#start ??= { ...this.#model.getOptimizerState()!, iterations: 0 };
    return loss;
  }

  /** With a learning rate of 1 the weights move by their gradients. */
  gradients(weights: Float32Array[]): Float32Array[] {
    this.loss(weights);
    return this.#model.getWeights().map(({ data }, i) => data.map((after, j) => weights[i][j] - after));
  }
}

async function probe({ make, input, before = [], x, moved = true }: GradientCase) {
  setSeed(3);
  const model = sequential([layers.input({ shape: input }), ...before, ...(moved ? [new Moved(SAMPLES)] : []), ...[make()].flat()]);
  model.compile({ optimizer: { className: "SGD", config: { learningRate: 1 } }, loss: "mse" });
  await model.ready();
  const size = SAMPLES * input.reduce((a, b) => a * b, 1);
  return { model, probe: new Probe(model, x?.(size) ?? wave(size, 1)) };
}

/** @throws where a gradient is not the slope of the loss */
async function check(row: GradientCase): Promise<string[]> {
  const { model, probe: run } = await probe(row);
  const weights = model.getWeights().map(({ data }) => data.slice());
  const names = model.layers.flatMap(layer => layer.namedWeights.map(([path]) => path));
  const trained = new Set(model.layers.flatMap(layer => layer.trainedWeights.map(([path]) => path)));
  const gradients = run.gradients(weights);
  const checked: string[] = [];
  for (const [i, name] of names.entries()) {
    if (!trained.has(name)) continue;
    const v = wave(weights[i].length, 5);
    const difference = (h: number) => {
      const at = (h: number) => run.loss(weights.map((data, k) => (k === i ? data.map((w, j) => w + h * v[j]) : data)));
      return (at(h) - at(-h)) / (2 * h);
    };
    const slope = (4 * difference(STEP / 2) - difference(STEP)) / 3;
    const terms = Array.from(gradients[i], (g, j) => g * v[j]);
    const got = terms.reduce((sum, term) => sum + term, 0);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
    if (row.idle && name.endsWith(`/${row.idle}`)) {
      expect(size, name).toBe(0);
      continue;
    }
    expect(size, `${name}: no gradient at all`).toBeGreaterThan(1e-4);
    expect(Math.abs(got - slope), `${name}: g·v is ${got}, the loss changes by ${slope}, Σ|g·v| ${size}`).toBeLessThan(
      TOLERANCE * size + 2e-6,
    );
    checked.push(name);
  }
  return checked;
}

const factories = Object.keys(layers).filter(name => /^[a-z]/.test(name) && name !== "classes" && name !== "input");

test("every layer has a row", () => {
  expect(factories.filter(name => !(name in rows))).toEqual([]);
  expect(Object.keys(rows).filter(name => !factories.includes(name))).toEqual([]);
});

describe.each(Object.entries(rows))("%s", (_, cases) => {
  test.each(Object.entries(cases))("%s", async (_, row) => {
    expect((await check(row)).length).toBeGreaterThan(0);
  });
});

test("a wrong way back is found", async () => {
  class Wrong extends Layer {
    constructor() {
      super("Wrong", {}, {});
    }
    protected build(inputShape: Shape): Shape {
      return inputShape;
    }
    record(plan: Plan, x: View): Recorded {
      const y = plan.tensor(x.shape, x.needsGradient);
      plan.call("tanh", { y, x }, { range: 12 });
      return { y, backward: dy => dy };
    }
  }
  await expect(check({ make: () => new Wrong(), input: [4] })).rejects.toThrow(/moved.*input: g·v is/);
});
