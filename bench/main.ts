import { parseArgs } from "node:util";
import { firstTable, timeFirst } from "./first.js";
import { growthTable } from "./growth.js";
import { compareInference, inferenceTable } from "./inference.js";
import { benchCases, kernelTables, timeKernel } from "./kernels.js";
import { machine } from "./machine.js";
import { interleave, median, type Pace, type Work } from "./measure.js";
import { type Held, memoryOf, memoryTable } from "./memory.js";
import { BATCH, nets, withoutDropout } from "./nets.js";
import { overheadOf, overheadTable } from "./overhead.js";
import { adding, findPeak } from "./peak.js";
import { brain } from "./peers/brainjs.js";
import { convnet } from "./peers/convnetjs.js";
import { jaxjs } from "./peers/jaxjs.js";
import { NATIVE, native } from "./peers/native.js";
import { onnxruntime } from "./peers/onnxruntime.js";
import type { Peer } from "./peers/peer.js";
import { inNode } from "./peers/remote.js";
import { tfjs } from "./peers/tfjs.js";
import { wasmind } from "./peers/wasmind.js";
import { serve, servingTable } from "./serving.js";
import { digits } from "./table.js";
import { type Facts, targets } from "./targets.js";
import { compareOnnxThreads, compareThreads, threadsTable } from "./threads.js";
import { compareTraining, trainingTables, type Untrained } from "./training.js";

const sections = { kernels, training, inference, threads, first, serving, overhead, memory, growth };
const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    net: { type: "string" },
    beside: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
if (flags.only !== undefined && !Object.hasOwn(sections, flags.only))
  throw new Error(`--only takes ${Object.keys(sections).join(", ")}, got ${flags.only}`);
const wantedNets = nets.filter(({ name }) => name === (flags.net?.toUpperCase() ?? name));
const isWanted = ({ name }: Peer) => name.toLowerCase().startsWith(flags.beside?.toLowerCase() ?? "");

const QUICK: Pace = { rounds: 15, sampleMs: 1, warmUpMs: 100, budgetMs: 300 };
const FULL: Pace = { rounds: 21, sampleMs: 2, warmUpMs: 200, budgetMs: 600 };
const pace = flags.quick ? QUICK : FULL;
const [wasm, cpu] = [tfjs("wasm"), tfjs("cpu")];
const facts: Facts = { kernels: [], trained: [], predicted: [], first: [], overheads: [], threaded: [] };

console.log(`${machine()}\n`);
for (const [name, section] of Object.entries(sections)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const begin = performance.now();
  const lines = await section();
  progress("");
  console.log(`${lines.join("\n\n")}\n`);
  console.error(`${name}: ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
}
const asked = targets(facts);
if (asked) console.log(asked);
process.exit();

async function kernels(): Promise<string[]> {
  const peak = await findPeak(pace);
  const sizes = [
    [32 * 1024, "32 KB"],
    [1024 * 1024, "1 MB"],
    [64 * 1024 * 1024, "64 MB"],
  ] as const;
  const copies = [];
  for (const [bytes, name] of sizes) copies.push(`${digits(await speedOf(adding(bytes)))} GB/s within ${name}`);
  const limits = [
    `Peak of one thread: ${digits(await speedOf(peak))} GFLOP/s (${peak.name} of f32x4 multiplications and additions on registers).`,
    `y += x reads and writes ${copies.join(", ")}.`,
  ];
  const peers = [wasm, onnxruntime, jaxjs].filter(isWanted);
  for (const benchCase of benchCases.filter(({ flops = 0 }) => flops < (flags.quick ? 1e9 : Number.POSITIVE_INFINITY))) {
    progress(`${benchCase.calls.map(call => call.kernel)} ${benchCase.label}`);
    facts.kernels.push(await timeKernel(benchCase, peak, peers, pace));
  }
  return [limits.join("\n"), ...kernelTables(facts.kernels, peers)];
}

async function training(): Promise<string[]> {
  const untrained: Untrained[] = [];
  const found = await Promise.all((Object.keys(NATIVE) as (keyof typeof NATIVE)[]).map(native));
  const natives = found.filter(peer => typeof peer !== "string");
  const said = found.map(peer => (typeof peer === "string" ? peer : `${peer.name}: ${peer.versions}, on one core.`));
  const scalar = await inNode("JavaScript kernels");
  const peers = [...natives, wasm, cpu, jaxjs, brain, convnet, scalar].filter(isWanted);
  for (const net of wantedNets) {
    for (const peer of peers) {
      progress(`training the ${net.name} beside ${peer.name}`);
      const isSlow = flags.quick && net.name !== "MLP" && (peer === cpu || peer === jaxjs || peer === convnet);
      const row = isSlow
        ? { net: net.name, peer: peer.name, cannot: "left out of --quick" }
        : await compareTraining(net, wasmind, peer, pace);
      if ("cannot" in row) untrained.push(row);
      else facts.trained.push(row);
    }
  }
  for (const peer of [...natives, scalar]) peer.end();
  return [said.join("\n"), ...trainingTables(facts.trained, untrained)];
}

async function inference(): Promise<string[]> {
  for (const net of wantedNets.map(withoutDropout)) {
    for (const batch of [1, BATCH]) {
      for (const peer of [onnxruntime, wasm].filter(isWanted)) {
        progress(`predicting with the ${net.name} beside ${peer.name}`);
        facts.predicted.push(await compareInference(net, batch, wasmind, peer, pace));
      }
    }
  }
  return [inferenceTable(facts.predicted)];
}

async function threads(): Promise<string[]> {
  for (const net of wantedNets) {
    progress(`the ${net.name} on one thread and two`);
    facts.threaded.push(await compareThreads(net, pace));
    facts.threaded.push(await compareOnnxThreads(withoutDropout(net), pace));
  }
  return [threadsTable(facts.threaded)];
}

async function first(): Promise<string[]> {
  progress("first predictions");
  facts.first = await timeFirst(flags.quick ? 3 : 11);
  return [firstTable(facts.first)];
}

async function serving(): Promise<string[]> {
  progress("the server under load");
  return [servingTable(await serve(flags.quick ? 10 : 60))];
}

async function overhead(): Promise<string[]> {
  for (const net of wantedNets) {
    progress(`profiling fit with the ${net.name}`);
    facts.overheads.push(await overheadOf(wasmind, net, flags.quick ? 1000 : 4000));
  }
  return [overheadTable(facts.overheads)];
}

async function memory(): Promise<string[]> {
  const rows: Held[] = [];
  const starts = [
    ...["wasmind", "tfjs-wasm", "jax-js"].map(name => () => inNode(name)),
    ...(["keras", "torch"] as const).map(which => async () => {
      const peer = await native(which);
      if (typeof peer === "string") throw new Error(peer);
      return peer;
    }),
  ];
  for (const net of wantedNets) {
    for (const start of starts) {
      progress(`memory of the ${net.name}`);
      rows.push(...(await memoryOf(start, net)));
    }
  }
  return [memoryTable(rows)];
}

async function growth(): Promise<string[]> {
  return [await growthTable(wasmind, pace, progress)];
}

async function speedOf({ work, giga }: { work: Work; giga: number }): Promise<number> {
  const [samples] = await interleave([work], pace);
  return (giga / median(samples)) * 1e3;
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
