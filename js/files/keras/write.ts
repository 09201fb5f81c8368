import { zipSync } from "fflate";
import type { Model } from "../../model/model.js";
import { checkInteger, readOptions } from "../../options.js";
import { preprocessingOf, stateOf } from "../modelFile.js";
import type { KerasOptions } from "../save.js";
import { kerasConfig, toPythonJson } from "./config.js";
import { type Variables, writeHdf5 } from "./hdf5Writer.js";
import { variablesOf } from "./optimizer.js";
import { groupsOf } from "./paths.js";
import { placesOf } from "./weights.js";

/** the release whose order of the optimizer's variables is written */
const KERAS = "3.15.1";

/**
 * A `.keras` archive, which `keras.models.load_model` opens: layers, weights, how the model was compiled, the optimizer's state. What only
 * wasmind knows goes to metadata.json, which Keras passes over.
 * @throws where the package h5wasm is not installed, or cannot run; for options that Keras does not have
 */
export async function toKeras(model: Model, options?: KerasOptions): Promise<Uint8Array> {
  const { batchSize } = readOptions("toKeras", options, { batchSize: null as number | null });
  if (batchSize !== null) checkInteger("toKeras", "batchSize", batchSize);
  const config = model.getConfig();
  const inputShapes = model.layers.map(({ inputShape }) => inputShape);
  const state = stateOf(model);
  const date = new Date().toISOString().slice(0, 19).replace("T", "@");
  const { excludeFromWeightDecay } = config.compile?.optimizer.config ?? {};
  const ours = { seed: state?.seed, excludeFromWeightDecay, preprocessing: preprocessingOf(model) ?? undefined };
  const metadata = { keras_version: KERAS, date_saved: date, wasmind: ours };
  const text = (json: string) => new TextEncoder().encode(json);
  const weights = await toWeightsH5(model);
  return zipSync(
    {
      "metadata.json": text(JSON.stringify(metadata)),
      "config.json": text(toPythonJson(kerasConfig(config, inputShapes, batchSize))),
      "model.weights.h5": weights,
    },
    { level: 0 },
  );
}

/** Weights and the optimizer's state alone, as Keras's `save_weights` writes them to a `.weights.h5` file. @throws as `toKeras` */
export async function toWeightsH5(model: Model): Promise<Uint8Array> {
  // the first releases look for groups that hold nothing, too
  return writeHdf5([{ path: "vars", name: model.name, values: [] }, ...weightsOf(model), ...optimizerOf(model)]);
}

function weightsOf(model: Model): Variables[] {
  const tensors = model.layers.some(({ outputShape }) => outputShape) ? model.getWeights() : [];
  const byWeight = new Map(model.layers.flatMap(layer => layer.weights).map((weight, i) => [weight, tensors[i]]));
  const places = placesOf(model.layers);
  return model.layers.flatMap((layer, i) =>
    groupsOf(layer).map(([path, weights]) => ({
      path: `${places[i].path}/${path}`,
      name: layer.name,
      values: weights.map(weight => byWeight.get(weight)!),
    })),
  );
}

function optimizerOf(model: Model): Variables[] {
  const state = stateOf(model);
  if (!state) return model.getConfig().compile ? [{ path: "optimizer/vars", name: model.optimizer.name, values: [] }] : [];
  const { optimizer } = model;
  const trained = model.layers.flatMap(layer => layer.trainedWeights.map(([path]) => path));
  const numbers = optimizer.numbers(Math.floor(state.iterations / (optimizer.options.gradientAccumulationSteps ?? 1)));
  const values = variablesOf(optimizer, trained).map(name => {
    if (name === "iteration") return state.iterations;
    return name in numbers ? { data: Float32Array.of(numbers[name]), shape: [] } : state.tensors[name];
  });
  return [{ path: "optimizer/vars", name: optimizer.name, values }];
}
