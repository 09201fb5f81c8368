import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { initEngine } from "../../dist/index.js";
import { clock } from "../measure.js";
import { stepsOf } from "../training.js";
import type { Peer, Task, Training } from "./peer.js";
import { type Answer, base64, floatsOf } from "./remote.js";

// Answers for one peer in a process of its own: serve.ts NAME [THREADS]. `remote.ts` asks.

const [name, threads = "1"] = process.argv.slice(2);
process.env["BENCH_THREADS"] = threads;
const load: Record<string, () => Promise<Peer>> = {
  wasmind: async () => (await import("./wasmind.js")).wasmind,
  "JavaScript kernels": async () => {
    initEngine((await import("../../dist/js.js")).kernels);
    return (await import("./wasmind.js")).wasmind;
  },
  "onnxruntime-web": async () => (await import("./onnxruntime.js")).onnxruntime,
  "tfjs-wasm": async () => (await import("./tfjs.js")).tfjs("wasm"),
  "jax-js": async () => (await import("./jaxjs.js")).jaxjs,
};
const peer = await load[name]();
const held: { training?: Training; task?: Task }[] = [];

async function answer(question: { do: string; handle: number; repeats: number; steps: number; [more: string]: unknown }): Promise<Answer> {
  const { net, x, y } = question as unknown as { net: Parameters<NonNullable<Peer["training"]>>[0]; x: never; y: never };
  const { training, task } = held[question.handle] ?? {};
  switch (question.do) {
    case "hello":
      return {};
    case "training":
      return { handle: held.push({ training: await peer.training!(net, { x, y }) }) - 1 };
    case "inference":
      return { handle: held.push({ task: await peer.inference!(net, x) }) - 1 };
    case "loss":
      return { loss: await training!.step() };
    case "steps":
      return { ms: await clock(stepsOf(training!), question.repeats) };
    case "fit":
      return { ms: await clock(training!.fit!(question.steps), question.repeats) };
    case "predict":
      return { ms: await clock(task!.work, question.repeats) };
    case "result":
      return { result: base64(await task!.result()) };
    case "memory":
      return { memory: { now: process.memoryUsage.rss(), peak: peakMemory() } };
    case "dispose":
      (training ?? task)?.dispose?.();
      delete held[question.handle];
      return {};
    default:
      throw new Error(`nobody answers ${question.do}`);
  }
}

const answers = process.stdout;
for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line, revive)).catch((error: Error): Answer => ({ error: error.message }));
  answers.write(`${JSON.stringify(said)}\n`);
}
process.exit();

/** Numbers come as { shape, data: base64 }. */
function revive(_: string, value: unknown): unknown {
  const { shape, data } = (value ?? {}) as { shape?: number[]; data?: string };
  return shape && typeof data === "string" ? { shape, data: floatsOf(data) } : value;
}

/** Linux counts a parent's memory into its children's maxRSS, but not into their high water mark. */
function peakMemory(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
}
