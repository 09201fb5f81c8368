/** Work to time. Synchronous work returns nothing, so that no microtask is counted for it. */
export type Work = (() => void | Promise<void>) | Clocked;

/** Work in another process, which looks at its own clock: milliseconds of so many calls. */
export interface Clocked {
  clocked(repeats: number): Promise<number>;
}

export interface Pace {
  /** how often every work is timed, if the time allows it */
  rounds: number;
  /** how long one sample takes at least; short work is repeated to fill it */
  sampleMs: number;
  /** how long a work runs before its first sample, so that the engine has compiled it for good */
  warmUpMs: number;
  /** a work that took so long in all is not timed again */
  budgetMs: number;
}

/**
 * Milliseconds a call of each work, one sample a round: A B C, A B C, ..., so that what slows the machine slows all of them. Samples last
 * as long as a call of the first work, at least: a longer one would meet more of what else the machine does.
 */
export async function interleave(works: Work[], pace: Pace): Promise<number[][]> {
  const fastest: number[] = [];
  for (const work of works) fastest.push(await warmUp(work, pace));
  const repeats = fastest.map(ms => Math.max(1, Math.ceil(Math.max(pace.sampleMs, fastest[0]) / ms)));
  const samples: number[][] = works.map(() => []);
  const spent = works.map(() => 0);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [i, work] of works.entries()) {
      if (spent[i] >= pace.budgetMs) continue;
      const ms = await timed(work, repeats[i]);
      samples[i].push(ms);
      spent[i] += ms * repeats[i];
    }
  }
  return samples;
}

/** Runs the work for a while; its fastest call. */
async function warmUp(work: Work, { warmUpMs }: Pace): Promise<number> {
  const start = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  do fastest = Math.min(fastest, await timed(work, 1));
  while (performance.now() - start < warmUpMs);
  return fastest;
}

const timed = async (work: Work, repeats: number) => (await clock(work, repeats)) / repeats;

/** Milliseconds of so many calls. */
export async function clock(work: Work, repeats: number): Promise<number> {
  if ("clocked" in work) return work.clocked(repeats);
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const pending = work();
    if (pending) await pending;
  }
  return performance.now() - start;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times slower a is than b. */
export interface Ratio {
  /** the median over the rounds, each pair timed side by side; of all samples when one was too slow to be timed in every round */
  median: number;
  /** of the fastest samples: what the machine gives when nothing else runs on it */
  best: number;
}

export function ratioOf(a: number[], b: number[]): Ratio {
  const paired = a.length === b.length;
  return {
    median: paired ? median(a.map((x, round) => x / b[round])) : median(a) / median(b),
    best: Math.min(...a) / Math.min(...b),
  };
}
