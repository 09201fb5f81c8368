import { Session } from "node:inspector/promises";
import { BATCH, type Net, samplesOf } from "./nets.js";
import type { Peer } from "./peers/peer.js";
import { percent, table } from "./table.js";
import { unlearning } from "./training.js";

/** Where the time inside `fit` goes, as shares of it. */
export interface Overhead {
  net: string;
  kernels: number;
  /** everything else: the loop, copying batches, callbacks, checks, garbage */
  own: number;
}

const SAMPLING_US = 100;

/** as few as anybody trains for: data is checked once, before the first */
const EPOCHS = 5;

/** V8's profiler looks every 100 µs what runs: a kernel, or anything else. */
export async function overheadOf(wasmind: Peer, net: Net, ms: number): Promise<Overhead> {
  const training = await wasmind.training!(unlearning(net), samplesOf(net, BATCH));
  const epoch = training.fit!(net.name === "MLP" ? 200 : 20, EPOCHS) as () => Promise<void>;
  const run = async (ms: number) => {
    const end = performance.now() + ms;
    while (performance.now() < end) await epoch();
  };
  await run(ms / 2);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLING_US });
  await session.post("Profiler.start");
  await run(ms);
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  let [kernels, own] = [0, 0];
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    if (callFrame.url.startsWith("wasm:")) kernels += hitCount;
    else if (callFrame.functionName !== "(idle)") own += hitCount;
  }
  if (kernels === 0) throw new Error("the profiler saw no kernel");
  return { net: net.name, kernels: kernels / (kernels + own), own: own / (kernels + own) };
}

export function overheadTable(rows: Overhead[]): string {
  return table(
    ["inside fit", "kernels", "everything else"],
    rows.map(({ net, kernels, own }) => [net, percent(kernels, 1), percent(own, 1)]),
  );
}
