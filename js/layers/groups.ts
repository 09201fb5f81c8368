import { runsOf } from "./axes.js";

/** A tensor's axes as the kernels of assembly/norm.ts take them: the axes r are added up, the axes k tell groups apart. */
export interface Groups {
  r0: number;
  k0: number;
  r1: number;
  k1: number;
  r2: number;
}

/**
 * Neighbouring axes that are alike as one.
 * @param along the axes that tell groups apart
 * @returns null when they take turns with the others more often than the kernels can follow
 */
export function groupsOf(shape: readonly number[], along: readonly boolean[]): Groups | null {
  const runs = runsOf(shape, along);
  const names = runs.at(-1)?.isAlong ? (["k1", "r1", "k0", "r0"] as const) : (["r2", "k1", "r1", "k0", "r0"] as const);
  if (runs.length > names.length) return null;
  const lengths = runs.reverse().map(({ length }, i) => [names[i], length]);
  return { r0: 1, k0: 1, r1: 1, k1: 1, r2: 1, ...Object.fromEntries(lengths) };
}

/** How many groups there are. */
export const countOf = ({ k0, k1 }: Groups) => k0 * k1;

/** The range of a kernel that adds up groups. */
export const unitsOf = ({ k0, k1, r2 }: Groups) => (r2 === 1 ? k0 * Math.ceil(k1 / 16) : k0 * k1);
