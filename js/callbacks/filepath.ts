import { show } from "../options.js";
import type { Logs } from "./callback.js";

/**
 * Fills in a path as Python's `format` does: "{epoch:02d}-{val_loss:.2f}" → "03-0.25".
 * @throws for a name that is not among the values, or a format of other kinds than d, f, e and %
 */
export function formatPath(where: string, template: string, values: Logs): string {
  return template.replace(/\{(\w+)(?::([^{}]*))?\}/g, (_, name: string, format = "") => {
    if (!Object.hasOwn(values, name)) {
      throw new Error(`${where}: the path ${show(template)} asks for "${name}", but the values are ${Object.keys(values).join(", ")}.`);
    }
    const [, zero, width, digits, kind] = /^(0?)(\d*)(?:\.(\d+))?([dfe%]?)$/.exec(format) ?? fail(where, template, format);
    return written(values[name], digits === undefined ? undefined : Number(digits), kind).padStart(Number(width), zero || " ");
  });
}

function fail(where: string, template: string, format: string): never {
  throw new Error(
    `${where}: the path ${show(template)} has a format that is not known: ${show(format)}. Possible are such as "02d" and ".4f".`,
  );
}

function written(value: number, digits: number | undefined, kind: string): string {
  if (kind === "f") return value.toFixed(digits ?? 6);
  if (kind === "%") return `${(100 * value).toFixed(digits ?? 6)}%`;
  // Python has two digits at least behind the e
  if (kind === "e") return value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
  return digits === undefined ? String(value) : String(Number(value.toPrecision(digits)));
}
