// What a safetensors file says of a model beside its weights.

import type { ModelConfig } from "../model/config.js";
import type { OptimizerState } from "../model/trainer.js";
import type { Tensor } from "../tensor.js";
import { isRecord, parseJson } from "./json.js";
import { fromKerasNames } from "./names.js";

/** @throws when it is not what `toSafetensors` writes */
export function readDescription(text: string): { config: ModelConfig; inputShape: number[] | null } {
  try {
    const topology = fromKerasNames(parseJson("the description", text));
    if (isRecord(topology) && isRecord(topology.config) && Array.isArray(topology.config.layers)) return topology as never;
  } catch {}
  throw new Error("loadModel: the file's description of the model is damaged.");
}

/** What data goes through before the model, as `preprocessing` of models in files. @throws when it is not what they have */
export function readPreprocessing(json: unknown): Record<string, unknown> {
  if (isRecord(json)) return json;
  throw new Error("loadModel: the file's description of the preprocessing is damaged.");
}

/** The same from a safetensors file; nothing where it has none. */
export function preprocessingIn({ preprocessing }: Record<string, string>): Record<string, unknown> {
  return readPreprocessing(preprocessing === undefined ? {} : parseJson("the description of the preprocessing", preprocessing));
}

/** What the optimizer remembers; null where it has not begun. */
export function stateIn(tensors: Record<string, Tensor>, metadata: Record<string, string>): OptimizerState | null {
  if (metadata.iterations === undefined) return null;
  const own = Object.entries(tensors).filter(([name]) => name.startsWith("optimizer/"));
  const state = Object.fromEntries(own.map(([name, tensor]) => [name.slice("optimizer/".length), tensor]));
  return { iterations: Number(metadata.iterations), seed: Number(metadata.seed), tensors: state };
}
