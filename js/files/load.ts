import { classes } from "../layers/index.js";
import type { Layer, Shape } from "../layers/layer.js";
import type { ModelConfig } from "../model/config.js";
import { Nested } from "../model/nested.js";
import { type Sequential, sequential } from "../model/sequential.js";
import { checkShape } from "../options.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { type FileSource, readBytes } from "./bytes.js";
import { fromKerasNames } from "./names.js";
import { decodeSafetensors } from "./safetensors.js";
import { FORMAT } from "./save.js";

/**
 * A model from a file that `model.save` wrote: layers, weights, and how it was compiled, with the optimizer's state.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response
 * @throws when it is no such file, or only a part of one
 */
export async function loadModel(source: FileSource): Promise<Sequential> {
  const { tensors, metadata } = decodeSafetensors(await readBytes(source));
  if (metadata.format !== FORMAT) throw new Error("loadModel: the file holds tensors, but no model.");
  const { config, inputShape } = readTopology(metadata.model);
  const layers = config.layers.map(makeLayer);
  if (inputShape) giveWeights(layers, checkShape("loadModel", "inputShape", inputShape), tensors);
  const model = sequential(layers, { name: config.name, trainable: config.trainable });
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

function makeLayer(given: unknown): Layer {
  const { className, config } = isRecord(given) ? given : {};
  if (typeof className !== "string" || !isRecord(config)) throw new Error("loadModel: the file's description of a layer is damaged.");
  if (className === "Sequential") return makeNested(config);
  if (!Object.hasOwn(classes, className)) throw new Error(`loadModel: ${config.name} is a ${className}, which is not known here.`);
  const inner = Object.entries(config).filter(([key, value]) => /^layer$|Layer$/.test(key) && value !== null);
  return new classes[className]({ ...config, ...Object.fromEntries(inner.map(([key, value]) => [key, makeLayer(value)])) });
}

/** A model as a layer of another. */
function makeNested({ name, trainable, layers }: Record<string, unknown>): Layer {
  if (!Array.isArray(layers)) throw new Error("loadModel: the file's description of a model inside the model is damaged.");
  return new Nested(sequential(layers.map(makeLayer), { name: name as string, trainable: trainable as boolean }));
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
