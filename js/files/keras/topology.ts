// What config.json, the attribute model_config and tfjs's modelTopology say of a model, in one form.

import { snakeClass } from "../../layers/layer.js";
import { isRecord, type Json } from "../json.js";
import type { FoundLayer } from "../model.js";
import { fromKerasNames } from "../names.js";
import { chainOf } from "./chain.js";
import { ACTIVATION_LAYERS } from "./config.js";
import { hardSigmoidSlope } from "./hardSigmoid.js";
import { unwrapped, withoutPrecision } from "./values.js";

/** A layer that is no model, and where its weights are. */
export interface KerasLayer extends FoundLayer {
  /** its group in a Keras 3 weights file */
  path: string;
  /** its group in an older one: the outermost layer's name */
  group: string;
  /** the models around it within the group, all of which must be trainable for its weights to come first there */
  isNested: boolean;
  isThawed: boolean;
}

export interface Topology {
  name?: string;
  /** a model among them is a Sequential with the layers inside it in its config */
  layers: FoundLayer[];
  /** the same, and in place of each model the layers inside it */
  leaves: KerasLayer[];
  /** null where it is not known, and null for a length that is free */
  inputShape: (number | null)[] | null;
}

/** @param model { class_name, config } @param place in the file, for messages */
export function readTopology(model: unknown, place: string): Topology {
  const { className, config } = identify(model, place);
  const found: Topology = { name: typeof config.name === "string" ? config.name : undefined, layers: [], leaves: [], inputShape: null };
  if (!MODELS.includes(className))
    throw new Error(`${place}: ${className} is no model that can be loaded. Sequential and Functional ones can.`);
  found.layers = readModel(className, config, { place: `${place}: `, path: "layers", group: null, thawed: true }, found);
  found.inputShape ??=
    shapeIn(config.build_input_shape) ?? shapeIn(isRecord(model) && isRecord(model.build_config) && model.build_config.input_shape);
  return found;
}

const MODELS = ["Sequential", "Functional", "Model"];

function identify(value: unknown, place: string): { className: string; config: Record<string, unknown> } {
  const { class_name: className, config } = isRecord(value) ? value : {};
  if (typeof className === "string" && isRecord(config)) return { className, config };
  // the oldest files have a bare list of layers
  if (className === "Sequential" && Array.isArray(config)) return { className, config: { layers: config } };
  throw new Error(`${place}: the description of the model is damaged.`);
}

interface Context {
  place: string;
  path: string;
  group: string | null;
  thawed: boolean;
}

/** The layers of a model, or of one inside it. */
function readModel(className: string, config: Record<string, unknown>, context: Context, found: Topology): FoundLayer[] {
  const { place, path, group, thawed } = context;
  const layers = Array.isArray(config.layers) ? config.layers : [];
  const kept = className === "Sequential" ? layers.map((_, i) => i) : chainOf(config, place);
  const names = namesInFile(layers, className === "Sequential");
  return kept.flatMap((i): FoundLayer[] => {
    const where = `${place}layers[${i}]`;
    const layer = identify(layers[i], where);
    const name = String(layer.config.name ?? "");
    const own = { place: `${where} (${name || layer.className})`, path: `${path}/${names[i]}`, group: group ?? name };
    found.inputShape ??= shapeIn(layer.config.batch_shape) ?? shapeIn(layer.config.batch_input_shape);
    if (layer.className === "InputLayer") return [];
    if (!MODELS.includes(layer.className)) {
      const one = { ...fromLayer(unwrapped(layers[i], own.place), own.place), ...own, isNested: group !== null, isThawed: thawed };
      found.leaves.push(one);
      return [one];
    }
    const { trainable } = layer.config;
    const around = { place: `${own.place} `, path: `${own.path}/layers`, thawed: thawed && trainable !== false };
    const inside = readModel(layer.className, layer.config, { ...own, ...around }, found);
    // one that hands its input on is no layer here
    return inside.length === 0
      ? []
      : [{ className: "Sequential", config: { name: name || undefined, trainable, layers: inside }, place: own.place }];
  });
}

/** Keras's: the class in snake_case, and a number from the second one on. */
function namesInFile(layers: unknown[], skipsInputs: boolean): string[] {
  const counts = new Map<string, number>();
  return layers.map(layer => {
    const { class_name: className } = isRecord(layer) ? layer : {};
    if (typeof className !== "string" || (skipsInputs && className === "InputLayer")) return "";
    const name = snakeClass(className.replace(/^.*>/, ""));
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}

/** What an older file says with a layer that Keras 3 says elsewhere. */
const ELSEWHERE = ["batch_input_shape", "batch_shape", "input_shape", "input_dtype"];

/** A layer with our names, and the layers inside it. */
function fromLayer(value: Json, place: string): Omit<FoundLayer, "place"> {
  const { className, config } = identify(value, place);
  const own = Object.entries(withoutPrecision(config as Record<string, Json>, place)).filter(([key]) => !ELSEWHERE.includes(key));
  const read = ([key, item]: [string, Json]): [string, unknown] => {
    if (/activation$/.test(key)) return [key, activationOf(item)];
    return [key, isLayer(key, item) ? fromLayer(item, `${place} ${key}`) : item];
  };
  const registered = isRecord(value) ? value.registered_name : null;
  return {
    className,
    registeredName: typeof registered === "string" ? registered : undefined,
    config: fromKerasNames(Object.fromEntries(own.map(read))) as Record<string, unknown>,
  };
}

const isLayer = (key: string, value: Json) => /(^|_)layer$/.test(key) && isRecord(value) && "class_name" in value;

/** Where an activation has options of its own, Keras has a layer in its place, or two. */
function activationOf(value: Json): Json {
  const slope = hardSigmoidSlope(value);
  if (slope !== null) return { class_name: "hard_sigmoid", config: { slope } };
  const [name] = Object.entries(ACTIVATION_LAYERS).find(([, layer]) => isRecord(value) && value.class_name === layer) ?? [];
  if (!name || !isRecord(value) || !isRecord(value.config)) return value;
  const { name: _, trainable, dtype, ...config } = value.config as Record<string, Json>;
  return { class_name: name, config };
}

/** A shape without the batch; null where it is none. */
function shapeIn(value: unknown): (number | null)[] | null {
  const plain = unwrapped(value, "");
  if (!Array.isArray(plain) || plain.length === 0) return null;
  const shape = plain.slice(1);
  return shape.every(length => length === null || typeof length === "number") ? (shape as (number | null)[]) : null;
}
