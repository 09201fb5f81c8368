import type { KernelRow } from "./kernels.js";
import { digits, percent, table, times } from "./table.js";
import type { Trained } from "./training.js";

/** What the project asks of itself, beside what this run reached: the worst row counts. */
export function targets(kernels: KernelRow[], trained: Trained[]): string {
  const share = (what: string, asked: number, rows: KernelRow[]) =>
    rows.length ? [[what, `≥ ${percent(asked)} of peak`, percent(Math.min(...rows.map(row => row.share)))]] : [];
  const ratio = (net: string, peer: string, asked: number) =>
    trained
      .filter(row => row.net === net && row.peer === peer)
      .map(row => [
        `${net} training beside ${peer}`,
        `≥ ${digits(asked)}×`,
        times(Math.min(row.batch.ratio, row.fit?.ratio ?? row.batch.ratio)),
      ]);
  const products = kernels.filter(row => row.kernels.includes("gemm"));
  const sized = (rows: KernelRow[], keep: (n: number) => boolean) => rows.filter(row => keep(Number(/(\d+)$/.exec(row.label)?.[1])));
  return table(
    ["target", "asked", "reached"],
    [
      ...share(
        "products, n ≥ 256",
        0.8,
        sized(products, n => n >= 256),
      ),
      ...share(
        "products, n = 64",
        0.6,
        sized(products, n => n === 64),
      ),
      ...share(
        "convolution and its gradients",
        0.65,
        kernels.filter(row => row.kernels.includes("conv2d")),
      ),
      ...ratio("MLP", "tfjs-wasm", 10),
      ...ratio("CNN", "tfjs-cpu", 800),
    ],
  );
}
