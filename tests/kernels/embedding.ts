import fc from "fast-check";
import * as reference from "../reference.js";
import { integers, uniform } from "./data.js";
import type { Case, Row } from "./row.js";

function at(name: string, count: number, n: number, entries: number, ids = integers(count, entries, 3), bench = false): Case {
  const inputs = { table: uniform(entries * n), ids, dy: uniform(count * n, 2) };
  return {
    label: `${name} count=${count} n=${n} entries=${entries}`,
    inputs,
    outputs: { y: count * n, dtable: entries * n },
    calls: [
      { kernel: "embedding", args: { y: "y", table: "table", ids: "ids", n, entries }, range: count },
      { kernel: "embeddingGrad", args: { dtable: "dtable", dy: "dy", ids: "ids", count, n, entries }, range: Math.ceil(n / 16) },
    ],
    expected: () => ({
      y: reference.embedding(inputs.table, ids, n, entries),
      dtable: reference.embeddingGrad(inputs.dy, ids, n, entries),
    }),
    tolerance: 1e-6 * Math.max(1, Math.sqrt(count)),
    gradient: bench ? undefined : { forward: i => reference.embedding(i["table"], ids, n, entries), dy: "dy", of: { dtable: "table" } },
    bytes: (4 * count * n + entries * n) * 4,
    bench,
  };
}

const shapes = fc.record({
  count: fc.integer({ min: 0, max: 20 }),
  n: fc.integer({ min: 1, max: 40 }),
  entries: fc.integer({ min: 1, max: 9 }),
});

export const embedding: Row = {
  kernels: ["embedding", "embeddingGrad"],
  cases: [
    at("none", 0, 4, 3),
    ...[1, 2, 3, 4, 5, 15, 16, 17, 33].map(n => at("width", 7, n, 5)),
    at("one row for all", 6, 8, 1),
    at("outside of the table", 6, 8, 4, Float32Array.of(-1, 4, 1e30, -1e30, Number.NaN, Number.POSITIVE_INFINITY)),
    at("lecture", 6400, 64, 10000, integers(6400, 10000, 3), true),
  ],
  random: shapes.map(s => at("random", s.count, s.n, s.entries)),
};
