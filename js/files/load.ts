import { classes } from "../layers/index.js";
import type { ModelConfig } from "../model/config.js";
import { type Sequential, sequential } from "../model/sequential.js";
import type { Tensor } from "../tensor.js";
import { type FileSource, readBytes } from "./bytes.js";
import { fromKerasNames } from "./names.js";
import { decodeSafetensors } from "./safetensors.js";
import { FORMAT, tensorNames } from "./save.js";

/**
 * A model from a file that `model.save` wrote: layers, weights, and how it was compiled, with the optimizer's state.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response
 * @throws when it is no such file, or only a part of one
 */
export async function loadModel(source: FileSource): Promise<Sequential> {
  const { tensors, metadata } = decodeSafetensors(await readBytes(source));
  if (metadata.format !== FORMAT) throw new Error("loadModel: the file holds tensors, but no model.");
  const { config, inputShape } = fromKerasNames(JSON.parse(metadata.model)) as unknown as {
    config: ModelConfig;
    inputShape: number[] | null;
  };
  const model = sequential(
    config.layers.map(layer => {
      if (!Object.hasOwn(classes, layer.className)) {
        throw new Error(`loadModel: ${layer.config.name} is a ${layer.className}, which is not known here.`);
      }
      return new classes[layer.className](layer.config);
    }),
    { name: config.name },
  );
  if (inputShape) {
    model.build(inputShape);
    model.setWeights(tensorNames(model).map(name => pick(tensors, name)));
  }
  if (config.compile) {
    model.compile(config.compile);
    const state = Object.entries(tensors).filter(([name]) => name.startsWith("optimizer/"));
    const own = Object.fromEntries(state.map(([name, tensor]) => [name.slice("optimizer/".length), tensor]));
    if (state.length > 0) model.setOptimizerState({ iterations: Number(metadata.iterations), tensors: own });
  }
  return model;
}

function pick(tensors: Record<string, Tensor>, name: string): Tensor {
  if (!Object.hasOwn(tensors, name)) throw new Error(`loadModel: the file does not hold ${name}.`);
  return tensors[name];
}
