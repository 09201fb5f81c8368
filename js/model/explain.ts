import type { Call, Plan } from "../engine/plan.js";
import type { Network } from "./network.js";

/** One kernel call of a plan, for people. */
export interface ExplainedCall {
  /** the layer, loss or optimizer that asked for it */
  owner: string;
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

/** Runs each call of a plan several times by itself; what lies in memory before is there again after. */
export function explain(network: Network, plan: Plan, batchSize: number): Explanation {
  const { engine } = network;
  engine.enter(plan);
  const { arena } = engine;
  const kept = arena.words.slice(0, arena.workspace / 4);
  const carried = plan.carried.map(({ from }) => [from, from.values] as const);
  arena.words.fill(0, arena.workspace / 4);
  const all = [...plan.preparation, ...plan.calls];
  for (let i = 0; i < WARM_UP; i++) engine.run(plan, all);
  const calls = all.map(call => explained(call, () => engine.run(plan, [call])));
  arena.words.set(kept);
  for (const [from, values] of carried) from.values = values;
  engine.weightsChanged();
  return { batchSize, calls, memory: arena.memory.buffer.byteLength, toString: () => table(batchSize, calls) };
}

function explained(call: Call, run: () => void): ExplainedCall {
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  });
  const numbers = Object.entries(call.operands).filter(([, operand]) => typeof operand === "number");
  const sizes = [...(call.range > 0 ? [["range", call.range]] : []), ...numbers].map(([name, value]) => `${name}=${value}`).join(" ");
  return { owner: call.owner, kernel: call.kernel, sizes, flops: call.flops, time: 1000 * times.sort((a, b) => a - b)[RUNS >> 1] };
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
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map(row => row[column].length)));
  const isNumber = (column: number) => column >= 2 && column <= 5;
  const line = (row: string[]) =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd();
  return [`batch of ${batchSize}, ${calls.length} calls, ${(total / 1000).toFixed(3)} ms`, line(head), ...rows.map(line)].join("\n");
}
