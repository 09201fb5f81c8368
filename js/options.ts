/** How files name an object: Keras's class name, and the options it was made with. */
export interface Identifier {
  className: string;
  config: Record<string, unknown>;
}

const complaints = new WeakMap<object, string>();

/** The option that an error of `readOptions` says is unknown. @internal */
export function unknownOption(error: unknown): string | undefined {
  return typeof error === "object" && error !== null ? complaints.get(error) : undefined;
}

/**
 * The given options over their defaults.
 * @param where who speaks in the error message: a layer's or function's name
 * @throws on a name that `defaults` does not have, with the nearest one that it has
 */
export function readOptions<T extends object>(where: string, given: object | undefined, defaults: T): T {
  const options = checkOptions(where, given);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(defaults, name)) {
      const error = new Error(`${where}: unknown option "${name}". ${suggestion(name, Object.keys(defaults))}`);
      complaints.set(error, name);
      throw error;
    }
  }
  const known = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(known) };
}

/** @throws on what has no options in it: adam(0.001), dense(10, "relu") */
export function checkOptions<T extends object>(where: string, given: T | undefined): T {
  if (given !== undefined && (!isObject(given) || Array.isArray(given))) {
    throw new Error(`${where}: expected an object of options, got ${show(given)}.`);
  }
  return given ?? ({} as T);
}

/** An entry of a table by Keras's name, in snake_case or camelCase. @param what the option that gives the name */
export function lookup<T>(where: string, what: string, name: string, table: Record<string, T>): T {
  const key = [camelCase(name), camelCase(name).toLowerCase()].find(key => Object.hasOwn(table, key));
  if (key === undefined) throw new Error(`${where}: unknown ${what} ${show(name)}. ${suggestion(camelCase(name), Object.keys(table))}`);
  return table[key];
}

/**
 * What an option stands for: a thing itself, Keras's name for one, or what a file says of one.
 * @param mark a member that such things have and no others
 * @param table the functions that make them
 */
export function resolve<T extends object>(
  where: string,
  what: string,
  given: unknown,
  mark: keyof T & string,
  table: Record<string, (options?: object) => T>,
): T {
  if (typeof given === "string") return lookup(where, what, given, table)();
  const isNamed = isObject(given) && ("className" in given || "name" in given);
  if (isNamed && mark in given) return given as T;
  const { className, config } = isObject(given) ? (given as Partial<Identifier>) : {};
  if (typeof className === "string") return lookup(where, what, className, table)(config);
  throw new Error(`${where}: ${what} must be a name such as "${Object.keys(table)[0]}" or an object for it, got ${show(given)}.`);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(show).join(", ")}${value.length > 8 ? ", ..." : ""}]`;
  if (!isObject(value)) return String(value);
  const name = value.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** `Did you mean "units"?`, or all the names when none is near. */
function suggestion(name: string, known: string[]): string {
  const [best] = known
    .map(candidate => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  if (best && best.distance <= Math.max(2, name.length / 3)) return `Did you mean "${best.candidate}"?`;
  return `Known: ${known.join(", ")}.`;
}

/** Levenshtein's distance: insertions, deletions and replacements from a to b. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** "max_pooling2d", "MaxPooling2D" and "maxPooling2d" → "maxPooling2d"; a name in capitals → lower case */
export function camelCase(name: string): string {
  if (/^[A-Z0-9]+$/.test(name)) return name.toLowerCase();
  const joined = name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
  return (joined[0]?.toLowerCase() ?? "") + joined.slice(1);
}

/** "kernelInitializer" → "kernel_initializer" */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/** @throws unless the value is a whole number of at least `least` */
export function checkInteger(where: string, name: string, value: unknown, least = 1): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
    const expected = least === 1 ? "a positive integer" : `an integer of at least ${least}`;
    throw new Error(`${where}: ${name} must be ${expected}, got ${show(value)}.`);
  }
  return value;
}

/** @throws unless the value is true or false */
export function checkBoolean(where: string, name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new Error(`${where}: ${name} must be true or false, got ${show(value)}.`);
  return value;
}

/** @throws unless the value is an array */
export function checkArray(where: string, name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: ${name} must be an array, got ${show(value)}.`);
  return value;
}

/** @throws unless the value is the shape of a sample: lengths of axes, without the batch */
export function checkShape(where: string, name: string, value: unknown): readonly number[] {
  if (!Array.isArray(value) || !value.every(length => Number.isSafeInteger(length) && length > 0)) {
    throw new Error(
      `${where}: ${name} must be the shape of one sample, an array of positive integers such as [28, 28, 1], got ${show(value)}.`,
    );
  }
  return value;
}

/** @throws unless the value is a seed, or null for none */
export function checkSeed(where: string, value: unknown): number | null {
  if (value === null || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number | null;
  throw new Error(`${where}: seed must be a whole number from 0 to 2^53 - 1, got ${show(value)}.`);
}

/** @throws unless the value is one of the choices */
export function checkChoice<T extends string>(where: string, name: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T)) {
    throw new Error(`${where}: ${name} must be ${choices.map(choice => `"${choice}"`).join(" or ")}, got ${show(value)}.`);
  }
  return value as T;
}

/** @throws unless the value is a number in [low, high] */
export function checkNumber(where: string, name: string, value: unknown, low: number, high = Number.POSITIVE_INFINITY): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < low || value > high) {
    const [noLow, noHigh] = [low === Number.NEGATIVE_INFINITY, high === Number.POSITIVE_INFINITY];
    const expected = noHigh ? (noLow ? "a finite number" : `a number of at least ${low}`) : `a number between ${low} and ${high}`;
    throw new Error(`${where}: ${name} must be ${expected}, got ${show(value)}.`);
  }
  return value;
}

/** Keras's sizes of two axes: one number for both, or [height, width]. */
export function checkPair(where: string, name: string, value: unknown, least = 1): [number, number] {
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2) throw new Error(`${where}: ${name} must be a number or [height, width], got ${show(value)}.`);
  return [checkInteger(where, name, pair[0], least), checkInteger(where, name, pair[1], least)];
}
