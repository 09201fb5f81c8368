import type { First } from "./first.js";
import type { Predicted } from "./inference.js";
import type { KernelRow } from "./kernels.js";
import type { Ratio } from "./measure.js";
import { BATCH, nets } from "./nets.js";
import type { Overhead } from "./overhead.js";
import { NATIVE } from "./peers/native.js";
import { percent, table, times } from "./table.js";
import type { Threaded } from "./threads.js";
import type { Trained } from "./training.js";

/** All that a run measured. */
export interface Facts {
  kernels: KernelRow[];
  trained: Trained[];
  predicted: Predicted[];
  first: First[];
  overheads: Overhead[];
  threaded: Threaded[];
}

/** A number of one row that a target is about. */
type Reached = Ratio & { where: string };

interface Target {
  what: string;
  least: number;
  reached: Reached[];
  format: (x: number) => string;
}

/** What the project asks of itself beside what this run reached; of several rows the worst counts. */
export function targets({ kernels, trained, predicted, first, overheads, threaded }: Facts): string | undefined {
  const share = (what: string, least: number, rows: KernelRow[]): Target => ({
    ...{ what, least, format: percent },
    reached: rows.map(row => ({ ...row.share, where: `${row.kernels} ${row.label}` })),
  });
  const ratio = (what: string, least: number, reached: Reached[]): Target => ({ what, least, reached, format: times });
  const training = (net: string, peer: string, least: number) => {
    const rows = trained.filter(row => row.net === net && row.peer === peer);
    return ratio(
      `${net} training beside ${peer}`,
      least,
      rows.flatMap(({ batch, fit }) => [{ ...batch.ratio, where: "trainOnBatch" }, ...(fit ? [{ ...fit.ratio, where: "fit" }] : [])]),
    );
  };
  const squares = kernels.filter(({ product: p }) => p && p.m === p.n && p.n === p.k);
  const least = (n: number) => squares.filter(({ product }) => product!.n >= n);
  const native = nets.flatMap(({ name }) => fastestNative(trained, name) ?? []);
  const fresh = first.filter(({ peer }) => peer === "onnxruntime-web");
  const all: Target[] = [
    share("products, n ≥ 256", 0.88, least(256)),
    share(
      "products, n = 64",
      0.75,
      squares.filter(({ product }) => product!.n === 64),
    ),
    ratio(
      "products beside every peer",
      1,
      squares.flatMap(({ label, peers }) => Object.entries(peers).map(([peer, at]) => ({ ...at.ratio, where: `${label} beside ${peer}` }))),
    ),
    share("convolutions and their gradients", 0.78, convolutions(kernels)),
    training("MLP", "tfjs-wasm", 12),
    training("MLP", "jax-js", 2),
    training("CNN", "tfjs-cpu", 1000),
    training("LSTM", "tfjs-wasm", 20),
    ratio("training beside the fastest native, mean of four", 0.75, native.length === nets.length ? [meanOf(native)] : []),
    ratio(
      "CNN training beside the fastest native",
      1,
      native.filter(({ net }) => net === "CNN"),
    ),
    ratio(
      "two threads",
      1.7,
      threaded.filter(({ peer, net }) => peer === "wasmind" && net !== "MLP").map(row => ({ ...row.ratio, where: row.net })),
    ),
    ...[1, BATCH].map(batch => {
      const rows = predicted.filter(row => row.peer === "onnxruntime-web" && row.batch === batch);
      return ratio(
        `inference beside onnxruntime-web, batch ${batch}`,
        batch === 1 ? 1 : 1.5,
        rows.map(row => ({ ...row.ratio, where: row.net })),
      );
    }),
    ratio(
      "first prediction beside onnxruntime-web",
      5,
      fresh.map(row => ({ ...row.ratio!, where: "MLP" })),
    ),
    ...[["CNN", 0.97] as const, ["MLP", 0.85] as const].map(([net, least]) => ({
      ...{ what: `kernels' share of fit, ${net}`, least, format: (x: number) => percent(x, 1) },
      reached: overheads.filter(row => row.net === net).map(({ kernels }) => ({ median: kernels, best: kernels, where: "" })),
    })),
  ];
  const rows = all.filter(({ reached }) => reached.length > 0).map(rowOf);
  return rows.length ? table(["target", "asked", "reached", "at best", "met", "worst row"], rows) : undefined;
}

function rowOf({ what, least, reached, format }: Target): string[] {
  const worst = reached.reduce((a, b) => (b.median < a.median ? b : a));
  const met = worst.median >= least ? "yes" : worst.best >= least ? "at best" : "no";
  return [what, `≥ ${format(least)}`, format(worst.median), format(worst.best), met, worst.where];
}

/** How much longer than wasmind the fastest of the native libraries takes inside its own loop. */
function fastestNative(trained: Trained[], net: string): (Reached & { net: string }) | undefined {
  const rows = trained.filter(row => row.net === net && row.fit && Object.values(NATIVE).includes(row.peer));
  const reached = rows.map(({ peer, fit }) => ({ ...fit!.ratio, where: `${net} ${peer}`, net }));
  return reached.length ? reached.reduce((a, b) => (b.median < a.median ? b : a)) : undefined;
}

function meanOf(rows: Reached[]): Reached {
  const mean = (pick: (row: Reached) => number) => Math.exp(rows.reduce((sum, row) => sum + Math.log(pick(row)), 0) / rows.length);
  const where = rows.map(row => `${row.where} ${times(row.median)}`).join(", ");
  return { median: mean(row => row.median), best: mean(row => row.best), where };
}

/** Of the ways to compute a layer's convolution or a gradient, the one that is fastest. */
function convolutions(kernels: KernelRow[]): KernelRow[] {
  const fastest = new Map<string, KernelRow>();
  for (const row of kernels) {
    const layer = /^(lecture conv\d|56x56)/.exec(row.label)?.[0];
    const way = /^packB \+ (conv2d|conv2dGradInput)$|(winogradFilters \+ winograd|GradKernel)$/.exec(row.kernels) && directionOf(row);
    if (!layer || !way) continue;
    const known = fastest.get(`${layer} ${way}`);
    if (!known || row.share.median > known.share.median) fastest.set(`${layer} ${way}`, row);
  }
  return [...fastest.values()];
}

function directionOf({ kernels, label }: KernelRow): string {
  if (kernels.includes("GradKernel")) return "gradient of w";
  return kernels.includes("GradInput") || label.includes("gradient of x") ? "gradient of x" : "forward";
}
