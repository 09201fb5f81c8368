import { checkBoolean, checkChoice, checkInteger, readOptions, show } from "../options.js";
import type { Tensor } from "../tensor.js";
import type { Fitted } from "./fitted.js";

/** What `tokenizer` takes. */
export interface TokenizerOptions {
  /** keeps the numWords - 1 most frequent words; default: all */
  numWords?: number | null;
  /** characters that part words; default Keras's: all punctuation but the apostrophe, tabs and line ends */
  filters?: string;
  /** default true */
  lower?: boolean;
  /** between two words; default " " */
  split?: string;
  /** characters instead of words; default false */
  charLevel?: boolean;
  /** stands for every word that is not known, as number 1; default: such words are left out */
  oovToken?: string | null;
}

const defaults: Required<TokenizerOptions> = {
  numWords: null,
  filters: '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n',
  lower: true,
  split: " ",
  charLevel: false,
  oovToken: null,
};

interface Counts {
  words: [word: string, count: number, documents: number][];
  documents: number;
}

/** Keras's Tokenizer: words as whole numbers from 1, the most frequent first. */
export class Tokenizer implements Fitted {
  readonly #options: Required<TokenizerOptions>;
  readonly #counts = new Map<string, { count: number; documents: number }>();
  #documents = 0;
  #index: Record<string, number> = {};

  constructor(options?: TokenizerOptions, fitted: Counts | null = null) {
    this.#options = readOptions("tokenizer", options, defaults);
    if (this.#options.numWords !== null) checkInteger("tokenizer", "numWords", this.#options.numWords);
    checkBoolean("tokenizer", "lower", this.#options.lower);
    checkBoolean("tokenizer", "charLevel", this.#options.charLevel);
    for (const [word, count, documents] of fitted?.words ?? []) this.#counts.set(word, { count, documents });
    this.#documents = fitted?.documents ?? 0;
    this.#number();
  }

  /** The number of each word, from 1. */
  get wordIndex(): Readonly<Record<string, number>> {
    return this.#index;
  }

  /** Counts the words of texts, in addition to those before. */
  fitOnTexts(texts: readonly string[]): this {
    for (const text of checkTexts("fitOnTexts", texts)) {
      const words = this.#wordsOf(text);
      this.#documents++;
      for (const word of words) this.#entry(word).count++;
      for (const word of new Set(words)) this.#entry(word).documents++;
    }
    this.#number();
    return this;
  }

  /** The numbers of each text's words. */
  textsToSequences(texts: readonly string[]): number[][] {
    const { numWords, oovToken } = this.#options;
    const most = numWords ?? Number.POSITIVE_INFINITY;
    const unknown = oovToken === null ? undefined : this.#index[oovToken];
    return checkTexts("textsToSequences", texts).map(text =>
      this.#wordsOf(text).flatMap(word => {
        const number = Object.hasOwn(this.#index, word) ? this.#index[word] : undefined;
        if (number !== undefined && number < most) return [number];
        return unknown === undefined ? [] : [unknown];
      }),
    );
  }

  /** The words of numbers, those that are not known left out. */
  sequencesToTexts(sequences: readonly ArrayLike<number>[]): string[] {
    const words = new Map(Object.entries(this.#index).map(([word, number]) => [number, word]));
    return sequences.map(sequence =>
      Array.from(sequence, number => words.get(number))
        .filter(word => word !== undefined)
        .join(" "),
    );
  }

  /**
   * Rows [texts, words + 1]: whether, how often, with what share or how tellingly each word occurs; column 0 stays empty.
   * @param mode default "binary"
   */
  textsToMatrix(texts: readonly string[], mode: "binary" | "count" | "freq" | "tfidf" = "binary"): Tensor {
    checkChoice("tokenizer: textsToMatrix", "mode", mode, ["binary", "count", "freq", "tfidf"]);
    const width = this.#options.numWords ?? Object.keys(this.#index).length + 1;
    const words = Object.keys(this.#index);
    const sequences = this.textsToSequences(texts);
    const data = new Float32Array(texts.length * width);
    for (const [row, sequence] of sequences.entries()) {
      const counts = new Map<number, number>();
      for (const number of sequence) counts.set(number, (counts.get(number) ?? 0) + 1);
      for (const [number, count] of counts) {
        const documents = this.#counts.get(words[number - 1])?.documents ?? 0;
        const values = {
          binary: 1,
          count,
          freq: count / sequence.length,
          tfidf: (1 + Math.log(count)) * Math.log(1 + this.#documents / (1 + documents)),
        };
        data[row * width + number] = values[mode];
      }
    }
    return { data, shape: [texts.length, width] };
  }

  toJSON() {
    const words = [...this.#counts].map(([word, { count, documents }]): Counts["words"][number] => [word, count, documents]);
    return { className: "Tokenizer", config: { ...this.#options }, fitted: { words, documents: this.#documents } };
  }

  #entry(word: string): { count: number; documents: number } {
    let entry = this.#counts.get(word);
    if (!entry) {
      entry = { count: 0, documents: 0 };
      this.#counts.set(word, entry);
    }
    return entry;
  }

  /** Words of equal number keep the order in which they came. */
  #number(): void {
    const { oovToken } = this.#options;
    const sorted = [...this.#counts].sort(([, a], [, b]) => b.count - a.count).map(([word]) => word);
    const words = oovToken === null ? sorted : [oovToken, ...sorted];
    this.#index = Object.fromEntries(words.map((word, i) => [word, i + 1]));
  }

  #wordsOf(text: string): string[] {
    const { lower, filters, split, charLevel } = this.#options;
    const cased = lower ? text.toLowerCase() : text;
    if (charLevel) return [...cased];
    const parted = [...cased].map(char => (filters.includes(char) ? split : char)).join("");
    return parted.split(split).filter(word => word !== "");
  }
}

function checkTexts(where: string, texts: readonly string[]): readonly string[] {
  if (Array.isArray(texts) && texts.every(text => typeof text === "string")) return texts;
  throw new Error(`tokenizer: ${where}: expected an array of texts, got ${show(texts)}.`);
}

/** Words as whole numbers. */
export const tokenizer = (options?: TokenizerOptions) => new Tokenizer(options);
