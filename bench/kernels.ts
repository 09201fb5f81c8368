import { readFileSync } from "node:fs";
import { chooseBuild } from "../js/engine/builds.js";
import { bind } from "../js/engine/kernels.js";
import { rows } from "../tests/kernels/index.js";
import type { Case } from "../tests/kernels/row.js";
import { Laid } from "../tests/kernels/run.js";
import { agree } from "./agree.js";
import { interleave, median, type Pace, type Ratio, ratioOf, type Work } from "./measure.js";
import { uniform } from "./nets.js";
import { adding, type Peak } from "./peak.js";
import type { Convolution, Peer, Product, Task } from "./peers/peer.js";
import { digits, percent, table, times } from "./table.js";

/** One case of the kernels' test table, timed beside the machine's limit and beside the peers that do the same. */
export interface KernelRow {
  kernels: string;
  label: string;
  ms: number;
  speed: number;
  /** what limits it: the peak of multiplications and additions, or y += x on as much memory */
  unit: "GFLOP/s" | "GB/s";
  /** of that limit, timed in the same rounds */
  share: Ratio;
  peers: Record<string, { speed: number; ratio: Ratio }>;
  /** what was multiplied, if it was a product of matrices */
  product?: Product;
}

/** the build that the library takes on this Node */
const release = new WebAssembly.Module(readFileSync(new URL(`../dist/kernels/${chooseBuild()}.wasm`, import.meta.url)));

export const benchCases: Case[] = rows.flatMap(row => row.cases.filter(c => c.bench && (c.flops || c.bytes)));

export async function timeKernel(benchCase: Case, peak: Peak, peers: Peer[], pace: Pace): Promise<KernelRow> {
  const laid = new Laid(memory => bind(release, memory), benchCase);
  laid.run(1);
  for (const [name, truth] of Object.entries(benchCase.expected()))
    agree(`${benchCase.label}: ${name}`, laid.views[name], truth, benchCase.tolerance);
  const calls = benchCase.calls.flatMap(call => laid.bound(call));
  const ours: Work = () => {
    for (const call of calls) call();
  };
  const limits = [
    { giga: (benchCase.flops ?? 0) / 1e9, unit: "GFLOP/s" as const, limit: peak },
    { giga: (benchCase.bytes ?? 0) / 1e9, unit: "GB/s" as const, limit: adding(bytesOf(laid)) },
  ].filter(({ giga }) => giga > 0);
  const beside = await peersAt(benchCase, peers);
  const works = [ours, ...limits.map(({ limit }) => limit.work), ...beside.map(({ task }) => task.work)];
  const [our, ...others] = await interleave(works, pace);
  const their = others.splice(limits.length);
  for (const { task } of beside) task.dispose?.();
  const shares = limits.map(({ giga, limit }, i) => {
    limit.best = Math.max(limit.best, limit.giga / Math.min(...others[i]));
    const { median } = ratioOf(perGiga(others[i], limit.giga), perGiga(our, giga));
    const fastest = giga / Math.min(...our);
    // Read when all is done: by then the peak was seen at its best.
    const share: Ratio = {
      median,
      get best() {
        return fastest / limit.best;
      },
    };
    return share;
  });
  const binding = shares.reduce((most, share, i) => (share.best > shares[most].best ? i : most), 0);
  const { giga, unit } = limits[binding];
  const speed = (samples: number[]) => (giga / median(samples)) * 1e3;
  return {
    kernels: [...new Set(benchCase.calls.map(call => call.kernel))].join(" + "),
    label: benchCase.label,
    ms: median(our),
    speed: speed(our),
    unit,
    share: shares[binding],
    peers: Object.fromEntries(beside.map(({ name }, i) => [name, { speed: speed(their[i]), ratio: ratioOf(their[i], our) }])),
    product: productOf(benchCase),
  };
}

/** All that the calls of a case may touch. */
const bytesOf = (laid: Laid) => Object.values(laid.views).reduce((sum, view) => sum + view.byteLength, 0);

const perGiga = (samples: number[], giga: number) => samples.map(ms => ms / giga);

interface Beside {
  name: string;
  task: Task;
}

/** The peers that can do what the case does, on numbers of their own, checked against float64. */
async function peersAt(benchCase: Case, peers: Peer[]): Promise<Beside[]> {
  const product = productOf(benchCase);
  const convolution = convolutionOf(benchCase);
  const beside: Beside[] = [];
  for (const peer of peers) {
    const task = product ? await peer.product?.(product) : convolution ? await peer.convolution?.(convolution) : undefined;
    if (!task) continue;
    const truth = product ? productAt(product) : convolutionAt(convolution!);
    const got = await task.result();
    const spots = Array.from({ length: 64 }, (_, i) => Math.floor((i * (got.length - 1)) / 63));
    agree(
      `${peer.name} at ${benchCase.label}`,
      spots.map(i => got[i]),
      spots.map(truth),
      1e-3,
    );
    beside.push({ name: peer.name, task });
  }
  return beside;
}

/** What a case multiplies, if it is a product of matrices and nothing else. */
function productOf({ calls }: Case): Product | undefined {
  const gemm = calls.find(call => call.kernel === "gemm");
  if (!gemm || calls.some(call => call.kernel !== "gemm" && call.kernel !== "packB")) return undefined;
  const pack = calls.find(call => call.kernel === "packB");
  const [m, n, k] = [gemm.args["m"], gemm.args["n"], gemm.args["k"]].map(Number);
  return {
    ...{ m, n, k },
    transposeA: gemm.args["aColStride"] !== 1,
    transposeB: pack !== undefined && pack.args["colStride"] !== 1,
    a: uniform([m * k], -1, 1).data,
    b: uniform([k, n], -1, 1).data,
  };
}

/** Which convolution a case is, if its options are those that the peers are asked for. */
function convolutionOf({ calls }: Case): Convolution | undefined {
  const args = calls.find(call => call.kernel === "conv2d")?.args;
  if (!args || calls.some(call => call.kernel !== "conv2d" && call.kernel !== "packB")) return undefined;
  const of = (name: string) => Number(args[name]);
  const [batch, height, width, channels, filters, size, padding] = [
    ...["batch", "height", "width", "channels", "filters", "kernelHeight", "padTop"].map(of),
  ];
  const plain = ["strideHeight", "strideWidth", "dilationHeight", "dilationWidth"].every(name => of(name) === 1);
  const even = of("kernelWidth") === size && of("padLeft") === padding && of("outHeight") === height + 2 * padding - size + 1;
  if (!plain || !even || of("xStride") !== channels) return undefined;
  return {
    ...{ batch, height, width, channels, filters, size, padding },
    x: uniform([batch, height, width, channels], -1, 1).data,
    w: uniform([size, size, channels, filters], -1, 1).data,
  };
}

/** Element i of the product, in float64. */
const productAt =
  ({ m, n, k, transposeA, transposeB, a, b }: Product) =>
  (i: number) => {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[transposeA ? p * m + row : row * k + p] * b[transposeB ? column * k + p : p * n + column];
    return sum;
  };

/** Element i of the convolution, in float64. */
const convolutionAt =
  ({ height, width, channels, filters, size, padding, x, w }: Convolution) =>
  (i: number) => {
    const [outHeight, outWidth] = [height, width].map(n => n + 2 * padding - size + 1);
    const filter = i % filters;
    const pixel = Math.floor(i / filters);
    const [image, oy, ox] = [Math.floor(pixel / (outHeight * outWidth)), Math.floor(pixel / outWidth) % outHeight, pixel % outWidth];
    let sum = 0;
    for (let ky = 0; ky < size; ky++) {
      for (let kx = 0; kx < size; kx++) {
        const [iy, ix] = [oy + ky - padding, ox + kx - padding];
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        const from = ((image * height + iy) * width + ix) * channels;
        for (let c = 0; c < channels; c++) sum += x[from + c] * w[((ky * size + kx) * channels + c) * filters + filter];
      }
    }
    return sum;
  };

export function kernelTables(timed: KernelRow[], peers: Peer[]): string[] {
  const beside = ({ peers: at }: KernelRow) =>
    peers.map(({ name }) => (at[name] ? `${digits(at[name].speed)} (${times(at[name].ratio.median)})` : ""));
  const own = (row: KernelRow) => [
    row.kernels,
    row.label,
    digits(row.ms),
    digits(row.speed),
    percent(row.share.median),
    percent(row.share.best),
  ];
  const tables: string[] = [];
  const arithmetic = timed.filter(row => row.unit === "GFLOP/s");
  const memory = timed.filter(row => row.unit === "GB/s");
  const head = ["kernels", "case", "ms"];
  if (arithmetic.length)
    tables.push(
      table(
        [...head, "GFLOP/s", "of peak", "at best", ...peers.map(peer => peer.name)],
        arithmetic.map(row => [...own(row), ...beside(row)]),
      ),
    );
  if (memory.length) tables.push(table([...head, "GB/s", "of y += x", "at best"], memory.map(own)));
  return tables;
}
