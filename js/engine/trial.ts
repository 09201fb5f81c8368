/** Rounds after which it is known which way is faster: the first time in each warms it up, and does not count. */
const KNOWN = 4;
/** In so many rounds the ways take turns, as long as that is cheap; then the slower one is tried again that often at most. */
const FIRST = 16;
const AGAIN = 48;
/** What trying the slower way may cost, of all the time: in the first rounds, and for good. */
const FIRST_COST = 0.25;
const COST = 0.02;
/** A new time's share in the mean: the least, and where the last one is old. */
const SHARE = 0.2;
const SHARE_OF_NEWS = 0.5;
/** What the first way must not take more of than this share of the second one's time: it takes up more of the machine. */
const WORTH = 0.9;

/** One of two ways to do the same work. */
interface Way {
  /** milliseconds that it took lately */
  mean: number;
  times: number;
  /** the round in which it was last taken */
  last: number;
}

/** Whether the first of two ways to do the same work saves time here and now, found out as the work goes on. */
export class Trial {
  #rounds = 0;
  readonly #ways: [Way, Way] = [
    { mean: 0, times: 0, last: 0 },
    { mean: 0, times: 0, last: 0 },
  ];
  /** milliseconds of all work, and those of it that the faster way would have saved */
  #spent = 0;
  #lost = 0;

  /** Does the work in one of the ways. */
  run(ways: readonly [() => void, () => void]): void {
    const way = this.#choose();
    const begin = performance.now();
    ways[way]();
    this.#note(this.#ways[way], performance.now() - begin);
  }

  #choose(): 0 | 1 {
    if (this.#rounds < KNOWN) return this.#rounds % 2 === 0 ? 0 : 1;
    const isFirst = this.#rounds < FIRST;
    const [faster, slower] = this.#isFirstFaster ? ([0, 1] as const) : ([1, 0] as const);
    const isDue = this.#rounds - this.#ways[slower].last >= (isFirst ? 2 : AGAIN);
    return isDue && this.#lost <= (isFirst ? FIRST_COST : COST) * this.#spent ? slower : faster;
  }

  get #isFirstFaster(): boolean {
    const [first, second] = this.#ways;
    return first.mean < WORTH * second.mean;
  }

  #note(way: Way, time: number): void {
    const isNews = this.#rounds - way.last >= AGAIN;
    const share = way.times < 2 ? 1 : Math.max(1 / way.times, isNews ? SHARE_OF_NEWS : SHARE);
    way.mean += share * (time - way.mean);
    way.times++;
    way.last = this.#rounds++;
    if (this.#rounds < KNOWN) return;
    this.#spent += time;
    const faster = this.#ways[this.#isFirstFaster ? 0 : 1];
    if (way !== faster) this.#lost += Math.max(0, time - faster.mean);
  }
}
