import type { NumericArray, Tensor } from "../tensor.js";
import { isNumericArray, isTensor } from "../tensor.js";
import { type ArrayLikeData, inOrder } from "./data.js";
import type { Dataset } from "./trainer.js";
import type { SampleWeight } from "./weighting.js";

/** Labelled samples: [x, y] or [x, y, sampleWeight]. */
export type LabelledData = [x: ArrayLikeData, y: ArrayLikeData, sampleWeight?: SampleWeight | null];

/**
 * Data that comes batch by batch, so that it need not fit into memory: anything that `for await` runs over, or a function that gives it anew for
 * each epoch, such as a generator function. A generator itself can be run over once.
 */
export type Stream<T> = Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>);

/** Batches to train or measure on. */
export type Batches = Stream<LabelledData>;

/** Samples order[begin, end) of some data. */
export interface Batch {
  data: Dataset;
  order: Uint32Array;
  begin: number;
  end: number;
}

/** Where a loop takes its batches from. */
export interface BatchSource<T = Batch> {
  /** batches in an epoch; null while that is not known */
  readonly steps: number | null;
  /** Before each epoch. @param isFresh begins with the first batch, though the epoch before was cut short */
  start(isFresh: boolean): void;
  /** The epoch's next batch; null behind its last. */
  next(): T | null | Promise<T | null>;
  /** Lets go of what is open. */
  close(): void | Promise<void>;
}

/** Whether data comes batch by batch, rather than as one array. */
export function isStream<T>(data: unknown): data is Stream<T> {
  if (typeof data === "function") return true;
  if (typeof data !== "object" || data === null || Array.isArray(data) || ArrayBuffer.isView(data) || isTensor(data)) return false;
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

const ranOut = (where: string, got: number, steps: number | null) =>
  console.warn(
    `${where}: your input ran out of data after ${got}${steps === null ? "" : ` of ${steps}`} batches; interrupting training. It must give at least ` +
      "stepsPerEpoch * epochs batches, or, as a function, begin anew each time.",
  );

/** Samples in memory, cut into batches. */
export class ArrayBatches implements BatchSource {
  readonly steps: number;
  readonly #data: Dataset;
  readonly #batchSize: number;
  readonly #isCut: boolean;
  readonly #shuffle: ((order: Uint32Array) => void) | null;
  readonly #order: Uint32Array;
  #at = 0;
  #taken = 0;

  /** @param steps in an epoch: the next one then goes on where it ended; null: as many as there are */
  constructor(data: Dataset, batchSize: number, steps: number | null, shuffle: ((order: Uint32Array) => void) | null) {
    this.#data = data;
    this.#batchSize = batchSize;
    this.#isCut = steps !== null;
    this.#shuffle = shuffle;
    this.#order = inOrder(data.x.count);
    this.steps = steps ?? Math.ceil(data.x.count / batchSize);
  }

  start(isFresh: boolean): void {
    this.#taken = 0;
    if (this.#isCut && !isFresh && this.#at > 0 && this.#at < this.#order.length) return;
    this.#at = 0;
    this.#shuffle?.(this.#order);
  }

  next(): Batch | null {
    if (this.#taken === this.steps) return null;
    const begin = this.#at;
    if (begin >= this.#order.length) {
      ranOut("fit", this.#taken, this.steps);
      return null;
    }
    this.#taken++;
    this.#at = Math.min(begin + this.#batchSize, this.#order.length);
    return { data: this.#data, order: this.#order, begin, end: this.#at };
  }

  close(): void {}
}

/** Batches of a stream, each read and checked when it comes. */
export class StreamBatches<T, Read> implements BatchSource<Read> {
  steps: number | null;
  readonly #where: string;
  readonly #stream: Stream<T>;
  readonly #read: (batch: T, what: string) => Read;
  readonly #isCut: boolean;
  #iterator: Iterator<T> | AsyncIterator<T> | null = null;
  #peeked: Read | null = null;
  /** batches taken in the epoch, and since the stream was opened */
  #taken = 0;
  #given = 0;

  /** @param read checks a batch. @param steps in an epoch; null: until the stream ends */
  constructor(where: string, stream: Stream<T>, steps: number | null, read: (batch: T, what: string) => Read) {
    this.#where = where;
    this.#stream = stream;
    this.#read = read;
    this.#isCut = steps !== null;
    this.steps = steps;
  }

  /** Reads the first batch ahead of time. @throws when there is none */
  async peek(): Promise<Read> {
    try {
      this.#peeked = await this.#pull();
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#peeked === null) throw new Error(`${this.#where}: the data holds no batch.`);
    return this.#peeked;
  }

  start(isFresh: boolean): void {
    this.#taken = 0;
    if (isFresh && this.#given > (this.#peeked ? 1 : 0)) {
      this.close();
      this.#iterator = null;
      this.#peeked = null;
    }
  }

  async next(): Promise<Read | null> {
    if (this.#isCut && this.#taken === this.steps) return null;
    const isOld = this.#iterator !== null && this.#taken === 0;
    let batch = this.#peeked ?? (await this.#pull());
    this.#peeked = null;
    if (batch === null && isOld) batch = await this.#pull(); // it ended with the epoch before: begin anew
    if (batch === null) {
      if (this.#isCut || this.#taken === 0) ranOut(this.#where, this.#taken, this.steps);
      else this.steps = this.#taken;
      return null;
    }
    this.#taken++;
    return batch;
  }

  close(): Promise<void> {
    return Promise.resolve(this.#iterator?.return?.()).then(() => {});
  }

  async #pull(): Promise<Read | null> {
    if (this.#iterator === null) {
      this.#iterator = open(this.#stream);
      this.#given = 0;
    }
    const { done, value } = await this.#iterator.next();
    if (done) {
      this.#iterator = null;
      return null;
    }
    return this.#read(value, `${this.#where}: batch ${this.#given++}`);
  }
}

/** Begins a run over a stream. */
export function open<T>(stream: Stream<T>): Iterator<T> | AsyncIterator<T> {
  const own = typeof stream === "function" ? stream() : stream;
  return Symbol.asyncIterator in own ? own[Symbol.asyncIterator]() : own[Symbol.iterator]();
}

/** The samples of a batch to predict: x itself, or the first of [x, y], where that is a tensor or typed array. */
export function samplesOf(batch: ArrayLikeData | LabelledData): ArrayLikeData {
  const isTuple = Array.isArray(batch) && (isTensor(batch[0]) || isNumericArray(batch[0]));
  return isTuple ? (batch[0] as Tensor | NumericArray) : (batch as ArrayLikeData);
}
