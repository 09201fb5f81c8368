// How the threads of a team keep step: words in shared memory, each on a cache line of its own. The thread that leads opens one call after the
// other; everybody, the leader too, claims parts of the call that is open; when all parts are done, the leader goes on. A worker that comes late, because
// it slept or because other programs have its core, finds less to do, and nobody waits for it.

const LINE = 16;
/** number of the open call · 1024 + parts of it that nobody has claimed yet */
export const CLAIM = 0;
/** of the open call: its program, and its place there */
export const PROGRAM = LINE;
export const CALL = LINE + 1;
/** parts of the open call that are done */
export const DONE = 2 * LINE;
/** how many sleep until CLAIM or DONE changes */
const SLEEPERS = 3 * LINE;
/** counts messages that were posted to each worker */
export const POSTED = 4 * LINE;
/** 1 when a worker could not do its part */
export const FAILED = 5 * LINE;
/** from here on: how many messages each worker has handled */
const HANDLED = 6 * LINE;

export const MOST_PARTS = 1023;

export const handledBy = (worker: number) => HANDLED + worker * LINE;

/** Control words for a team. */
export function makeControl(threads: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * handledBy(threads)));
}

/** Opens a call of so many parts; 0 only lets the workers look up. */
export function open(control: Int32Array, parts: number): void {
  const next = (Atomics.load(control, CLAIM) & ~MOST_PARTS) + MOST_PARTS + 1;
  Atomics.store(control, CLAIM, next | parts | 0);
  wake(control, CLAIM);
}

/** Takes one of the parts that a value of CLAIM has left. Returns whether nobody else was faster. */
export function claim(control: Int32Array, value: number): boolean {
  return Atomics.compareExchange(control, CLAIM, value, value - 1) === value;
}

/** Wakes whoever sleeps on a word that was changed. */
export function wake(control: Int32Array, word: number): void {
  if (Atomics.load(control, SLEEPERS) > 0) Atomics.notify(control, word);
}

/**
 * Returns when a word no longer holds a value, or when it has spun so often and slept for so long. Spinning, which is about a nanosecond each
 * time, notices at once; who sleeps takes 50 µs to wake up.
 * @param ms 0: it does not sleep, for threads that must not block
 */
export function waitWhile(control: Int32Array, word: number, value: number, spins: number, ms: number): void {
  for (let i = 0; i < spins; i++) if (Atomics.load(control, word) !== value) return;
  if (ms === 0) return;
  Atomics.add(control, SLEEPERS, 1);
  Atomics.wait(control, word, value, ms);
  Atomics.sub(control, SLEEPERS, 1);
}
