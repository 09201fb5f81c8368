import { agree } from "./agree.js";
import { interleave, median, type Pace, type Ratio, ratioOf, type Work } from "./measure.js";
import { BATCH, type Net, samplesOf, withoutDropout } from "./nets.js";
import type { Peer, Training } from "./peers/peer.js";
import { digits, table, times } from "./table.js";

/** A peer beside wasmind on one net, in milliseconds a step. */
export interface Trained {
  net: string;
  peer: string;
  batch: Compared;
  fit?: Compared;
  /** the largest difference of the losses before and after the first update */
  error: number;
}

/** wasmind on one net, in milliseconds a step. */
export interface Alone {
  net: string;
  batch: number;
  fit: number;
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

const FIT_STEPS = 20;
/** The rounding of a few float32 reductions, and Adam's epsilon, which not everyone puts in the same place. */
const LOSS_TOLERANCE = 5e-4;

/** Forward, loss, backward and Adam on a batch of 32, step by step and inside each library's own loop. */
export async function compareTraining(net: Net, wasmind: Peer, peer: Peer, pace: Pace): Promise<Trained | Untrained> {
  let theirLosses: number[];
  try {
    theirLosses = await lossesOf(peer, net);
  } catch (error) {
    return { net: net.name, peer: peer.name, cannot: (error as Error).message };
  }
  const error = agree(`${peer.name}'s ${net.name}`, theirLosses, await lossesOf(wasmind, net), LOSS_TOLERANCE);
  const batch = samplesOf(net, BATCH);
  const ours = await wasmind.training!(net, batch);
  const theirs = await peer.training!(net, batch);
  const steps = await interleave([stepsOf(ours), stepsOf(theirs)], pace);
  const trained: Trained = { net: net.name, peer: [peer.name, theirs.remark].filter(Boolean).join(", "), batch: compared(steps), error };
  if (ours.fit && theirs.fit && trained.batch.theirs < 1000) {
    const epochs = await interleave([() => ours.fit!(FIT_STEPS), () => theirs.fit!(FIT_STEPS)], pace);
    trained.fit = compared(epochs.map(samples => samples.map(ms => ms / FIT_STEPS)));
  }
  ours.dispose?.();
  theirs.dispose?.();
  return trained;
}

/** The losses of a few samples with the initial weights, and after one update: the same for everybody. */
async function lossesOf(peer: Peer, net: Net): Promise<number[]> {
  const certain = withoutDropout(net);
  const training = await peer.training!(certain, samplesOf(certain, 4));
  const losses = [await training.step(), await training.step()];
  training.dispose?.();
  return losses;
}

/** As compareTraining, where no peer can, or none has a loop of its own. */
export async function timeTraining(net: Net, wasmind: Peer, pace: Pace): Promise<Alone> {
  const training = await wasmind.training!(net, samplesOf(net, BATCH));
  const [steps] = await interleave([stepsOf(training)], pace);
  const [epochs] = await interleave([() => training.fit!(FIT_STEPS)], pace);
  return { net: net.name, batch: median(steps), fit: median(epochs) / FIT_STEPS };
}

/** Steps without the losses; those of a library that needs no promise make none. */
function stepsOf(training: Training): Work {
  return () => {
    const loss = training.step();
    if (loss instanceof Promise) return loss.then(() => {});
  };
}

export function compared([ours, theirs]: number[][]): Compared {
  return { ours: median(ours), theirs: median(theirs), ratio: ratioOf(theirs, ours) };
}

/** The table, and a line for each peer that is not in it. */
export function trainingTables(trained: Trained[], alone: Alone[], untrained: Untrained[]): string[] {
  const cells = (c?: Compared) => (c ? [digits(c.ours), digits(c.theirs), times(c.ratio.median)] : ["", "", ""]);
  return [
    table(
      ["training, ms a step", "beside", "trainOnBatch: wasmind", "peer", "ratio", "fit: wasmind", "peer", "ratio", "losses differ by"],
      [
        ...trained.map(row => [row.net, row.peer, ...cells(row.batch), ...cells(row.fit), row.error.toExponential(0)]),
        ...alone.map(row => [row.net, "", digits(row.batch), "", "", digits(row.fit), "", "", ""]),
      ],
    ),
    ...untrained.map(({ net, peer, cannot }) => `No ${net} beside ${peer}: ${cannot}`),
  ];
}
