// The wrappers that Keras puts around what JSON does not have, and what never is read from a file.

import { isRecord, type Json } from "../json.js";

/** Plain data for what Keras wrote. @param place in the file, for messages @throws for code */
export function unwrapped(value: unknown, place: string): Json {
  if (Array.isArray(value)) return value.map(item => unwrapped(item, place));
  if (!isRecord(value)) return value as Json;
  const { class_name: className, config } = value;
  switch (className) {
    case "__tuple__":
    case "TensorShape":
      return unwrapped(value.items ?? (isRecord(config) ? config.value : null), place);
    case "__numpy__":
    case "__tensor__":
      return unwrapped(isRecord(config) ? config.value : null, place);
    case "function":
      return unwrapped(isRecord(config) ? config.name : config, place);
    case "__lambda__":
    case "Lambda":
      throw new Error(`${place} holds a Python function, and code in a file is never run. ${CUSTOM}`);
  }
  const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item, place)]));
  return typeof className === "string" && Object.hasOwn(OTHER_NAMES, className) ? { ...plain, class_name: OTHER_NAMES[className] } : plain;
}

/** What classes were called before. */
const OTHER_NAMES: Record<string, string> = { OrthogonalInitializer: "Orthogonal", IdentityInitializer: "Identity" };

/** what helps with layers that are not known here */
export const CUSTOM = "loadModel(file, { customLayers: { Name: YourLayer } }) takes your own layer in its place.";

/** Leaves out how precisely Keras would compute: here it is always float32. @throws for weights that are not numbers any more, but codes of them */
export function withoutPrecision({ dtype, ...config }: Record<string, Json>, place: string): Record<string, Json> {
  const policy = isRecord(dtype) ? `${dtype.class_name} ${JSON.stringify(dtype.config)}` : String(dtype);
  if (/quantized|int4|int8_from|float8|gptq|awq/i.test(policy))
    throw new Error(`${place} has quantized weights (${policy}), which cannot be read.`);
  return config;
}
