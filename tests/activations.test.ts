import { describe, expect, it } from "vitest";
import { activations, layers, loadModel, sequential, tensor } from "../js/index.js";
import * as reference from "./reference.js";

const X = Float32Array.of(-8, -3, -1, -0.4, 0, 0.3, 1, 2.5, 7);

/** The activation of X, beside it and over it. */
async function apply(activation: string | activations.Activation): Promise<number[][]> {
  const apart = sequential([layers.activation(activation, { inputShape: [X.length] })]);
  const over = sequential([layers.dense(X.length, { activation, inputShape: [X.length], useBias: false })]);
  over.setWeights([tensor(Array.from(X, (_, i) => Array.from(X, (_, j) => Number(i === j))))]);
  const models = [apart, over];
  return Promise.all(models.map(async model => Array.from((await model.predict({ data: X, shape: [1, X.length] })).data)));
}

async function expectValues(activation: string | activations.Activation, f: (x: number) => number): Promise<void> {
  for (const got of await apply(activation)) {
    for (const [i, y] of got.entries()) expect(y, `of ${X[i]}`).toBeCloseTo(f(X[i]), 6);
  }
}

describe("options of activations", () => {
  it.each<[string, activations.Activation, (x: number) => number]>([
    ["leakyRelu", activations.leakyRelu({ negativeSlope: 0.1 }), x => (x > 0 ? x : 0.1 * x)],
    ["relu with a slope", activations.relu({ negativeSlope: 0.5 }), x => (x > 0 ? x : 0.5 * x)],
    ["relu with a maximum", activations.relu({ maxValue: 2 }), x => Math.min(Math.max(x, 0), 2)],
    [
      "relu with all",
      activations.relu({ negativeSlope: 0.5, maxValue: 2, threshold: 0.5 }),
      x => (x > 0.5 ? Math.min(x, 2) : 0.5 * (x - 0.5)),
    ],
    ["elu", activations.elu({ alpha: 2 }), reference.elu(2, 1, 1)],
    ["celu", activations.celu({ alpha: 2 }), reference.elu(2, 0.5, 1)],
    ["gelu", activations.gelu({ approximate: true }), reference.geluTanh],
    ["hardShrink", activations.hardShrink({ threshold: 1 }), reference.hardShrink(1)],
    ["softShrink", activations.softShrink({ threshold: 1 }), reference.softShrink(1)],
    ["squareplus", activations.squareplus({ b: 1 }), reference.squareplus(1)],
    ["threshold", activations.threshold({ threshold: 0.5, defaultValue: -2 }), x => (x > 0.5 ? x : -2)],
  ])("%s", (_, activation, f) => expectValues(activation, f));

  it("come back from a file", async () => {
    const model = sequential([
      layers.dense(2, { activation: activations.elu({ alpha: 0.5 }), inputShape: [1], kernelInitializer: "ones" }),
      layers.activation(activations.gelu({ approximate: true })),
      layers.activation("hard_silu"),
    ]);
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    const x = [[-0.7], [0.2]];
    expect((await again.predict(x)).data).toEqual((await model.predict(x)).data);
  });

  it("say what is wrong", () => {
    expect(() => activations.elu({ alpha: -1 })).toThrow("elu: alpha must be a number of at least 0, got -1.");
    expect(() => activations.celu({ alpha: 0 })).toThrow("celu: alpha must be a number over 0, got 0.");
    expect(() => activations.squareplus({ b: 0 })).toThrow("squareplus: b must be a number over 0, got 0. With 0 it is relu.");
    expect(() => layers.dense(1, { activation: "gelo" })).toThrow('unknown activation "gelo". Did you mean "gelu"?');
    expect(() => layers.dense(1, { activation: "threshold" })).toThrow("threshold: threshold must be a finite number, got NaN.");
  });
});

describe("sparsemax", () => {
  it("adds up to 1, with what is far below the largest at 0", async () => {
    const model = sequential([layers.activation("sparsemax", { inputShape: [3] })]);
    const { data } = await model.predict([[0, 0.5, 1]]);
    expect(Array.from(data)).toEqual([0, 0.25, 0.75]);
  });
});

describe("names", () => {
  it("are Keras's, in snake_case or camelCase, with its aliases", async () => {
    const [silu] = await apply("silu");
    for (const name of ["swish", "SiLU"]) expect((await apply(name))[0]).toEqual(silu);
    expect((await apply("hardSwish"))[0]).toEqual((await apply("hard_silu"))[0]);
  });
});
