import type { Model } from "../model/model.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { type FileSource, formatOf, readBytes } from "./bytes.js";
import { preprocessingIn, readDescription, stateIn } from "./description.js";
import { FORMAT } from "./modelFile.js";
import { decodeSafetensors, type SafeTensors } from "./safetensors.js";

/** Gives a model the weights of a file, and what else it keeps there: a compiled one what the optimizer remembers. @throws where they do not fit; then nothing has changed */
export async function loadWeights(model: Model, source: FileSource): Promise<void> {
  const bytes = await readBytes(source);
  if (formatOf(bytes) !== "safetensors") {
    const { readKerasWeights } = await import("./keras/readWeights.js");
    return readKerasWeights(model, bytes, source);
  }
  const file = decodeSafetensors(bytes);
  const named = model.layers.flatMap(layer => layer.namedWeights);
  const names = named.map(([name]) => name);
  const tensors = file.metadata.format === FORMAT ? renamed(file, names) : file.tensors;
  for (const [name, weight] of named) checkTensor(`loadWeights: ${name}`, tensors[name], weight.shape);
  const preprocessing = preprocessingIn(file.metadata);
  const state = model.getConfig().compile && stateIn(tensors, file.metadata);
  if (state) model.setOptimizerState(state);
  model.setWeights(names.map(name => tensors[name]));
  if (Object.keys(preprocessing).length > 0) model.preprocessing = preprocessing;
  const rate = rateIn(file.metadata);
  if (state && rate !== null && typeof model.optimizer.learningRate === "number") model.optimizer.learningRate = rate;
}

/** The tensors of a file that wasmind wrote by a model's own names: weights come first, in order. Automatic names differ when a program makes its model again. */
function renamed({ tensors }: SafeTensors, names: readonly string[]): Record<string, Tensor> {
  const before = Object.keys(tensors).slice(0, names.length);
  const others = before.findIndex((name, i) => lastPart(name) !== lastPart(names[i]));
  if (before.length < names.length || others >= 0) return tensors;
  const now = new Map(before.map((name, i) => [name, names[i]]));
  const rename = (name: string) =>
    now.get(name) ?? name.replace(/^(optimizer\/[^/]*\/)(.*)$/, (_, state, path) => state + (now.get(path) ?? path));
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}

const lastPart = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** The rate when the file was written: callbacks may have changed it. */
function rateIn(metadata: Record<string, string>): number | null {
  if (metadata.model === undefined) return null;
  const rate = readDescription(metadata.model).config.compile?.optimizer.config.learningRate;
  return typeof rate === "number" ? rate : null;
}
