/** Work to time. Synchronous work returns nothing, so that no microtask is counted for it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a step of either kind
export type Work = () => void | Promise<void>;

export interface Pace {
  /** how often every work is timed, if the time allows it */
  rounds: number;
  /** how long one sample takes at least; short work is repeated to fill it */
  sampleMs: number;
  /** how long a work runs before its first sample, so that the engine has compiled it for good */
  warmUpMs: number;
  /** no round begins after so long, but the first */
  budgetMs: number;
}

/** Milliseconds a call of each work, one sample a round: A B C, A B C, ..., so that what slows the machine slows all of them. */
export async function interleave(works: Work[], pace: Pace): Promise<number[][]> {
  const repeats: number[] = [];
  for (const work of works) repeats.push(await warmUp(work, pace));
  const samples: number[][] = works.map(() => []);
  const start = performance.now();
  for (let round = 0; round < pace.rounds && (round === 0 || performance.now() - start < pace.budgetMs); round++) {
    for (const [i, work] of works.entries()) samples[i].push(await timed(work, repeats[i]));
  }
  return samples;
}

/** Runs the work for a while; how many calls fill a sample. */
async function warmUp(work: Work, { warmUpMs, sampleMs }: Pace): Promise<number> {
  const start = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  do fastest = Math.min(fastest, await timed(work, 1));
  while (performance.now() - start < warmUpMs);
  return Math.max(1, Math.ceil(sampleMs / fastest));
}

async function timed(work: Work, repeats: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const pending = work();
    if (pending) await pending;
  }
  return (performance.now() - start) / repeats;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median over the rounds of a / b: each pair was timed side by side. */
export function medianRatio(a: number[], b: number[]): number {
  return median(a.map((x, round) => x / b[round]));
}
