/** Rounds in which both ways are tried in turn, and how often the slower one is tried again after them. */
const FIRST = 8;
const AGAIN = 32;
/** A new time's share in the mean. */
const SHARE = 0.25;

/** Which of two ways to do the same work takes less time here and now, found out as the work goes on. */
export class Trial {
  #rounds = 0;
  /** milliseconds that work took lately in each way */
  readonly #means: [number, number] = [0, 0];

  /** Does the work in one of the ways. */
  run(ways: readonly [() => void, () => void]): void {
    const way = this.#choose();
    const begin = performance.now();
    ways[way]();
    const time = performance.now() - begin;
    this.#means[way] += (this.#rounds < 2 ? 1 : SHARE) * (time - this.#means[way]);
    this.#rounds++;
  }

  #choose(): 0 | 1 {
    const isFirstFaster = this.#means[0] < this.#means[1];
    if (this.#rounds < FIRST) return this.#rounds % 2 === 0 ? 0 : 1;
    return (this.#rounds % AGAIN === 0) === isFirstFaster ? 1 : 0;
  }
}
