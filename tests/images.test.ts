// Layers over images and sequences beside conv2d and maxPooling2d: options, refusals, numbers by hand, files, masks.
import { describe, expect, test } from "vitest";
import type { View } from "../js/engine/memory.js";
import { reshaped } from "../js/engine/memory.js";
import type { Plan } from "../js/engine/plan.js";
import { initializers, layers, loadModel, sequential } from "../js/index.js";
import { type Layer, Layer as LayerClass, type Shape } from "../js/layers/layer.js";
import { uniform } from "./kernels/data.js";

/** Anything where TypeScript would not let it through. */
const any = (value: unknown) => value as never;

const named = { name: "it" };
const given = (options: object) => any({ ...named, ...options });

/** Everything with options: how it is made, its own options, and the shape of a sample that fits. */
const makers: [string, (options: object) => Layer, string[], number[]][] = [
  [
    "conv1d",
    o => layers.conv1d(4, 2, given(o)),
    ["filters", "groups", "kernelInitializer", "kernelRegularizer", "kernelConstraint"],
    [7, 4],
  ],
  [
    "conv2dTranspose",
    o => layers.conv2dTranspose(4, 2, given(o)),
    ["filters", "outputPadding", "kernelInitializer", "kernelRegularizer", "kernelConstraint"],
    [7, 6, 4],
  ],
  [
    "conv1dTranspose",
    o => layers.conv1dTranspose(4, 2, given(o)),
    ["filters", "outputPadding", "kernelInitializer", "kernelRegularizer", "kernelConstraint"],
    [7, 4],
  ],
  [
    "depthwiseConv2d",
    o => layers.depthwiseConv2d(2, given(o)),
    ["depthMultiplier", "depthwiseInitializer", "depthwiseRegularizer", "depthwiseConstraint"],
    [7, 6, 4],
  ],
  [
    "depthwiseConv1d",
    o => layers.depthwiseConv1d(2, given(o)),
    ["depthMultiplier", "depthwiseInitializer", "depthwiseRegularizer", "depthwiseConstraint"],
    [7, 4],
  ],
  ...([2, 1] as const).map((rank): [string, (options: object) => Layer, string[], number[]] => [
    `separableConv${rank}d`,
    o => (rank === 2 ? layers.separableConv2d(4, 2, given(o)) : layers.separableConv1d(4, 2, given(o))),
    [
      "filters",
      "depthMultiplier",
      ...["depthwise", "pointwise"].flatMap(weight => ["Initializer", "Regularizer", "Constraint"].map(kind => weight + kind)),
    ],
    rank === 2 ? [7, 6, 4] : [7, 4],
  ]),
];

const filterOptions = [
  ...["kernelSize", "strides", "padding", "dilationRate", "activation", "useBias", "biasInitializer", "biasRegularizer"],
  ...["biasConstraint", "activityRegularizer"],
];

const others: [string, (options: object) => Layer, string[], number[]][] = [
  ["maxPooling1d", o => layers.maxPooling1d(2, given(o)), ["poolSize", "strides", "padding"], [7, 4]],
  ["averagePooling2d", o => layers.averagePooling2d(2, given(o)), ["poolSize", "strides", "padding"], [7, 6, 4]],
  ["averagePooling1d", o => layers.averagePooling1d(2, given(o)), ["poolSize", "strides", "padding"], [7, 4]],
  ["globalAveragePooling2d", o => layers.globalAveragePooling2d(given(o)), ["keepdims"], [7, 6, 4]],
  ["globalAveragePooling1d", o => layers.globalAveragePooling1d(given(o)), ["keepdims"], [7, 4]],
  ["globalMaxPooling2d", o => layers.globalMaxPooling2d(given(o)), ["keepdims"], [7, 6, 4]],
  ["globalMaxPooling1d", o => layers.globalMaxPooling1d(given(o)), ["keepdims"], [7, 4]],
  ["zeroPadding2d", o => layers.zeroPadding2d(2, given(o)), ["padding"], [7, 6, 4]],
  ["zeroPadding1d", o => layers.zeroPadding1d(2, given(o)), ["padding"], [7, 4]],
  ["cropping2d", o => layers.cropping2d(2, given(o)), ["cropping"], [7, 6, 4]],
  ["cropping1d", o => layers.cropping1d(2, given(o)), ["cropping"], [7, 4]],
  ["upSampling2d", o => layers.upSampling2d(2, given(o)), ["size", "interpolation"], [7, 6, 4]],
  ["upSampling1d", o => layers.upSampling1d(2, given(o)), ["size"], [7, 4]],
];

const all = [
  ...makers.map(([name, make, own, shape]): (typeof others)[number] => [name, make, [...own, ...filterOptions], shape]),
  ...others,
];

const messageOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

describe("options", () => {
  test.each(all)("of %s: no more and no fewer", (_, make, own) => {
    const [, known] = /^it: unknown option "qqqqqqqqqqqq"\. Known: (.*)\.$/.exec(messageOf(() => make({ qqqqqqqqqqqq: 1 }))) ?? [];
    expect(known?.split(", ").sort()).toEqual([...own, "name", "trainable", "inputShape"].sort());
  });

  test.each(all)("of %s must be an object", name => {
    const make = layers[name as keyof typeof layers] as (...args: unknown[]) => unknown;
    const leading = /^global/.test(name) ? 0 : /Transpose$|^conv|^separable/.test(name) ? 2 : 1;
    expect(messageOf(() => make(...new Array(leading).fill(1), "relu"))).toBe(`${name}: expected an object of options, got "relu".`);
  });

  const numbers = ["0", 0, -1, 1.5, Number.NaN, null, true, {}];
  const frames = ["1", -1, 1.5, null, [1, -1], [1, 2, 3], {}];
  const wrongOf: Record<string, unknown[]> = {
    filters: [...numbers, undefined],
    groups: numbers,
    kernelSize: [...numbers, undefined, [1, 2, 3]],
    strides: [...numbers.filter(value => value !== null), [1, 2, 3]],
    dilationRate: [...numbers, [0, 1], [1, 2, 3]],
    depthMultiplier: numbers,
    poolSize: [...numbers, [1, 2, 3]],
    size: [...numbers, [1, 2, 3]],
    outputPadding: ["0", -1, 1.5, true, [1, 2, 3]],
    padding: ["Same", "full", "", 0, null, []],
    interpolation: ["Nearest", "cubic", 1, null],
    keepdims: [0, "true", null],
    cropping: frames,
    useBias: [0, "true", null],
  };

  test.each(all)("of %s are refused by name", (name, _, own) => {
    const make = layers[name as keyof typeof layers] as (...args: unknown[]) => unknown;
    const leading = own.filter(
      option =>
        ["filters", "kernelSize", "poolSize", "size", "cropping"].includes(option) || (name.startsWith("zero") && option === "padding"),
    );
    for (const option of own.filter(option => option in wrongOf)) {
      const wrong = name.startsWith("zero") ? frames : wrongOf[option];
      for (const value of wrong) {
        const args = leading.map(key => (key === option ? value : 1));
        const message = messageOf(() => make(...args, leading.includes(option) ? named : { ...named, [option]: value }));
        expect(message.startsWith(`it: ${option} must be `), `${option} ${JSON.stringify(value)}: ${message}`).toBe(true);
      }
    }
  });

  test("average pooling has no window of its own", () => {
    expect(() => layers.averagePooling2d(any(undefined), named)).toThrow(
      new Error("it: poolSize must be a positive integer, got undefined."),
    );
    expect(() => layers.averagePooling1d(any(undefined), named)).toThrow(
      new Error("it: poolSize must be a positive integer, got undefined."),
    );
  });

  test.each<[() => unknown, string]>([
    [
      () => layers.conv1d(4, 3, { ...named, strides: 2, dilationRate: 2 }),
      "it: strides over 1 do not go with a dilationRate over 1, got 2 and 2.",
    ],
    [() => layers.conv2d(4, 3, { ...named, padding: any("causal") }), 'it: padding must be "valid" or "same", got "causal".'],
    [() => layers.conv1d(4, 3, { ...named, padding: any("full") }), 'it: padding must be "valid" or "same" or "causal", got "full".'],
    [() => layers.depthwiseConv1d(3, { ...named, padding: any("causal") }), 'it: padding must be "valid" or "same", got "causal".'],
    [
      () => layers.conv2dTranspose(4, 3, { ...named, strides: [2, 1], outputPadding: 1 }),
      "it: outputPadding must be less than strides ([2, 1]), got 1.",
    ],
    [() => layers.conv1dTranspose(4, 3, { ...named, outputPadding: 1 }), "it: outputPadding must be less than strides (1), got 1."],
    [
      () => layers.upSampling2d(2, { ...named, interpolation: any("lanczos3") }),
      'it: interpolation "lanczos3" is not there yet. "bicubic" is near to it.',
    ],
  ])("that do not go together (%#)", (make, message) => {
    expect(messageOf(make)).toBe(message);
  });
});

describe("inputs that do not fit are refused:", () => {
  test.each(all)("another rank, by %s", (_, make, __, shape) => {
    const axes = shape.length === 2 ? "steps, channels" : "height, width, channels";
    for (const wrong of [shape.slice(1), [2, ...shape]]) {
      const message = messageOf(() => sequential([make({ inputShape: wrong })]));
      expect(message.startsWith(`it: expected input of shape (None, ${axes}), got (None, ${wrong.join(", ")}). `), message).toBe(true);
    }
  });

  test.each<[Layer, number[], string]>([
    [
      layers.conv1d(2, 5, named),
      [4, 1],
      'it: a kernel of 5 does not fit into an input of 4 steps. A smaller kernelSize, or padding "same", does.',
    ],
    [layers.conv1d(4, 3, { ...named, groups: 2 }), [4, 3], "it: the input's 3 channels must be a multiple of groups (2)."],
    [
      layers.depthwiseConv2d([2, 3], { ...named, dilationRate: 4 }),
      [4, 9, 1],
      'it: a 2x3 kernel does not fit into an input of 4x9. A smaller kernelSize, or padding "same", does.',
    ],
    [layers.averagePooling1d(5, named), [4, 1], "it: a window of 5 does not fit into an input of 4 steps. A smaller poolSize does."],
    [layers.cropping1d([2, 3], named), [5, 1], "it: cropping leaves nothing of an input of 5 steps. Crop less."],
    [layers.cropping2d([1, 3], named), [5, 6, 1], "it: cropping leaves nothing of an input of 5x6. Crop less."],
    [
      layers.conv1dTranspose(1, 2, { ...named, strides: 2, padding: "same", outputPadding: 0 }),
      [1, 1],
      "it: its output for an input of 1 steps would be empty. A larger outputPadding helps.",
    ],
  ])("%#", (layer, shape, message) => {
    expect(messageOf(() => sequential([layers.input({ shape }), layer]))).toBe(message);
  });
});

/** What a layer makes of one sample. */
async function outputOf(layer: Layer, data: number[], shape: number[], weights: number[][] = []) {
  const model = sequential([layers.input({ shape }), layer]);
  if (weights.length)
    model.setWeights(layer.weights.map((weight, i) => ({ data: Float32Array.from(weights[i]), shape: [...weight.shape] })));
  return Array.from((await model.predict({ data: Float32Array.from(data), shape: [1, ...shape] })).data, v => Math.round(v * 1e5) / 1e5);
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("numbers by hand:", () => {
  test.each<[number, number, number, "same" | "causal", number[]]>([
    [5, 3, 2, "same", [8, 20, 14]],
    [6, 3, 2, "same", [14, 26, 17]],
    [5, 4, 1, "same", [20, 30, 40, 26, 14]],
    [4, 2, 1, "causal", [2, 5, 8, 11]],
  ])("conv1d over 1..%i, kernel 1..%i, strides %i, %s", async (n, k, strides, padding, expected) => {
    expect(await outputOf(layers.conv1d(1, k, { strides, padding, useBias: false }), upTo(n), [n, 1], [upTo(k)])).toEqual(expected);
    if (padding === "same") {
      const depthwise = layers.depthwiseConv1d(k, { strides, padding, useBias: false });
      expect(await outputOf(depthwise, upTo(n), [n, 1], [upTo(k)])).toEqual(expected);
    }
  });

  test("conv1d with dilation 2 over 1..5", async () => {
    const layer = layers.conv1d(1, 3, { dilationRate: 2, padding: "same", useBias: false });
    expect(await outputOf(layer, upTo(5), [5, 1], [upTo(3)])).toEqual([11, 16, 22, 10, 13]);
  });

  test.each<[number, number, "same" | "valid", number | null, number[]]>([
    [3, 2, "same", null, [1, 2, 4, 2, 4, 2]],
    [4, 2, "same", null, [2, 4, 6, 4, 6, 3]],
    [2, 3, "same", null, [1, 2, 0, 1, 2, 0, 1, 2, 0]],
    [5, 2, "same", null, [2, 4, 6, 9, 6, 8]],
    [3, 1, "same", null, [3, 6, 5]],
    [4, 1, "same", null, [3, 6, 9]],
    [3, 2, "valid", null, [1, 2, 4, 2, 4, 2, 3]],
    [2, 3, "valid", null, [1, 2, 0, 1, 2, 0, 1, 2, 0]],
    [3, 2, "same", 0, [2, 4, 2, 4, 2]],
    [3, 2, "same", 1, [1, 2, 4, 2, 4, 2]],
    [4, 2, "same", 1, [2, 4, 6, 4, 6]],
    [2, 3, "same", 2, [1, 2, 0, 1, 2, 0, 1, 2]],
  ])("conv1dTranspose of ones, kernel 1..%i, strides %i, %s, outputPadding %s", async (k, strides, padding, outputPadding, expected) => {
    const layer = layers.conv1dTranspose(1, k, { strides, padding, outputPadding, useBias: false });
    expect(await outputOf(layer, [1, 1, 1], [3, 1], [upTo(k)])).toEqual(expected);
  });

  test("conv1dTranspose with dilation", async () => {
    // taps at 0, 2 and 4: a field of 5, which padding "same" cuts down to the input's length
    const dilated = (padding: "same" | "valid") => layers.conv1dTranspose(1, 3, { dilationRate: 2, padding, useBias: false });
    expect(await outputOf(dilated("valid"), [1, 10, 100], [3, 1], [upTo(3)])).toEqual([1, 10, 102, 20, 203, 30, 300]);
    expect(await outputOf(dilated("same"), [1, 10, 100], [3, 1], [upTo(3)])).toEqual([102, 20, 203]);
  });

  test.each<[number, number, number[]]>([
    [3, 1, [1.5, 2, 3, 4, 4.5]],
    [2, 2, [1.5, 3.5, 5]],
    [3, 2, [1.5, 3, 4.5]],
  ])("averagePooling1d of 1..5, poolSize %i, strides %i, same", async (poolSize, strides, expected) => {
    expect(await outputOf(layers.averagePooling1d(poolSize, { strides, padding: "same" }), upTo(5), [5, 1])).toEqual(expected);
  });

  test.each<[number, number[]]>([
    [2, [1, 1.25, 1.75, 2.5, 3.5, 4]],
    [3, [1, 1, 1.33333, 1.66667, 2, 2.66667, 3.33333, 4, 4]],
  ])("upSampling2d of 1, 2, 4 by %i, bilinear", async (size, expected) => {
    expect(await outputOf(layers.upSampling2d([1, size], { interpolation: "bilinear" }), [1, 2, 4], [1, 3, 1])).toEqual(expected);
  });

  test("strides that differ between the axes, and dilation with strides, of a depthwise convolution", async () => {
    const sum = layers.depthwiseConv2d([1, 2], { strides: [2, 3], useBias: false });
    expect(await outputOf(sum, upTo(15), [3, 5, 1], [[1, 100]])).toEqual([201, 504, 1211, 1514]);
    const far = layers.depthwiseConv2d([1, 2], { strides: 2, dilationRate: 3, useBias: false });
    expect(await outputOf(far, upTo(6), [1, 6, 1], [[1, 100]])).toEqual([401, 603]);
  });
});

describe("globalAveragePooling1d", () => {
  /** Puts a mask on its input: a weight of shape [batch, steps], so that a test can set it. */
  class Masked extends LayerClass {
    constructor() {
      super("Masked", {}, {});
    }
    protected build(shape: Shape): Shape {
      this.addWeight("mask", [2, shape[0]], { initializer: initializers.ones(), trainable: false });
      return shape;
    }
    record(_: Plan, x: View) {
      const y = reshaped(x, x.shape);
      y.mask = this.weights[0].view;
      return { y, backward: (dy: View) => dy };
    }
  }

  test.each([false, true])("counts the steps that its mask counts, and takes the mask away; keepdims %s", async keepdims => {
    const last: (View | undefined)[] = [];
    const pooling = layers.globalAveragePooling1d({ keepdims });
    const { apply } = pooling;
    pooling.apply = function (plan, x) {
      const recorded = apply.call(this, plan, x);
      last.push(x.mask, recorded.y.mask);
      return recorded;
    };
    const model = sequential([layers.input({ shape: [3, 2] }), new Masked(), pooling]);
    model.setWeights([{ data: Float32Array.of(1, 0, 1, 0, 0, 0), shape: [2, 3] }]);
    const { data, shape } = await model.predict([
      [
        [1, 2],
        [9, 50],
        [3, 6],
      ],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ] as never);
    expect(shape).toEqual(keepdims ? [2, 1, 2] : [2, 2]);
    expect(Array.from(data)).toEqual([2, 4, Number.NaN, Number.NaN]);
    expect(last[0]).toBeDefined();
    expect(last[1]).toBeUndefined();
  });
});

describe("files", () => {
  test.each(all)("keep all options of %s", async (_, make, own, shape) => {
    const options: Record<string, unknown> = {
      ...{ inputShape: shape, trainable: false },
      ...(own.includes("strides") && { strides: shape.length === 3 ? [2, 2] : 2, padding: "same" }),
      ...(own.includes("useBias") && { useBias: false, activation: "leaky_relu" }),
      ...(own.includes("depthMultiplier") && { depthMultiplier: 3, depthwiseRegularizer: "l2", depthwiseInitializer: "he_normal" }),
      ...(own.includes("outputPadding") && { outputPadding: 1 }),
      ...(own.includes("keepdims") && { keepdims: true }),
      ...(own.includes("interpolation") && { interpolation: "bicubic" }),
    };
    const model = sequential([make(options)]);
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    const kept = Object.keys(options).filter(key => key !== "inputShape");
    expect(Object.keys(again.getConfig().layers.at(-1)!.config)).toEqual(expect.arrayContaining(kept));
    const x = { data: uniform(2 * shape.reduce((a, b) => a * b)), shape: [2, ...shape] };
    expect((await again.predict(x)).data).toEqual((await model.predict(x)).data);
  });
});
