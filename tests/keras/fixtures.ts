import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Tensor, tensor } from "../../js/index.js";

/** A Keras object: its class and what was given to its constructor. */
export interface Spec {
  module: string;
  class_name: string;
  config: Record<string, unknown>;
}

type Logs = Record<string, number>;
type Series = Record<string, number[]>;

/** What Keras was told and what it answered, as tests/fixtures/judge.py wrote it. */
export interface Fixture {
  name: string;
  layers: Spec[];
  compile: { optimizer: Spec | string; loss: Spec | string; metrics: (Spec | string)[]; weighted_metrics: (Spec | string)[] };
  /** with Keras's names */
  fit: { batch_size: number; epochs: number; class_weight?: Logs; callbacks?: Spec[] };
  /** whether the initial weights are what the layers themselves begin with */
  initialized?: boolean;
  evaluate: Logs;
  /** absent where nothing was trained: logs of each step, logs of each epoch, epochs that ran, and two calls after them */
  steps?: Series;
  history?: Series;
  epochs?: number[];
  train_on_batch?: Logs;
  test_on_batch?: Logs;
  /** x, y, sample_weight, x_val, ...; before and after: predictions; initial/0, first/0, final/0, ...: weights */
  arrays: Record<string, Tensor>;
}

const folder = new URL("../fixtures/data/", import.meta.url);

export const groups = readdirSync(folder)
  .filter(file => file.endsWith(".json"))
  .map(file => file.slice(0, -".json".length));

/** All fixtures of a group. */
export function readGroup(group: string): Fixture[] {
  const fixtures: Fixture[] = JSON.parse(readFileSync(new URL(`${group}.json`, folder), "utf8"));
  const arrays = readSafetensors(gunzipSync(readFileSync(new URL(`${group}.safetensors.gz`, folder))));
  const byCase = new Map(fixtures.map(({ name }) => [name, {} as Record<string, Tensor>]));
  for (const [key, array] of arrays) {
    const colon = key.lastIndexOf(":");
    byCase.get(key.slice(0, colon))![key.slice(colon + 1)] = array;
  }
  return fixtures.map(fixture => ({ ...fixture, arrays: byCase.get(fixture.name)! }));
}

function* readSafetensors({ buffer, byteOffset }: Buffer): Generator<[string, Tensor]> {
  const length = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, byteOffset + 8, length)));
  for (const [name, { shape, data_offsets }] of Object.entries<{ shape: number[]; data_offsets: number[] }>(header)) {
    const bytes = buffer.slice(...data_offsets.map(offset => byteOffset + 8 + length + offset));
    yield [name, tensor(new Float32Array(bytes as ArrayBuffer), shape)];
  }
}

/** The arrays `prefix/0`, `prefix/1`, ... */
export function list({ arrays }: Fixture, prefix: string): Tensor[] {
  const found: Tensor[] = [];
  while (arrays[`${prefix}/${found.length}`]) found.push(arrays[`${prefix}/${found.length}`]);
  return found;
}
