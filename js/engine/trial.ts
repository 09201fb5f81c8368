/** Rounds after which both times are known: the first time in each way warms it up, and does not count. */
const KNOWN = 4;
/** The way that is not taken is tried in every second one of so many rounds, then in one of so many. */
const FIRST = 16;
const AGAIN = 48;
/** What the first way may cost in all where it does not pay: this share of all the time; more in the first rounds, which are to find out. */
const COST = 0.02;
const FIRST_COST = 0.1;
/** A new time's share in the mean, at least. */
const SHARE = 0.2;
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

/**
 * Whether the first of two ways to do the same work saves time here and now, found out as the work goes on. Mostly it may, and now and then take ten times
 * as long, as threads do that other programs take cores away from: so there is an account of what it has saved.
 */
export class Trial {
  #rounds = 0;
  readonly #first: Way = { mean: 0, times: 0, last: 0 };
  readonly #second: Way = { mean: 0, times: 0, last: 0 };
  /** milliseconds of all work, and those that the first way has saved of them: below 0, what it has cost */
  #spent = 0;
  #saved = 0;

  /** Does the work in one of the ways. */
  run([first, second]: readonly [() => void, () => void]): void {
    const takesFirst = this.#rounds < KNOWN ? this.#rounds % 2 === 0 : this.#takesFirst();
    const begin = performance.now();
    if (takesFirst) first();
    else second();
    this.#note(takesFirst, performance.now() - begin);
  }

  #takesFirst(): boolean {
    const isFirst = this.#rounds < FIRST;
    const limit = (isFirst ? FIRST_COST : COST) * this.#spent;
    if (this.#saved < -limit) return false;
    const isFaster = this.#first.mean < WORTH * this.#second.mean;
    const other = isFaster ? this.#second : this.#first;
    const isDue = this.#rounds - other.last >= (isFirst ? 2 : AGAIN);
    return isDue ? !isFaster : isFaster;
  }

  #note(tookFirst: boolean, time: number): void {
    const way = tookFirst ? this.#first : this.#second;
    way.mean += (way.times < 2 ? 1 : Math.max(1 / way.times, SHARE)) * (time - way.mean);
    way.times++;
    way.last = this.#rounds++;
    if (this.#rounds < KNOWN) return;
    this.#spent += time;
    // Old savings do not count for much: the machine may be another one by now.
    if (tookFirst) this.#saved = Math.min(this.#saved + this.#second.mean - time, COST * this.#spent);
  }
}
