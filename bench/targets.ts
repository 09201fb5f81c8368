import type { KernelRow } from "./kernels.js";
import type { Ratio } from "./measure.js";
import { digits, percent, table, times } from "./table.js";
import type { Trained } from "./training.js";

/** What the project asks of itself beside what this run reached; of several rows the worst counts. */
export function targets(kernels: KernelRow[], trained: Trained[]): string | undefined {
  const shares = (what: string, asked: number, rows: KernelRow[]) =>
    target(
      what,
      `≥ ${percent(asked)} of peak`,
      rows.map(row => ({ ...row.share, where: row.label })),
      percent,
    );
  const ratios = (net: string, peer: string, asked: number) => {
    const row = trained.find(row => row.net === net && row.peer === peer);
    const reached = row ? [{ ...row.batch.ratio, where: "trainOnBatch" }] : [];
    if (row?.fit) reached.push({ ...row.fit.ratio, where: "fit" });
    return target(`${net} training beside ${peer}`, `≥ ${digits(asked)}×`, reached, times);
  };
  const products = (least: number, most = Number.POSITIVE_INFINITY) =>
    kernels.filter(({ product: p }) => p && Math.min(p.m, p.n, p.k) >= least && Math.max(p.m, p.n, p.k) <= most);
  const convolutions = kernels.filter(row => row.kernels.includes("conv2d"));
  const rows = [
    ...shares("products, n ≥ 256", 0.8, products(256)),
    ...shares("products, n = 64", 0.6, products(64, 64)),
    ...shares("convolution and its gradients", 0.65, convolutions),
    ...ratios("MLP", "tfjs-wasm", 10),
    ...ratios("CNN", "tfjs-cpu", 800),
  ];
  return rows.length ? table(["target", "asked", "reached", "at best", "worst row"], rows) : undefined;
}

function target(what: string, asked: string, reached: (Ratio & { where: string })[], format: (x: number) => string): string[][] {
  if (reached.length === 0) return [];
  const worst = reached.reduce((a, b) => (b.median < a.median ? b : a));
  return [[what, asked, format(worst.median), format(worst.best), worst.where]];
}
