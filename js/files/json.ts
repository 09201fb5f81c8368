export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** levels of arrays and objects, of which models inside models take a few each */
const DEEPEST = 1000;

/** @param what for messages @throws when it is not UTF-8, not JSON, or deeper than any model */
export function parseJson(what: string, text: Uint8Array | string): unknown {
  try {
    const json = typeof text === "string" ? text : new TextDecoder("utf-8", { fatal: true }).decode(text);
    const value = JSON.parse(json);
    if (isDeeper(value, DEEPEST)) throw new Error(`it is nested more than ${DEEPEST} deep`);
    return value;
  } catch (error) {
    throw new Error(`loadModel: ${what} is not JSON of a model: ${(error as Error).message}`, { cause: error });
  }
}

function isDeeper(value: unknown, most: number): boolean {
  const isObject = (item: unknown): item is object => typeof item === "object" && item !== null;
  let level = [value].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap(item => Object.values(item).filter(isObject));
  }
  return false;
}
