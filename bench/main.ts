import { parseArgs } from "node:util";
import { compareInference, inferenceTable, type Predicted } from "./inference.js";
import { benchCases, type KernelRow, kernelTables, timeKernel } from "./kernels.js";
import { machine } from "./machine.js";
import { interleave, median, type Pace, type Work } from "./measure.js";
import { BATCH, nets, withoutDropout } from "./nets.js";
import { adding, findPeak } from "./peak.js";
import { brain } from "./peers/brainjs.js";
import { convnet } from "./peers/convnetjs.js";
import { jaxjs } from "./peers/jaxjs.js";
import { NATIVE, native } from "./peers/native.js";
import { onnxruntime } from "./peers/onnxruntime.js";
import type { Peer } from "./peers/peer.js";
import { tfjs } from "./peers/tfjs.js";
import { wasmind } from "./peers/wasmind.js";
import { digits } from "./table.js";
import { targets } from "./targets.js";
import { compareTraining, type Trained, trainingTables, type Untrained } from "./training.js";

const SECTIONS = ["kernels", "training", "inference"] as const;
const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    net: { type: "string" },
    beside: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
if (flags.only !== undefined && !SECTIONS.some(section => section === flags.only))
  throw new Error(`--only takes ${SECTIONS.join(", ")}, got ${flags.only}`);
const wants = (section: (typeof SECTIONS)[number]) => flags.only === undefined || flags.only === section;
const wantedNets = nets.filter(({ name }) => name === (flags.net?.toUpperCase() ?? name));
const isWanted = ({ name }: Peer) => name.toLowerCase().startsWith(flags.beside?.toLowerCase() ?? "");

const QUICK: Pace = { rounds: 15, sampleMs: 1, warmUpMs: 100, budgetMs: 300 };
const FULL: Pace = { rounds: 41, sampleMs: 2, warmUpMs: 300, budgetMs: 1000 };
/** On a busy machine the rest is hurried after so long. */
const PATIENCE_MS = 240_000;
const pace = () => (flags.quick || performance.now() > PATIENCE_MS ? QUICK : FULL);
const [wasm, cpu] = [tfjs("wasm"), tfjs("cpu")];
const kernelRows: KernelRow[] = [];
const trained: Trained[] = [];

console.log(`${machine()}\n`);

if (wants("kernels")) {
  const peak = await findPeak(pace());
  console.log(
    `Peak of one thread: ${digits(await speedOf(peak))} GFLOP/s (${peak.name} of f32x4 multiplications and additions on registers).`,
  );
  const sizes = [
    [32 * 1024, "32 KB"],
    [1024 * 1024, "1 MB"],
    [64 * 1024 * 1024, "64 MB"],
  ] as const;
  const copies = [];
  for (const [bytes, name] of sizes) copies.push(`${digits(await speedOf(adding(bytes)))} GB/s within ${name}`);
  console.log(`y += x reads and writes ${copies.join(", ")}.\n`);
  for (const benchCase of benchCases.filter(({ flops = 0 }) => flops < (flags.quick ? 1e9 : Number.POSITIVE_INFINITY))) {
    progress(`${benchCase.calls.map(call => call.kernel)} ${benchCase.label}`);
    kernelRows.push(await timeKernel(benchCase, peak, [wasm, onnxruntime, jaxjs], pace()));
  }
  progress("");
  for (const text of kernelTables(kernelRows, [wasm, onnxruntime, jaxjs])) console.log(`${text}\n`);
}

if (wants("training")) {
  const untrained: Untrained[] = [];
  const found = await Promise.all((Object.keys(NATIVE) as (keyof typeof NATIVE)[]).map(native));
  for (const missing of found) if (typeof missing === "string") console.log(missing);
  const natives = found.filter(peer => typeof peer !== "string");
  if (natives.length) console.log(`On one core: ${[...new Set(natives.map(peer => peer.versions))].join(" · ")}\n`);
  for (const net of wantedNets) {
    for (const peer of [...natives, wasm, cpu, jaxjs, brain, convnet].filter(isWanted)) {
      progress(`training the ${net.name} beside ${peer.name}`);
      const row = await compareTraining(net, wasmind, peer, flags.quick ? QUICK : pace());
      if ("cannot" in row) untrained.push(row);
      else trained.push(row);
    }
  }
  progress("");
  console.log(`${trainingTables(trained, untrained).join("\n\n")}\n`);
}

if (wants("inference")) {
  const rows: Predicted[] = [];
  for (const net of wantedNets.map(withoutDropout)) {
    for (const batch of [1, BATCH]) {
      for (const peer of [onnxruntime, wasm].filter(isWanted)) {
        progress(`predicting with the ${net.name} beside ${peer.name}`);
        rows.push(await compareInference(net, batch, wasmind, peer, pace()));
      }
    }
  }
  progress("");
  console.log(`${inferenceTable(rows)}\n`);
}

const asked = targets(kernelRows, trained);
if (asked) console.log(asked);

async function speedOf({ work, giga }: { work: Work; giga: number }): Promise<number> {
  const [samples] = await interleave([work], pace());
  return (giga / median(samples)) * 1e3;
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
