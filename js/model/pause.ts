/** Longest time, in ms, that training keeps the event loop to itself. */
const LONGEST = 50;

declare const setImmediate: ((callback: () => void) => void) | undefined;

/** The next turn of the event loop. */
function nextTurn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise(resolve => setImmediate(() => resolve()));
  if (typeof MessageChannel === "undefined") return new Promise(resolve => setTimeout(resolve, 0));
  // setTimeout would wait 4 ms in pages: a message does not.
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => {
      port1.close();
      resolve();
    };
    port1.postMessage(null);
  });
}

/** Lets the event loop turn when it was last let longer ago than 50 ms: for loops that must not freeze a page. */
export class Pauses {
  #last = performance.now();

  /** Undefined when it is not yet time. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#last < LONGEST) return undefined;
    return nextTurn().then(() => {
      this.#last = performance.now();
    });
  }
}
