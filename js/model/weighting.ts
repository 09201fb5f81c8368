import { show } from "../options.js";
import { formatShape, isNumericArray, isTensor, type NumericArray, sizeOf, type Tensor } from "../tensor.js";
import type { Samples } from "./data.js";

/** How much each class counts in the loss; a class that is not named counts 1. */
export type ClassWeight = Record<number, number>;

/** How much each sample counts in the loss, or each step of each sample. */
export type SampleWeight = number[] | NumericArray | Tensor;

/** One weight for each sample, from sampleWeight or classWeight; null when there is neither. */
export function readWeights(
  where: string,
  labels: Samples,
  outputShape: readonly number[],
  options: { sampleWeight?: SampleWeight | null; classWeight?: ClassWeight | null },
): Samples | null {
  const { sampleWeight, classWeight } = options;
  if (sampleWeight && classWeight)
    throw new Error(`${where}: classWeight and sampleWeight do not go together. Multiply them into sampleWeight.`);
  if (sampleWeight) return fromSamples(where, sampleWeight, labels.count, sizeOf(outputShape.slice(0, -1)));
  if (!classWeight) return null;
  if (outputShape.length > 1) {
    throw new Error(`${where}: classWeight needs one label a sample, but the output has the shape ${formatShape([null, ...outputShape])}.`);
  }
  return fromClasses(where, classWeight, labels);
}

/** @param rows of the output that a sample has: one weight for all of them, or one for each */
function fromSamples(where: string, sampleWeight: SampleWeight, count: number, rows: number): Samples {
  const given = isTensor(sampleWeight) ? sampleWeight.data : sampleWeight;
  const data = isNumericArray(given) ? given : Float32Array.from(given);
  if (data.length !== count && data.length !== count * rows) {
    const each = rows > 1 ? `, or ${count * rows}, one for each step` : "";
    throw new Error(`${where}: sampleWeight must hold ${count} numbers, one a sample${each}, got ${data.length}.`);
  }
  const wrong = data.findIndex(weight => !Number.isFinite(weight));
  if (wrong >= 0) throw new Error(`${where}: sampleWeight of sample ${Math.floor((wrong * count) / data.length)} is ${data[wrong]}.`);
  return { data, count, size: data.length / count };
}

function fromClasses(where: string, classWeight: ClassWeight, { data, count, size }: Samples): Samples {
  if (typeof classWeight !== "object" || classWeight instanceof Map) {
    throw new Error(`${where}: classWeight must be an object such as { 0: 1, 1: 20 }, got ${show(classWeight)}.`);
  }
  for (const [label, weight] of Object.entries(classWeight)) {
    if (!Number.isInteger(Number(label)) || !Number.isFinite(weight)) {
      throw new Error(`${where}: classWeight maps numbers of classes to weights, got ${label}: ${show(weight)}.`);
    }
  }
  const weights = Float32Array.from({ length: count }, (_, i) => {
    const label = size === 1 ? Math.round(data[i]) : largest(data, i * size, size);
    return classWeight[label] ?? 1;
  });
  return { data: weights, count, size: 1 };
}

/** The place of the first largest of `length` numbers. */
function largest(data: NumericArray, begin: number, length: number): number {
  let best = 0;
  for (let j = 1; j < length; j++) if (data[begin + j] > data[begin + best]) best = j;
  return best;
}
