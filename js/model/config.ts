import { Layer } from "../layers/layer.js";
import type { Identifier } from "../options.js";
import { Nested } from "./nested.js";
import type { Compiled } from "./step.js";

/** A model without its numbers: plain data, from which it can be made again. */
export interface ModelConfig {
  name: string;
  trainable: boolean;
  /** of one sample; null before it is known */
  inputShape: readonly number[] | null;
  layers: Identifier[];
  compile: CompileConfig | null;
}

export interface CompileConfig {
  optimizer: Identifier;
  /** null: none was given */
  loss: Identifier | null;
  metrics: Identifier[];
  weightedMetrics: Identifier[];
}

const identifierOf = ({ className, config }: Identifier): Identifier => ({ className, config: { ...config } });

/** A layer's options as plain data: names and numbers, with identifiers in place of initializers and the like. */
export function layerConfig(layer: Layer): Identifier {
  if (layer instanceof Nested) {
    const { compile: _, ...config } = layer.model.getConfig();
    return { className: "Sequential", config };
  }
  const { inputShape: _, ...options } = layer.options;
  const config = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)]));
  return { className: layer.className, config: { ...config, name: layer.name, trainable: layer.trainable } };
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (value instanceof Layer) return layerConfig(value);
  if ("className" in value) return identifierOf(value as Identifier);
  return "record" in value ? (value as { name?: string }).name : value;
}

export function compileConfig({ optimizer, loss, metrics, weightedMetrics }: Compiled): CompileConfig {
  return {
    optimizer: { className: optimizer.className, config: { ...optimizer.config, learningRate: plain(optimizer.learningRate) } },
    loss: loss && identifierOf(loss),
    metrics: metrics.map(identifierOf),
    weightedMetrics: weightedMetrics.map(identifierOf),
  };
}
