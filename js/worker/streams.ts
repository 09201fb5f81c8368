// Batches that come one by one stay on the page until the worker wants the next one: it asks, one at a time, so that no more than that is ever under way.
import { isStream, open, type Stream } from "../model/batches.js";
import type { Pull, Pulled } from "./messages.js";

/** What stands for a stream in a message. */
interface Reference {
  stream: number;
}

/** The streams of one call, on the page. */
export class PageStreams {
  /** what a stream threw, in an array of one */
  thrown: unknown[] = [];
  readonly #streams: Stream<unknown>[] = [];
  readonly #runs = new Map<number, Iterator<unknown> | AsyncIterator<unknown>>();

  /** Data as it is, or what stands for a stream. */
  refer(data: unknown): unknown {
    if (!isStream<unknown>(data)) return data;
    const reference: Reference = { stream: this.#streams.push(data) - 1 };
    return reference;
  }

  /** A run's next batch; the first who asks begins it. */
  async pull({ stream, run, isLast }: Pull): Promise<Pulled> {
    try {
      const known = this.#runs.get(run);
      if (isLast) {
        this.#runs.delete(run);
        await known?.return?.();
        return { failed: false, done: true, batch: null };
      }
      const iterator = known ?? open(this.#streams[stream]);
      this.#runs.set(run, iterator);
      const { done = false, value } = await iterator.next();
      if (done) this.#runs.delete(run);
      return { failed: false, done, batch: done ? null : value };
    } catch (error) {
      return this.fail(error);
    }
  }

  /** Remembers why a batch cannot be had. */
  fail(error: unknown): Pulled {
    this.thrown = [error];
    return { failed: true, done: true, batch: null };
  }

  /** Ends runs that the worker has left open, as when it was ended itself. */
  close(): void {
    for (const iterator of this.#runs.values()) void Promise.resolve(iterator.return?.()).catch(() => {});
    this.#runs.clear();
  }
}

/** In the worker: data as it is, or a stream of the page's as one here. @param ask sends a question and waits for its answer */
export function referred(data: unknown, ask: (pull: Omit<Pull, "id" | "question">) => Promise<Pulled>): unknown {
  if (typeof data !== "object" || data === null || !("stream" in data)) return data;
  const { stream } = data as Reference;
  return {
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      const run = runs++;
      const pull = async (isLast: boolean): Promise<IteratorResult<unknown>> => {
        const { failed, done, batch } = await ask({ stream, run, isLast });
        if (failed) throw new Error("The page's data failed.");
        return { done, value: batch };
      };
      return { next: () => pull(false), return: () => pull(true) };
    },
  };
}

/** counts runs over streams */
let runs = 0;
