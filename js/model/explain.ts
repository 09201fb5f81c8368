import type { Call, Plan } from "../engine/plan.js";
import type { Network } from "./network.js";

/** Part of a step. */
export type Phase = "forward" | "backward" | "update";

/** One kernel call of a plan, for people. */
export interface ExplainedCall {
  /** the layer, loss or optimizer that asked for it */
  owner: string;
  phase: Phase;
  kernel: string;
  /** the kernel's numbers by name: "m=32 n=128 k=784" */
  sizes: string;
  flops: number;
  /** median of several runs, in microseconds */
  time: number;
}

/** What a step does, call by call; as a string, a table. */
export interface Explanation {
  batchSize: number;
  calls: ExplainedCall[];
  /** of the model's memory with this plan, in bytes */
  memory: number;
  toString(): string;
}

const RUNS = 7;
/** Runs before those that are timed: engines compile a function well only after they saw it at work. */
const WARM_UP = 10;

/**
 * Runs each call of a plan several times by itself; what lies in memory before is there again after.
 * @param phaseOf of each of the plan's calls
 */
export function explain(network: Network, plan: Plan, batchSize: number, phaseOf: (call: Call) => Phase): Explanation {
  const { engine } = network;
  engine.enter(plan);
  const { arena } = engine;
  const kept = arena.words.slice(0, arena.workspace / 4);
  const carried = plan.carried.map(({ from }) => [from, from.values] as const);
  arena.words.fill(0, arena.workspace / 4);
  const all = [...plan.preparation, ...plan.calls];
  for (let i = 0; i < WARM_UP; i++) engine.run(plan, all);
  const calls = all.map(call => explained(call, phaseOf(call), () => engine.run(plan, [call])));
  arena.words.set(kept);
  for (const [from, values] of carried) from.values = values;
  engine.weightsChanged();
  return { batchSize, calls, memory: arena.memory.buffer.byteLength, toString: () => table(batchSize, calls) };
}

function explained(call: Call, phase: Phase, run: () => void): ExplainedCall {
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  });
  const numbers = Object.entries(call.operands).filter(([, operand]) => typeof operand === "number");
  const sizes = [...(call.range > 0 ? [["range", call.range]] : []), ...numbers].map(([name, value]) => `${name}=${value}`).join(" ");
  return { owner: call.owner, phase, kernel: call.kernel, sizes, flops: call.flops, time: 1000 * times.sort((a, b) => a - b)[RUNS >> 1] };
}

function table(batchSize: number, calls: readonly ExplainedCall[]): string {
  const total = calls.reduce((sum, { time }) => sum + time, 0);
  const rows = calls.map(({ owner, kernel, sizes, flops, time }) => {
    const rate = flops > 0 && time > 0 ? (flops / time / 1000).toFixed(1) : "";
    return [
      owner,
      kernel,
      flops > 0 ? (flops / 1e6).toFixed(2) : "",
      time.toFixed(1),
      rate,
      `${((100 * time) / total).toFixed(0)}%`,
      sizes,
    ];
  });
  const head = ["owner", "kernel", "MFLOP", "µs", "GFLOP/s", "share", "sizes"];
  const isNumber = (column: number) => column >= 2 && column <= 5;
  const [names, ...lines] = aligned([head, ...rows], isNumber);
  return [`batch of ${batchSize}, ${calls.length} calls, ${(total / 1000).toFixed(3)} ms`, names, ...lines].join("\n");
}

/** Cells in columns, numbers to the right. */
function aligned(rows: readonly string[][], isNumber: (column: number) => boolean): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const pad = (cell: string, column: number) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return rows.map(row => row.map(pad).join("  ").trimEnd());
}

/** What a layer, the loss, a metric or the optimizer takes of a step's time. */
export interface ProfileRow {
  owner: string;
  /** milliseconds */
  forward: number;
  backward: number;
  update: number;
  /** of the whole step, from 0 to 1 */
  share: number;
  /** of its products, in 10^9 operations a second; null without any */
  rate: number | null;
}

/** Where a step's time goes, layer by layer; as a string, a table. */
export interface Profile {
  batchSize: number;
  rows: ProfileRow[];
  /** milliseconds */
  total: number;
  toString(): string;
}

/** The calls' times and operations, added up for each that asked for them. */
export function profileOf({ batchSize, calls }: Explanation): Profile {
  const total = calls.reduce((sum, { time }) => sum + time, 0) / 1000;
  const rows = [...new Set(calls.map(({ owner }) => owner))].map((owner): ProfileRow => {
    const own = calls.filter(call => call.owner === owner);
    const timeOf = (phase: Phase) => own.reduce((sum, call) => sum + (call.phase === phase ? call.time : 0), 0) / 1000;
    const [forward, backward, update] = [timeOf("forward"), timeOf("backward"), timeOf("update")];
    const products = own.filter(({ flops }) => flops > 0);
    const [flops, time] = products.reduce(([a, b], call) => [a + call.flops, b + call.time], [0, 0]);
    const share = total > 0 ? (forward + backward + update) / total : 0;
    return { owner, forward, backward, update, share, rate: time > 0 ? flops / time / 1000 : null };
  });
  return { batchSize, rows, total, toString: () => profileTable(batchSize, rows, total) };
}

function profileTable(batchSize: number, rows: readonly ProfileRow[], total: number): string {
  const ms = (time: number) => (time > 0 ? time.toFixed(3) : "");
  const cells = rows.map(({ owner, forward, backward, update, share, rate }) => {
    return [owner, ms(forward), ms(backward), ms(update), `${(100 * share).toFixed(1)}%`, rate === null ? "" : rate.toFixed(1)];
  });
  const head = ["layer", "forward ms", "backward ms", "update ms", "share", "GFLOP/s"];
  return [`batch of ${batchSize}, ${total.toFixed(3)} ms`, ...aligned([head, ...cells], column => column > 0)].join("\n");
}
