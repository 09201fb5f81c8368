// One seeded stream for everything that is drawn outside the kernels: initial weights, shuffles, the keys of the kernels' own generator.

import { checkInteger } from "./options.js";

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, period of about 2^127. */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9 | 0;
  #counter = 1;

  /** @param seed a whole number below 2^53; the same seed gives the same numbers on every machine */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** in [0, 1), 53 bits */
  uniform(): number {
    return (this.uint32() * 2 ** 21 + (this.uint32() >>> 11)) / 2 ** 53;
  }

  /** mean 0, deviation 1 (Box and Muller, 1958) */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher and Yates, in place */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }

  /** a seed for another stream */
  fork(): number {
    return this.uint32();
  }
}

let source = new Random(Math.floor(Math.random() * 2 ** 53));

/**
 * Fixes everything random that follows: initial weights, shuffling, dropout. Call it before the model is made.
 * @param seed a whole number, 0 ≤ seed < 2^53
 */
export function setSeed(seed: number): void {
  checkInteger("setSeed", "seed", seed, 0);
  source = new Random(seed);
}

/** The next seed of the global stream. */
export function nextSeed(): number {
  return source.fork();
}
