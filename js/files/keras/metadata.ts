import { readPreprocessing } from "../description.js";
import { isRecord } from "../json.js";

/** What `toKeras` leaves in metadata.json: the seed of shuffles and dropout, weights that do not decay, the preprocessing. */
export function ownSettings(metadata: unknown): { seed: number | null; optimizer: object; preprocessing: Record<string, unknown> } {
  const own = isRecord(metadata) && isRecord(metadata.wasmind) ? metadata.wasmind : {};
  const { seed, excludeFromWeightDecay, preprocessing = {} } = own;
  return {
    seed: typeof seed === "number" ? seed : null,
    optimizer: excludeFromWeightDecay ? { excludeFromWeightDecay } : {},
    preprocessing: readPreprocessing(preprocessing),
  };
}
