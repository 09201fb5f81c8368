// From what a file says to a model: the part that all readers share.

import { Layer } from "../layers/layer.js";
import type { Weight } from "../layers/weight.js";
import type { CompileConfig } from "../model/config.js";
import type { Model, SequentialOptions } from "../model/model.js";
import { Nested } from "../model/nested.js";
import type { OptimizerState } from "../model/trainer.js";
import { unknownOption } from "../options.js";
import type { Tensor } from "../tensor.js";
import { isRecord } from "./json.js";

/** Makes a layer from the options in a file, with our names for them; layers inside it are made already. */
// biome-ignore lint/suspicious/noExplicitAny: whose options they are is not known here
export type LayerClass = new (options: any) => Layer<any>;

/** How `loadModel` reads a file. */
export interface LoadOptions {
  /** your own layers, by the names that the file has for their classes */
  customLayers?: Record<string, LayerClass>;
  /** false leaves out how the model was trained: it must be compiled before it trains; default true */
  compile?: boolean;
  /** of one sample, for files that leave a length free; default: what the file says */
  inputShape?: readonly number[] | null;
  /** for a tfjs model.json that comes without an address: the files that it names */
  shards?: Record<string, Uint8Array | ArrayBuffer | Blob>;
}

export const loadDefaults: Required<LoadOptions> = { customLayers: {}, compile: true, inputShape: null, shards: {} };

/** A layer as a file describes it, with our names. */
export interface FoundLayer {
  className: string;
  /** what Keras calls it where names must be unique: "package>Name" */
  registeredName?: string;
  config: Record<string, unknown>;
  /** in the file, for messages */
  place: string;
}

export interface FoundModel {
  name?: string;
  /** of the model as a whole */
  trainable?: boolean;
  layers: readonly FoundLayer[];
  inputShape: readonly number[] | null;
  compile: CompileConfig | null;
  preprocessing: Record<string, unknown>;
}

/** What models in files are made of. */
export interface Parts<M extends Model = Model> {
  /** of layers, by the names that files have for them */
  classes: Record<string, LayerClass>;
  /** makes a model of layers, also those that are layers of another */
  make(layers: readonly Layer[], options: SequentialOptions): M;
}

/**
 * @param weightsOf the numbers of the built layers' weights, before there is any memory for them
 * @param stateOf what the optimizer remembers, once the model is compiled
 */
export function assemble<M extends Model>(
  { name, trainable, layers: found, inputShape, compile, preprocessing }: FoundModel,
  parts: Parts<M>,
  weightsOf: (layers: readonly Layer[]) => Iterable<[Weight, Tensor]>,
  stateOf: (model: Model) => OptimizerState | null,
): M {
  const layers = found.map(layer => makeLayer(layer, parts));
  if (inputShape) {
    layers.reduce((shape, layer) => layer.ensureBuilt(shape), inputShape);
    for (const [weight, { data }] of weightsOf(layers)) weight.values = data;
  }
  const model = parts.make(layers, { name, trainable });
  model.preprocessing = preprocessing;
  if (inputShape) model.build(inputShape);
  if (!compile) return model;
  tolerant("", compile, settings => model.compile(settings));
  const state = stateOf(model);
  if (state) model.setOptimizerState(state);
  return model;
}

/** @throws for a class that is not known, or an option that is not possible here, with its place in the file */
function makeLayer({ className, registeredName = className, config, place }: FoundLayer, parts: Parts): Layer {
  if (className === "Sequential") return makeNested(config, place, parts);
  const known = [registeredName, className].find(name => Object.hasOwn(parts.classes, name));
  if (known === undefined) {
    const help = `loadModel(file, { customLayers: { ${className}: YourLayer } }) takes a layer of your own.`;
    throw new Error(`loadModel: ${place} is a ${className}, which is not known here. ${help}`);
  }
  const inner = ([key, value]: [string, unknown]) => [
    key,
    isFound(value) ? makeLayer({ ...value, place: `${place} ${key}` }, parts) : value,
  ];
  const own = Object.fromEntries(Object.entries(config).map(entry => (/^layer$|Layer$/.test(entry[0]) ? inner(entry) : entry)));
  return tolerant(`loadModel: ${place}: `, own, options => new parts.classes[known](options));
}

/** Whether an option of a layer is a layer inside it. */
export const isFound = (value: unknown): value is FoundLayer =>
  isRecord(value) && typeof value.className === "string" && isRecord(value.config) && "config" in value;

/** A model as a layer of another. */
function makeNested(config: Record<string, unknown>, place: string, parts: Parts): Layer {
  const { name, trainable, layers } = config;
  const inside: unknown[] = Array.isArray(layers) ? layers : [];
  const wrong = inside.findIndex(layer => !isFound(layer));
  if (inside.length === 0 || wrong >= 0) throw new Error(`loadModel: ${place}: the description of the model inside the model is damaged.`);
  const made = (inside as FoundLayer[]).map((layer, i) => makeLayer({ ...layer, place: layer.place ?? `${place} layers[${i}]` }, parts));
  return new Nested(parts.make(made, { name: name as string, trainable: trainable as boolean }));
}

/** Calls with the options of a file, of which those may be unknown here that say nothing: files name them all. */
function tolerant<T, Options extends object>(where: string, options: Options, call: (options: Options) => T): T {
  for (let rest = options; ; ) {
    try {
      return call(rest);
    } catch (error) {
      const option = unknownOption(error);
      const less = option === undefined ? rest : without(rest, option);
      if (less === rest) throw new Error(where + (error as Error).message, { cause: error });
      rest = less;
    }
  }
}

/** Options that only say how Keras computes, or only say what is so here anyway. All may be null or false. */
const silent: Record<string, (value: unknown) => boolean> = {
  ...Object.fromEntries(
    [
      "dtype",
      "unroll",
      "implementation",
      "useCudnn",
      "jitCompile",
      "isLegacyOptimizer",
      "lossScaleFactor",
      "synchronized",
      "inputLength",
      "fn",
    ]
      .concat("inputAxes", "outputAxes", "renormMomentum", "autocast", "valueRange")
      .map(name => [name, () => true]),
  ),
  dataFormat: value => value === "channels_last",
  boundingBoxFormat: value => value === "xyxy",
  axis: value => value === -1,
  decay: value => value === 0,
  groups: value => value === 1,
};

/** Initializers have done their work when there is a file. */
const saysNothing = (name: string, value: unknown) =>
  value === null || value === false || /Initializer$/.test(name) || (Object.hasOwn(silent, name) && silent[name](value));

/** The same without an option, wherever in it that says nothing; the very same where it does say something, or is not there. */
function without<T>(value: T, option: string): T {
  if (Array.isArray(value)) {
    const items = value.map(item => without(item, option));
    return items.some((item, i) => item !== value[i]) ? (items as T) : value;
  }
  if (!isRecord(value) || value instanceof Layer) return value;
  const entries = Object.entries(value);
  const kept = entries
    .filter(([key, item]) => key !== option || !saysNothing(key, item))
    .map(([key, item]) => [key, without(item, option)] as const);
  const changed = kept.length < entries.length || kept.some(([key, item]) => item !== value[key]);
  return changed ? (Object.fromEntries(kept) as T) : value;
}
