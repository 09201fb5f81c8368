import { describe, expect, test } from "vitest";
import { names as activations } from "../js/activations/index.js";
import {
  callbacks,
  constraints,
  type FitOptions,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  schedules,
  type Tensor,
} from "../js/index.js";
import { build, camelCase, camelKeys, make } from "./keras/build.js";
import { expectLogs, expectStep, expectTensor, expectTensors } from "./keras/close.js";
import { type Fixture, groups, list, readGroup, type Spec } from "./keras/fixtures.js";

const OUTPUTS = 1e-5;
const HISTORY = 1e-4;

const fixtures = groups.flatMap(readGroup);

function fitOptions({ fit, arrays }: Fixture, watch: ReturnType<typeof callbacks.lambda>): FitOptions {
  const given = camelKeys(fit) as FitOptions;
  const { x_val, y_val, sample_weight, sample_weight_val } = arrays;
  return {
    ...given,
    ...(x_val && { validationData: [x_val, y_val, sample_weight_val] }),
    sampleWeight: sample_weight,
    callbacks: [...(given.callbacks ?? []), watch],
    shuffle: false,
    verbose: 0,
  };
}

/** The first samples. */
function head({ data, shape: [samples, ...rest] }: Tensor, count: number): Tensor {
  const kept = Math.min(samples, count);
  return { data: data.slice(0, (data.length / samples) * kept), shape: [kept, ...rest] };
}

describe.each(groups)("Keras and %s:", group => {
  test.each(fixtures.filter(({ name }) => name.startsWith(`${group}/`)))("$name", async fixture => {
    const { x, y, sample_weight: sampleWeight, before, after } = fixture.arrays;
    const { batch_size: batchSize } = fixture.fit;
    const model = await build(fixture);
    if (fixture.initialized) expectTensors("initial weight", model.getWeights(), list(fixture, "initial"), 0);
    expectTensor("predictions before", model.predictOnBatch(x), before, OUTPUTS);
    if (fixture.epochs) {
      const steps: Record<string, number[]> = {};
      let first: Tensor[] | undefined;
      const watch = callbacks.lambda({
        onTrainBatchEnd(_, logs) {
          for (const [key, value] of Object.entries(logs)) (steps[key] ??= []).push(value);
          first ??= model.getWeights();
        },
      });
      const history = await model.fit(x, y, fitOptions(fixture, watch));
      expectStep(list(fixture, "initial"), first!, list(fixture, "first"));
      expectTensors("after a step weight", first!, list(fixture, "first"), OUTPUTS);
      expectLogs("steps", steps, fixture.steps!, HISTORY);
      expect(history.epoch).toEqual(fixture.epochs);
      expectLogs("history", history.history, fixture.history!, HISTORY);
      expectTensors("at the end weight", model.getWeights(), list(fixture, "final"), HISTORY);
      expectTensor("predictions after", await model.predict(x, { batchSize }), after, HISTORY);
    }
    expectLogs("evaluate", await model.evaluate(x, y, { batchSize, sampleWeight, verbose: 0 }), fixture.evaluate, HISTORY);
    if (fixture.epochs) {
      const weights = sampleWeight && head(sampleWeight, batchSize);
      const [xBatch, yBatch] = [head(x, batchSize), head(y, batchSize)];
      const options = { sampleWeight: weights, classWeight: fixture.fit.class_weight };
      expectLogs("trainOnBatch", model.trainOnBatch(xBatch, yBatch, options), fixture.train_on_batch!, HISTORY);
      expectLogs("testOnBatch", model.testOnBatch(xBatch, yBatch, { sampleWeight: weights }), fixture.test_on_batch!, HISTORY);
    }
  });
});

/** One spelling for Keras's class names, function names and short names. */
function plain(name: string): string {
  const short: Record<string, string> = {
    mse: "meansquarederror",
    mae: "meanabsoluteerror",
    bce: "binarycrossentropy",
    acc: "accuracy",
    mape: "meanabsolutepercentageerror",
    msle: "meansquaredlogarithmicerror",
  };
  const bare = name.replace(/_/g, "").toLowerCase();
  return short[bare] ?? bare;
}

describe("Every name has a case from Keras:", () => {
  const nameOf = (value: unknown) => plain(typeof value === "string" ? value : (value as Spec).class_name);
  const used = fixtures.flatMap(fixture => fixture.layers);
  const options = (ending: RegExp) =>
    used.flatMap(({ config }) => Object.entries(config).filter(([key]) => ending.test(key))).map(([, value]) => value);
  const rates = fixtures.map(({ compile }) => (compile.optimizer as Spec).config?.learning_rate).filter(rate => typeof rate === "object");
  /** functions that a user calls by name */
  const factories = (namespace: object) =>
    Object.entries(namespace)
      .filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name) && !name.startsWith("resolve"))
      .map(([name]) => name);

  /** Initializers whose numbers are no matter of chance; tests/random.test.ts has the others. */
  const certain = factories(initializers).filter(name => !("seed" in (initializers[name as "ones"]().config as object)));
  /** of whole data sets, as scikit-learn has them: tests/metrics.test.ts */
  const curves = ["rocCurve", "precisionRecallCurve", "rocAucScore", "averagePrecisionScore"];
  const byThemselves = ["meter", "confusionMatrix", "classificationReport", ...curves];

  test.each<[string, string[], unknown[]]>([
    ["layers", factories(layers).map(name => (name === "input" ? "inputLayer" : name)), used],
    ["activations", activations, options(/activation$/)],
    ["regularizers", factories(regularizers), options(/regularizer$/)],
    ["constraints", factories(constraints), options(/constraint$/)],
    ["initializers", certain, options(/initializer$/)],
    ["losses", factories(losses), fixtures.map(({ compile }) => compile.loss)],
    ["optimizers", factories(optimizers), fixtures.map(({ compile }) => compile.optimizer)],
    ["schedules", factories(schedules), rates],
    [
      "metrics",
      factories(metrics).filter(name => !byThemselves.includes(name)),
      fixtures.flatMap(({ compile }) => [...compile.metrics, ...compile.weighted_metrics]),
    ],
  ])("%s", (_, names, values) => {
    const known = new Set(values.map(nameOf));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter(name => !known.has(plain(name)))).toEqual([]);
  });

  /** What Keras was given of each class, by our names, against what ours can be given. */
  test.each<[string, (object: never) => object, unknown[]]>([
    ["layers", (layer: { options: object }) => layer.options, used],
    ["constraints", (constraint: { config: object }) => constraint.config, options(/constraint$/)],
    ["losses", (loss: { config: object }) => loss.config, fixtures.map(({ compile }) => compile.loss)],
    ["optimizers", (optimizer: { config: object }) => optimizer.config, fixtures.map(({ compile }) => compile.optimizer)],
    ["schedules", (schedule: { config: object }) => schedule.config, rates],
  ])("options of %s", (_, optionsOf, values) => {
    const given = new Map<string, Set<string>>();
    const possible = new Map<string, string[]>();
    for (const value of values) {
      if (typeof value === "string") continue;
      const { class_name, config } = value as Spec;
      if (!given.has(class_name)) given.set(class_name, new Set());
      for (const key of Object.keys(config)) given.get(class_name)!.add(camelCase(key));
      if (!possible.has(class_name)) possible.set(class_name, Object.keys(optionsOf(make(value) as never)));
    }
    const elsewhere = /^(name|trainable|inputShape|seed)$|nitializer$/;
    // One case does for what all of them take, and one place carries out.
    const isShared = (key: string) => possible.size > 1 && [...possible.values()].every(keys => keys.includes(key));
    const isGiven = (name: string, key: string) =>
      given.get(name)!.has(key) || (isShared(key) && [...given.values()].some(keys => keys.has(key)));
    const missing = [...possible].flatMap(([name, keys]) =>
      keys.filter(key => !isGiven(name, key) && !elsewhere.test(key)).map(key => `${name}.${key}`),
    );
    expect(missing).toEqual([]);
  });
});
