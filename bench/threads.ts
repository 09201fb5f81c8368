import { agree } from "./agree.js";
import { interleave, type Pace } from "./measure.js";
import { BATCH, type Net, samplesOf, withoutDropout } from "./nets.js";
import { inNode } from "./peers/remote.js";
import { digits, table, times } from "./table.js";
import { type Compared, compared, unlearning } from "./training.js";

/** wasmind on one thread and on two, each in a process of its own, in milliseconds a step inside `fit`. */
export interface Threaded extends Compared {
  net: string;
  what: string;
  peer: string;
}

/** enough that what begins and ends an epoch does not count */
const STEPS = 40;

/** One step of both gives the same bits; then they take turns. */
export async function compareThreads(net: Net, pace: Pace): Promise<Threaded> {
  const [two, one] = [await inNode("wasmind", 2), await inNode("wasmind", 1)];
  const batch = samplesOf(net, BATCH);
  const certain = withoutDropout(net); // its masks have other seeds in every process
  const trainings = [await two.training!(certain, batch), await one.training!(certain, batch)];
  const [losses, truth] = [[] as number[], [] as number[]];
  for (let step = 0; step < 3; step++) {
    losses.push(await trainings[0].step());
    truth.push(await trainings[1].step());
  }
  agree(`wasmind's ${net.name} on two threads`, losses, truth, 0);
  const timed = [await two.training!(unlearning(net), batch), await one.training!(unlearning(net), batch)];
  const samples = await interleave(
    timed.map(training => training.fit!(STEPS)),
    { ...pace, budgetMs: 6 * pace.budgetMs },
  );
  for (const peer of [two, one]) peer.end();
  return { net: net.name, what: "fit", peer: "wasmind", ...compared(samples.map(all => all.map(ms => ms / STEPS))) };
}

/** Predictions of onnxruntime-web, which has threads in Node, too. */
export async function compareOnnxThreads(net: Net, pace: Pace): Promise<Threaded> {
  const [two, one] = [await inNode("onnxruntime-web", 2), await inNode("onnxruntime-web", 1)];
  const { x } = samplesOf(net, BATCH);
  const tasks = [await two.inference!(net, x), await one.inference!(net, x)];
  agree(`onnxruntime-web's ${net.name} on two threads`, await tasks[0].result(), await tasks[1].result(), 1e-5);
  const samples = await interleave(
    tasks.map(task => task.work),
    pace,
  );
  for (const peer of [two, one]) peer.end();
  return { net: net.name, what: `inference, batch ${BATCH}`, peer: "onnxruntime-web", ...compared(samples) };
}

export function threadsTable(rows: Threaded[]): string {
  return table(
    ["threads", "of", "one, ms", "two, ms", "faster by"],
    rows.map(({ net, what, peer, ours, theirs, ratio }) => [`${net} ${what}`, peer, digits(theirs), digits(ours), times(ratio.median)]),
  );
}
