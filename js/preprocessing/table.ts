import { formatShape, isTensor, type NestedArray, type NumericArray, readArray, type Tensor } from "../tensor.js";

/** Rows of features: nested arrays, or a tensor, whose last axis is the features. */
export type Rows = Tensor | NestedArray[];

/** A table of numbers: samples (and steps, ...) by features. */
export interface Table {
  data: NumericArray;
  shape: number[];
  features: number;
}

/** @throws unless the rows have an axis of features, of that length if it is given */
export function readTable(where: string, rows: Rows, features?: number): Table {
  const { data, shape } = asTensor(where, rows);
  if (shape.length < 2) {
    throw new Error(
      `${where}: expected rows of features, such as [[1, 2], [3, 4]], got the shape ${formatShape(shape)}. One feature alone is [[1], [2]].`,
    );
  }
  const own = shape.at(-1)!;
  if (features !== undefined && own !== features) {
    throw new Error(`${where}: it was fitted to ${features} features, got ${own}.`);
  }
  if (data.length === 0) throw new Error(`${where}: there are no rows.`);
  const wrong = data.findIndex(value => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new Error(
      `${where}: row ${Math.floor(wrong / own)} holds ${data[wrong]} in feature ${wrong % own}. Remove or replace such values first.`,
    );
  }
  return { data, shape: [...shape], features: own };
}

/** Nested arrays keep the digits that float32 would lose: a feature's spread may be small beside its size. */
function asTensor(where: string, rows: Rows): { data: NumericArray; shape: number[] } {
  const read = readArray(where, rows);
  if (!isTensor(read)) return { data: read, shape: [read.length] };
  return Array.isArray(rows) ? { data: Float64Array.from((rows as unknown[]).flat(32 as 1) as number[]), shape: read.shape } : read;
}

/** Another number for each, by its feature. */
export function mapTable({ data, shape, features }: Table, f: (value: number, feature: number) => number): Tensor {
  const mapped = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) mapped[i] = f(data[i], i % features);
  return { data: mapped, shape };
}
