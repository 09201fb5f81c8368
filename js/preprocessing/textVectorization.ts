import { checkArray, checkBoolean, checkChoice, checkInteger, readOptions, show } from "../options.js";
import type { Tensor } from "../tensor.js";
import type { Fitted } from "./fitted.js";

/** What `textVectorization` takes. */
export interface TextVectorizationOptions {
  /** size of the vocabulary with its special tokens; default: all that there are */
  maxTokens?: number | null;
  /** what is done to a text first; default "lower_and_strip_punctuation" */
  standardize?: "lower_and_strip_punctuation" | "lower" | "strip_punctuation" | null;
  /** where a text is cut into tokens; default "whitespace" */
  split?: "whitespace" | "character" | null;
  /** tokens in a row count as tokens, too, up to so many; default none */
  ngrams?: number | null;
  /** a row of numbers of tokens, or for each token of the vocabulary whether, how often, or how tellingly it occurs; default "int" */
  outputMode?: "int" | "multi_hot" | "count" | "tf_idf";
  /** the length of all rows, for "int"; default: of the longest text */
  outputSequenceLength?: number | null;
  /** rows of maxTokens numbers even if the vocabulary has fewer, for the other modes; default false */
  padToMaxTokens?: boolean;
  /** tokens to begin with, instead of `adapt` */
  vocabulary?: string[] | null;
}

const defaults: Required<TextVectorizationOptions> = {
  maxTokens: null,
  standardize: "lower_and_strip_punctuation",
  split: "whitespace",
  ngrams: null,
  outputMode: "int",
  outputSequenceLength: null,
  padToMaxTokens: false,
  vocabulary: null,
};

const UNKNOWN = "[UNK]";
/** Keras takes these 32 characters away. */
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

const utf8 = new TextEncoder();

interface Vocabulary {
  /** without special tokens, the most frequent first */
  tokens: string[];
  /** for "tf_idf": how telling each token is */
  idf: number[];
}

/** Keras's TextVectorization: texts as rows of numbers. It learns its vocabulary by `adapt`, from training data alone. */
export class TextVectorization implements Fitted {
  readonly #options: Required<TextVectorizationOptions>;
  #vocabulary: Vocabulary | null;
  #numbers = new Map<string, number>();

  constructor(options?: TextVectorizationOptions, fitted: Vocabulary | null = null) {
    const where = "textVectorization";
    const read = readOptions(where, options, defaults);
    if (read.maxTokens !== null) checkInteger(where, "maxTokens", read.maxTokens, 2);
    if (read.standardize !== null)
      checkChoice(where, "standardize", read.standardize, ["lower_and_strip_punctuation", "lower", "strip_punctuation"]);
    if (read.split !== null) checkChoice(where, "split", read.split, ["whitespace", "character"]);
    if (read.ngrams !== null) checkInteger(where, "ngrams", read.ngrams);
    checkChoice(where, "outputMode", read.outputMode, ["int", "multi_hot", "count", "tf_idf"]);
    if (read.outputSequenceLength !== null) checkInteger(where, "outputSequenceLength", read.outputSequenceLength);
    checkBoolean(where, "padToMaxTokens", read.padToMaxTokens);
    if (read.vocabulary !== null && read.outputMode === "tf_idf") {
      throw new Error(`${where}: "tf_idf" counts texts, which a vocabulary does not tell. Use adapt().`);
    }
    this.#options = read;
    this.#vocabulary = fitted;
    if (read.vocabulary !== null) this.#take({ tokens: checkArray(where, "vocabulary", read.vocabulary) as string[], idf: [] });
    else if (fitted) this.#take(fitted);
  }

  /** Learns the tokens of texts: the most frequent first, those of equal number in falling order of their bytes. */
  adapt(texts: readonly string[]): this {
    const counts = new Map<string, number>();
    const documents = new Map<string, number>();
    for (const text of checkTexts("adapt", texts)) {
      const tokens = this.#tokensOf(text);
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
      for (const token of new Set(tokens)) documents.set(token, (documents.get(token) ?? 0) + 1);
    }
    counts.delete("");
    const sorted = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || compareBytes(b, a));
    const { maxTokens } = this.#options;
    const tokens = maxTokens === null ? sorted : sorted.slice(0, maxTokens - this.#specials.length);
    this.#take({ tokens, idf: tokens.map(token => Math.log(1 + texts.length / (1 + documents.get(token)!))) });
    return this;
  }

  /** All tokens by number, special ones first. @throws before `adapt` */
  getVocabulary(): string[] {
    return [...this.#specials, ...this.#learnt("getVocabulary").tokens];
  }

  /** Rows of numbers: [texts, length], or [texts, vocabulary]. @throws before `adapt` */
  transform(texts: readonly string[]): Tensor {
    this.#learnt("transform");
    const rows = checkTexts("transform", texts).map(text =>
      this.#tokensOf(text).map(token => this.#numbers.get(token) ?? this.#specials.indexOf(UNKNOWN)),
    );
    return this.#options.outputMode === "int" ? this.#sequences(rows) : this.#bags(rows);
  }

  toJSON() {
    const fitted = this.#vocabulary && { ...this.#vocabulary };
    return { className: "TextVectorization", config: { ...this.#options, vocabulary: null }, fitted };
  }

  get #specials(): string[] {
    return this.#options.outputMode === "int" ? ["", UNKNOWN] : [UNKNOWN];
  }

  #learnt(where: string): Vocabulary {
    if (!this.#vocabulary) throw new Error(`textVectorization: ${where}: adapt() it to training texts first, or give it a vocabulary.`);
    return this.#vocabulary;
  }

  #take(vocabulary: Vocabulary): void {
    const repeated = vocabulary.tokens.find((token, i) => vocabulary.tokens.indexOf(token) !== i);
    if (repeated !== undefined) throw new Error(`textVectorization: the vocabulary holds ${show(repeated)} twice.`);
    this.#vocabulary = vocabulary;
    this.#numbers = new Map(vocabulary.tokens.map((token, i) => [token, i + this.#specials.length]));
  }

  #tokensOf(text: string): string[] {
    const { standardize, split, ngrams } = this.#options;
    let plain = text;
    if (standardize === "lower" || standardize === "lower_and_strip_punctuation") plain = plain.toLowerCase();
    if (standardize === "strip_punctuation" || standardize === "lower_and_strip_punctuation") plain = plain.replace(PUNCTUATION, "");
    const tokens = split === null ? [plain] : split === "character" ? [...plain] : plain.split(/\s+/).filter(token => token !== "");
    if (ngrams === null) return tokens;
    const lengths = Array.from({ length: ngrams }, (_, i) => i + 1);
    return lengths.flatMap(length => tokens.slice(length - 1).map((_, i) => tokens.slice(i, i + length).join(" ")));
  }

  #sequences(rows: number[][]): Tensor {
    const length = this.#options.outputSequenceLength ?? Math.max(0, ...rows.map(row => row.length));
    const data = new Float32Array(rows.length * length);
    for (const [i, row] of rows.entries()) data.set(row.slice(0, length), i * length);
    return { data, shape: [rows.length, length] };
  }

  #bags(rows: number[][]): Tensor {
    const { outputMode, padToMaxTokens, maxTokens } = this.#options;
    const { tokens, idf } = this.#learnt("transform");
    const width = padToMaxTokens && maxTokens !== null ? maxTokens : tokens.length + 1;
    // A token that is not known is as telling as tokens are on average.
    const weights = [idf.reduce((sum, weight) => sum + weight, 0) / (idf.length || 1), ...idf];
    const data = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) {
      for (const number of row) {
        const at = i * width + number;
        if (outputMode === "multi_hot") data[at] = 1;
        else data[at] += outputMode === "count" ? 1 : weights[number];
      }
    }
    return { data, shape: [rows.length, width] };
  }
}

function checkTexts(where: string, texts: readonly string[]): readonly string[] {
  if (Array.isArray(texts) && texts.every(text => typeof text === "string")) return texts;
  throw new Error(`textVectorization: ${where}: expected an array of texts, got ${show(texts)}.`);
}

/** The order of two texts' bytes in UTF-8, which is Keras's. */
function compareBytes(a: string, b: string): number {
  const [x, y] = [utf8.encode(a), utf8.encode(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 ? x.length - y.length : x[at] - (y[at] ?? -1);
}

/** Texts as rows of numbers, by a vocabulary that training texts gave. */
export const textVectorization = (options?: TextVectorizationOptions) => new TextVectorization(options);
