// How a model was compiled, in the words of Keras 3, Keras 2 and tfjs.

import type { CompileConfig } from "../../model/config.js";
import { type Identifier, show } from "../../options.js";
import { isRecord, type Json } from "../json.js";
import { fromKerasNames } from "../names.js";
import { unwrapped } from "./values.js";

/** @param given compile_config or training_config @param place in the file, for messages */
export function readCompile(given: unknown, place: string): CompileConfig | null {
  const settings = unwrapped(given ?? null, place);
  if (!isRecord(settings)) return null;
  const { loss, metrics, weighted_metrics: weighted } = settings;
  const optimizer = settings.optimizer ?? settings.optimizer_config;
  const plainLoss = lossOf(loss as Json, place);
  if (plainLoss === null || optimizer === undefined) return null;
  return {
    optimizer: named(optimizer as Json) as Identifier,
    loss: named(plainLoss) as Identifier,
    metrics: metricsOf(metrics as Json).map(named) as Identifier[],
    weightedMetrics: metricsOf(weighted as Json).map(named) as Identifier[],
  };
}

/** The loss of the one output, which may stand in a list or under the output's name. */
function lossOf(given: Json | undefined, place: string): Json {
  if (given === null || given === undefined || typeof given === "string") return given ?? null;
  if (isRecord(given) && "class_name" in given) return given as Json;
  const all = Object.values(given) as Json[];
  if (all.length > 1) throw new Error(`loadModel: ${place} has ${all.length} losses. Only models of one output can be loaded.`);
  return all.length === 0 ? null : lossOf(all[0], place);
}

/** All metrics of the one output; Keras 2 wraps those that were given by name. */
function metricsOf(given: Json | undefined): Json[] {
  if (given === null || given === undefined) return [];
  if (typeof given === "string") return [given];
  if (!isRecord(given) || !("class_name" in given)) return (Object.values(given) as Json[]).flatMap(metricsOf);
  const { class_name: className, config } = given as Record<string, Json>;
  if (className !== "MeanMetricWrapper" || !isRecord(config)) return [given as Json];
  return typeof config.name === "string" ? [config.name] : [];
}

/** An identifier with our names, without what Keras 2 puts before a class's. */
function named(given: Json): unknown {
  if (typeof given === "string") return given;
  const { className, config } = fromKerasNames(given) as { className?: Json; config?: Json };
  if (typeof className !== "string" || !isRecord(config))
    throw new Error(`loadModel: expected an object with a class's name, got ${show(given)}.`);
  const { reduction, ...rest } = config;
  return { className: className.replace(/^.*>/, ""), config: reduction === "auto" ? rest : config };
}
