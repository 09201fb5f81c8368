import { checkChoice, checkInteger, readOptions, show } from "../options.js";
import type { Tensor } from "../tensor.js";

/** What `padSequences` takes. */
export interface PadSequencesOptions {
  /** length of all rows; default: of the longest sequence */
  maxlen?: number | null;
  /** where what is missing is put: before or behind; default "pre" */
  padding?: "pre" | "post";
  /** where what is too much is cut off; default "pre" */
  truncating?: "pre" | "post";
  /** what is put there; default 0 */
  value?: number;
}

/** Keras's pad_sequences: sequences of different lengths as rows [sequences, maxlen]. */
export function padSequences(sequences: readonly ArrayLike<number>[], options?: PadSequencesOptions): Tensor {
  const where = "padSequences";
  const { maxlen, padding, truncating, value } = readOptions(where, options, {
    ...{ maxlen: null as number | null, padding: "pre" as const, truncating: "pre" as const, value: 0 },
  } as Required<PadSequencesOptions>);
  if (maxlen !== null) checkInteger(where, "maxlen", maxlen);
  checkChoice(where, "padding", padding, ["pre", "post"]);
  checkChoice(where, "truncating", truncating, ["pre", "post"]);
  if (!Array.isArray(sequences) || !sequences.every(sequence => typeof sequence?.length === "number" && typeof sequence !== "string")) {
    throw new Error(`${where}: expected an array of sequences of numbers, got ${show(sequences)}.`);
  }
  const length = maxlen ?? Math.max(0, ...sequences.map(sequence => sequence.length));
  const data = new Float32Array(sequences.length * length).fill(value);
  for (const [row, sequence] of sequences.entries()) {
    const kept = Math.min(sequence.length, length);
    const from = truncating === "pre" ? sequence.length - kept : 0;
    const to = row * length + (padding === "pre" ? length - kept : 0);
    for (let i = 0; i < kept; i++) data[to + i] = sequence[from + i];
  }
  return { data, shape: [sequences.length, length] };
}
