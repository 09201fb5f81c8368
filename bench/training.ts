import { agree } from "./agree.js";
import { interleave, median, type Pace, type Ratio, ratioOf, type Work } from "./measure.js";
import { BATCH, type Net, samplesOf, withoutDropout } from "./nets.js";
import type { Peer, Training } from "./peers/peer.js";
import { digits, table, times } from "./table.js";

/** A peer beside wasmind on one net, in milliseconds a step. */
export interface Trained {
  net: string;
  peer: string;
  /** what a reader of its times should know */
  remark: string;
  batch: Compared;
  fit?: Compared;
  /** the largest difference of the losses before and after the first update */
  error: number;
}

/** A peer that has no way to train a net. */
export interface Untrained {
  net: string;
  peer: string;
  cannot: string;
}

export interface Compared {
  ours: number;
  theirs: number;
  ratio: Ratio;
}

/** The rounding of a few float32 reductions, and Adam's epsilon, which not everyone puts in the same place. */
const LOSS_TOLERANCE = 5e-4;

/** An epoch's steps: enough of them to last about 40 ms. */
const epochOf = (net: Net) => (net.name === "MLP" ? 100 : 10);

/** Forward, loss, backward and update on a batch of 32, step by step and inside each library's own loop. */
export async function compareTraining(net: Net, wasmind: Peer, peer: Peer, pace: Pace): Promise<Trained | Untrained> {
  const { net: own, remark } = peer.nearest?.(net) ?? { net, remark: "" };
  let theirLosses: number[];
  try {
    if (!peer.training) throw new Error("it predicts only");
    theirLosses = await lossesOf(peer, own, peer.samplesAnUpdate);
  } catch (error) {
    return { net: net.name, peer: peer.name, cannot: (error as Error).message.split("\n")[0] };
  }
  const error = agree(`${peer.name}'s ${net.name}`, theirLosses, await lossesOf(wasmind, own, peer.samplesAnUpdate), LOSS_TOLERANCE);
  const [timed, batch] = [unlearning(own), samplesOf(own, BATCH)];
  const ours = await wasmind.training!(timed, batch);
  const theirs = await peer.training(timed, batch);
  const trained: Trained = {
    net: net.name,
    peer: peer.name,
    remark,
    batch: compared(await interleave([stepsOf(ours), stepsOf(theirs)], pace)),
    error,
  };
  const steps = epochOf(net);
  if (ours.fit && theirs.fit && trained.batch.theirs < LONGEST) {
    const epochs = await interleave([ours.fit(steps), theirs.fit(steps)], { ...pace, budgetMs: 2 * pace.budgetMs });
    trained.fit = compared(epochs.map(samples => samples.map(ms => ms / steps)));
  }
  ours.dispose?.();
  theirs.dispose?.();
  return trained;
}

/** Thousands of steps on the same samples would learn them by heart: gradients would become denormal numbers, and a step no longer the usual one. */
export const unlearning = (net: Net): Net => ({ ...net, optimizer: { ...net.optimizer, learningRate: 1e-8 } });

/** Milliseconds a step beyond which an epoch would take too long. */
const LONGEST = 1000;

/** The losses of a few samples with the initial weights, and after one update: the same for everybody. */
async function lossesOf(peer: Peer, net: Net, samples = 4): Promise<number[]> {
  const certain = withoutDropout(net);
  const training = await peer.training!(certain, samplesOf(certain, samples));
  const losses = [await training.step(), await training.step()];
  training.dispose?.();
  return losses;
}

/** Steps without the losses; those of a library that needs no promise make none. */
export function stepsOf(training: Training): Work {
  if (training.steps) return training.steps;
  return () => {
    const loss = training.step();
    if (loss instanceof Promise) return loss.then(() => {});
  };
}

export function compared([ours, theirs]: number[][]): Compared {
  return { ours: median(ours), theirs: median(theirs), ratio: ratioOf(theirs, ours) };
}

/** The table, and a line for each peer that is not in it. */
export function trainingTables(trained: Trained[], untrained: Untrained[]): string[] {
  const cells = (c?: Compared) => (c ? [digits(c.ours), digits(c.theirs), times(c.ratio.median)] : ["", "", ""]);
  const head = [
    "training, ms a step",
    "beside",
    "fit: wasmind",
    "peer",
    "ratio",
    "trainOnBatch: wasmind",
    "peer",
    "ratio",
    "losses differ by",
  ];
  return [
    table(
      head,
      trained.map(row => [
        row.net,
        row.remark ? `${row.peer} (${row.remark})` : row.peer,
        ...cells(row.fit),
        ...cells(row.batch),
        row.error.toExponential(0),
      ]),
    ),
    ...untrained.map(({ net, peer, cannot }) => `No ${net} beside ${peer}: ${cannot}`),
  ];
}
