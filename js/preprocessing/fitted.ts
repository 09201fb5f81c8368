import { lookup, show } from "../options.js";

/**
 * What is learnt from training data once and applied to all data: JSON.stringify() keeps it, and so do the files of a model that has it in its
 * `preprocessing`; `fromJSON` brings it back.
 */
export interface Fitted {
  /** What JSON.stringify() keeps of it. */
  toJSON(): { className: string; config: Record<string, unknown>; fitted: Record<string, unknown> | null };
}

/** @throws before `fit` */
export function checkFitted<T>(where: string, fitted: T | null): T {
  if (fitted === null) throw new Error(`${where}: fit() it to training data first.`);
  return fitted;
}

type Revive = (config: object, fitted: never) => Fitted;

/** Brings back what `JSON.stringify` made of one of a table's things. */
export function revive(where: string, json: unknown, table: Record<string, Revive>): Fitted {
  const given = typeof json === "string" ? parse(where, json) : isFitted(json) ? json.toJSON() : json;
  const { className, config, fitted } = (typeof given === "object" && given !== null ? given : {}) as Partial<ReturnType<Fitted["toJSON"]>>;
  if (typeof className !== "string")
    throw new Error(`${where}: expected what JSON.stringify() made of a scaler or encoder, got ${show(given)}.`);
  return lookup(where, "class", className, table)(config ?? {}, (fitted ?? null) as never);
}

const isFitted = (given: unknown): given is Fitted => typeof (given as Partial<Fitted> | null)?.toJSON === "function";

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${where}: the text is no JSON.`);
  }
}
