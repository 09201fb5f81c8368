import { camelCase, snakeCase } from "../options.js";
import type { Json } from "./json.js";

/** Options whose name in Keras is not just ours in snake_case. */
const special: Record<string, string> = { beta1: "beta_1", beta2: "beta_2" };

function renamed(value: unknown, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map(item => renamed(item, rename));
  if (typeof value !== "object" || value === null) return value as Json;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [rename(name), renamed(item, rename)]));
}

/** Plain data with Keras's names for ours: kernelSize → kernel_size. */
export function toKerasNames(value: unknown): Json {
  return renamed(value, name => special[name] ?? snakeCase(name));
}

/** Plain data with our names for Keras's: kernel_size → kernelSize. */
export function fromKerasNames(value: unknown): Json {
  return renamed(value, camelCase);
}
