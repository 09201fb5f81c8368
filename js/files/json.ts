export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param what for messages @throws when it is not UTF-8, or not JSON */
export function parseJson(what: string, text: Uint8Array | string): unknown {
  try {
    const json = typeof text === "string" ? text : new TextDecoder("utf-8", { fatal: true }).decode(text);
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`loadModel: ${what} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
