// A model as config.json has it. With the fewest keys: a release refuses those that came after it, and has defaults for those that are missing.

import { LAYER_NAMES } from "../../layers/names.js";
import type { CompileConfig, ModelConfig } from "../../model/config.js";
import type { Identifier } from "../../options.js";
import { isRecord, type Json } from "../json.js";
import { toKerasNames } from "../names.js";
import { hardSigmoid } from "./hardSigmoid.js";

type Named = { [key: string]: Json };
type Shapes = readonly (readonly number[] | null)[];

/** @param inputShapes of each layer @param batchSize null: free */
export function kerasConfig({ compile, ...model }: ModelConfig, inputShapes: Shapes, batchSize: number | null): Json {
  return { ...kerasModel(model, inputShapes, batchSize), compile_config: compile ? kerasCompile(compile) : {} };
}

/** @param inputShapes of each layer; none for a model inside another, whose layers Keras builds by themselves */
function kerasModel(
  { name, trainable, inputShape, layers }: Omit<ModelConfig, "compile">,
  inputShapes: Shapes,
  batchSize: number | null,
): Named {
  const batched = (shape: readonly number[] | null): Named => (shape ? { build_config: { input_shape: [batchSize, ...shape] } } : {});
  const input = { batch_shape: inputShape && [batchSize, ...inputShape], dtype: "float32", name: "input_layer" };
  const stateful = layers.find(isStateful);
  if (stateful && batchSize === null) {
    throw new Error(`save: ${stateful.config.name} is stateful, and Keras then needs the size of a batch: { batchSize: 32 } gives it.`);
  }
  return {
    ...named("keras", "Sequential", {
      name,
      trainable,
      dtype: "float32",
      layers: [
        ...(inputShape ? [named("keras.layers", "InputLayer", input)] : []),
        ...layers.map((layer, i) => ({ ...kerasLayer(layer, batchSize), ...batched(inputShapes[i] ?? null) })),
      ],
    }),
    ...batched(inputShape),
  };
}

/** Whether a layer, or one inside it, carries its state on. */
function isStateful({ config }: Pick<Identifier, "config">): boolean {
  return (
    config.stateful === true || Object.values(config).some(inner => isRecord(inner) && isRecord(inner.config) && isStateful(inner as never))
  );
}

const named = (module: string, className: string, config: Named): Named => ({
  ...{ module, class_name: className, config, registered_name: null },
});

function kerasLayer({ className, config: { trainable, ...config } }: Identifier, batchSize: number | null): Named {
  if (className === "Sequential") return kerasModel({ trainable, ...config } as Omit<ModelConfig, "compile">, [], batchSize);
  // Keras's SpatialDropout does not take it
  const frozen: Named = trainable === false && !/^SpatialDropout/.test(className) ? { trainable } : {};
  const own = { ...plainOptions(withoutNews(className, config), String(config.name)), ...frozen, dtype: "float32" };
  if ((LAYER_NAMES as readonly string[]).includes(className)) return named("keras.layers", className, own);
  return { module: null, class_name: className, config: own, registered_name: className };
}

/** Options that came after Keras 3.6, or that it does not write, by their defaults: those are left out. */
const news: Record<string, Record<string, string>> = { RandomContrast: { valueRange: "0,255" }, ELU: { alpha: "1" } };

function withoutNews(className: string, config: Record<string, unknown>): Record<string, unknown> {
  const defaults = news[className] ?? {};
  return Object.fromEntries(Object.entries(config).filter(([key, value]) => String(value) !== defaults[key]));
}

/** Where the things that options of such names hold are at home. */
const modules: [RegExp, string][] = [
  [/initializer$/, "keras.initializers"],
  [/regularizer$/, "keras.regularizers"],
  [/constraint$/, "keras.constraints"],
  [/^learning_rate$/, "keras.optimizers.schedules"],
];

function plainOptions(config: Record<string, unknown>, owner: string): Named {
  const renamed = Object.entries(config).map(([key, value]) => [Object.keys(toKerasNames({ [key]: 0 }) as object)[0], value] as const);
  return Object.fromEntries(
    renamed.filter(([, value]) => value !== undefined).map(([key, value]) => [key, plainOption(key, value, owner)]),
  );
}

function plainOption(key: string, value: unknown, owner: string): Json {
  const isNamed = isRecord(value) && typeof value.className === "string" && isRecord(value.config);
  if (!isNamed) return toKerasNames(value);
  const { className, config } = value as unknown as Identifier;
  if (/activation$/.test(key)) return kerasActivation(className, config, owner);
  if (/(^|_)layer$/.test(key)) return kerasLayer({ className, config }, null);
  const module = modules.find(([pattern]) => pattern.test(key))?.[1];
  if (module === "keras.initializers" && RENAMED.includes(className) && config.gain === 1 && !config.seed) return className.toLowerCase();
  if (module) return named(module, className, plainOptions(config, owner));
  throw new Error(`save: ${owner}: ${key} is a ${className}, which Keras's files have no place for. A .safetensors file has.`);
}

/** Classes that the first releases have under other names: words mean the same in all. */
const RENAMED = ["Orthogonal", "Identity"];

/** Keras's activations with options of their own are layers. */
export const ACTIVATION_LAYERS: Record<string, string> = { relu: "ReLU", leaky_relu: "LeakyReLU", elu: "ELU" };

function kerasActivation(name: string, config: Record<string, unknown>, owner: string): Json {
  const layer = Object.hasOwn(ACTIVATION_LAYERS, name) && ACTIVATION_LAYERS[name];
  if (layer) return named("keras.layers", layer, plainOptions(config, owner));
  if (name === "hard_sigmoid") return hardSigmoid(config.slope as number);
  throw new Error(`save: ${owner}: activation ${name} with options of its own has no place in Keras's files. A .safetensors file has one.`);
}

/** Options of ours that Keras has elsewhere than in the description. */
const OURS = ["excludeFromWeightDecay"];

function kerasCompile({ optimizer, loss, metrics, weightedMetrics }: CompileConfig): Named {
  const own = Object.fromEntries(Object.entries(optimizer.config).filter(([key]) => !OURS.includes(key)));
  return {
    optimizer: named("keras.optimizers", optimizer.className, withFloats(plainOptions(own, "optimizer"))),
    loss: loss && named("keras.losses", loss.className, plainOptions(loss.config, "loss")),
    loss_weights: null,
    metrics: metrics.map(kerasMetric),
    weighted_metrics: weightedMetrics.map(kerasMetric),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** "accuracy" is a word that stands for several classes. */
const kerasMetric = ({ className, config }: Identifier): Json =>
  className === "accuracy" ? String(config.name) : named("keras.metrics", className, withFloats(plainOptions(config, "metric"), /^beta$/));

/** stands before numbers that Python is to read as floats: its optimizers refuse 0, and take 0.0 */
const FLOAT = "float \u2060";

function withFloats(config: Named, floats = /^(?!.*(frequency|steps)$)/): Named {
  const marked = Object.entries(config).map(([key, value]): [string, Json] => {
    if (typeof value === "number" && Number.isInteger(value) && floats.test(key)) return [key, FLOAT + value];
    if (key === "learning_rate" && isRecord(value)) return [key, { ...value, config: withFloats(value.config as Named) }];
    return [key, value];
  });
  return Object.fromEntries(marked);
}

/** JSON in which whole floats have their `.0`. */
export function toPythonJson(value: Json): string {
  return JSON.stringify(value).replaceAll(new RegExp(`"${FLOAT}(-?\\d+)"`, "g"), "$1.0");
}
