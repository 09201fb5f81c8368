/** How files name an object: Keras's class name, and the options it was made with. */
export interface Identifier {
  className: string;
  config: Record<string, unknown>;
}

/**
 * The given options over their defaults.
 * @param where who speaks in the error message: a layer's or function's name
 * @throws on a name that `defaults` does not have, with the nearest one that it has
 */
export function readOptions<T extends object>(where: string, given: object | undefined, defaults: T): T {
  for (const name of Object.keys(given ?? {})) {
    if (!Object.hasOwn(defaults, name)) throw new Error(`${where}: unknown option "${name}". ${suggestion(name, Object.keys(defaults))}`);
  }
  const known = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(known) };
}

/** An entry of a table by Keras's name, in snake_case or camelCase. */
export function lookup<T>(what: string, name: string, table: Record<string, T>): T {
  const key = camelCase(name);
  if (!Object.hasOwn(table, key)) throw new Error(`Unknown ${what} "${name}". ${suggestion(key, Object.keys(table))}`);
  return table[key];
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
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    const expected = least === 1 ? "a positive integer" : `an integer of at least ${least}`;
    throw new Error(`${where}: ${name} must be ${expected}, got ${JSON.stringify(value)}.`);
  }
  return value;
}

/** @throws unless the value is one of the choices */
export function checkChoice<T extends string>(where: string, name: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T)) {
    throw new Error(`${where}: ${name} must be ${choices.map(choice => `"${choice}"`).join(" or ")}, got ${JSON.stringify(value)}.`);
  }
  return value as T;
}

/** @throws unless the value is a number in [low, high] */
export function checkNumber(where: string, name: string, value: unknown, low: number, high = Number.POSITIVE_INFINITY): number {
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    const expected = high === Number.POSITIVE_INFINITY ? `a number of at least ${low}` : `a number between ${low} and ${high}`;
    throw new Error(`${where}: ${name} must be ${expected}, got ${JSON.stringify(value)}.`);
  }
  return value;
}

/** Keras's sizes of two axes: one number for both, or [height, width]. */
export function checkPair(where: string, name: string, value: unknown): [number, number] {
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2) throw new Error(`${where}: ${name} must be a number or [height, width], got ${JSON.stringify(value)}.`);
  return [checkInteger(where, name, pair[0]), checkInteger(where, name, pair[1])];
}
