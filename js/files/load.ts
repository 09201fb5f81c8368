import { classes } from "../layers/index.js";
import { Layer, type Shape } from "../layers/layer.js";
import type { ModelConfig } from "../model/config.js";
import { type Sequential, sequential } from "../model/sequential.js";
import { checkShape, readOptions, show } from "../options.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { type FileSource, readBytes } from "./bytes.js";
import { fromKerasNames } from "./names.js";
import { decodeSafetensors } from "./safetensors.js";
import { FORMAT } from "./save.js";

// biome-ignore lint/suspicious/noExplicitAny: a file's options are checked by the layer that gets them
type LayerClass = new (options: any) => Layer<any>;

export interface LoadOptions {
  /** layers that are not wasmind's own, by the class name that they give to `super` */
  customLayers?: Record<string, LayerClass>;
}

/**
 * A model from a file that `model.save` wrote: layers, weights, and how it was compiled, with the optimizer's state.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response
 * @param options customLayers: the classes of layers that you wrote yourself, such as { Gate }
 * @throws when it is no such file, or only a part of one
 */
export async function loadModel(source: FileSource, options: LoadOptions = {}): Promise<Sequential> {
  const { customLayers } = readOptions("loadModel", options, { customLayers: {} as Record<string, LayerClass> });
  for (const [name, given] of Object.entries(customLayers)) {
    if (given?.prototype instanceof Layer) continue;
    throw new Error(`loadModel: customLayers: ${name} must be a class that extends Layer, got ${show(given)}.`);
  }
  const known = { ...classes, ...customLayers };
  const { tensors, metadata } = decodeSafetensors(await readBytes(source));
  if (metadata.format !== FORMAT) throw new Error("loadModel: the file holds tensors, but no model.");
  const { config, inputShape } = readTopology(metadata.model);
  const layers = config.layers.map(layer => makeLayer(layer, known));
  if (inputShape) giveWeights(layers, checkShape("loadModel", "inputShape", inputShape), tensors);
  const model = sequential(layers, { name: config.name });
  if (inputShape) model.build(inputShape);
  if (config.compile) {
    model.compile(config.compile);
    if (metadata.iterations !== undefined) {
      const own = Object.entries(tensors).filter(([name]) => name.startsWith("optimizer/"));
      const state = Object.fromEntries(own.map(([name, tensor]) => [name.slice("optimizer/".length), tensor]));
      model.setOptimizerState({ iterations: Number(metadata.iterations), seed: Number(metadata.seed), tensors: state });
    }
  }
  return model;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws when it is not what `toSafetensors` writes */
function readTopology(text: string): { config: ModelConfig; inputShape: number[] | null } {
  try {
    const topology = fromKerasNames(JSON.parse(text));
    if (isRecord(topology) && isRecord(topology.config) && Array.isArray(topology.config.layers)) return topology as never;
  } catch {}
  throw new Error("loadModel: the file's description of the model is damaged.");
}

function makeLayer(given: unknown, known: Record<string, LayerClass>): Layer {
  const { className, config } = isRecord(given) ? given : {};
  if (typeof className !== "string" || !isRecord(config)) throw new Error("loadModel: the file's description of a layer is damaged.");
  if (!Object.hasOwn(known, className)) {
    const help = `Give its class: loadModel(file, { customLayers: { ${className} } }).`;
    throw new Error(`loadModel: ${config.name} is a ${className}, which is not known here. ${help}`);
  }
  const inner = Object.entries(config).filter(([key, value]) => /^layer$|Layer$/.test(key) && value !== null);
  return new known[className]({ ...config, ...Object.fromEntries(inner.map(([key, value]) => [key, makeLayer(value, known)])) });
}

/** Builds the layers around the file's numbers, before there is any memory for them. @throws where they do not fit */
function giveWeights(layers: readonly Layer[], inputShape: Shape, tensors: Record<string, Tensor>): void {
  layers.reduce((shape, layer) => layer.ensureBuilt(shape), inputShape);
  for (const layer of layers) {
    for (const [name, weight] of layer.namedWeights) {
      checkTensor(`loadModel: ${name}`, tensors[name], weight.shape);
      weight.values = tensors[name].data;
    }
  }
}
