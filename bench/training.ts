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
  const cannot = await reasonNotTo(peer, net);
  if (cannot) return { net: net.name, peer: peer.name, cannot };
  const error = await agreeOnLosses(net, wasmind, peer);
  const batch = samplesOf(net, BATCH);
  const ours = await wasmind.training!(net, batch);
  const theirs = await peer.training!(net, batch);
  const steps = await interleave([stepsOf(ours), stepsOf(theirs)], pace);
  const trained: Trained = { net: net.name, peer: peer.name, batch: compared(steps), error };
  if (ours.fit && theirs.fit && trained.batch.theirs < 1000) {
    const epochs = await interleave([() => ours.fit!(FIT_STEPS), () => theirs.fit!(FIT_STEPS)], pace);
    trained.fit = compared(epochs.map(samples => samples.map(ms => ms / FIT_STEPS)));
  }
  ours.dispose?.();
  theirs.dispose?.();
  return trained;
}

/** Steps without the losses; those of a library that needs no promise make none. */
function stepsOf(training: Training): Work {
  return () => {
    const loss = training.step();
    if (loss instanceof Promise) return loss.then(() => {});
  };
}

/** What a peer says when it is asked for one small step. */
async function reasonNotTo(peer: Peer, net: Net): Promise<string | undefined> {
  try {
    const training = await peer.training!(net, samplesOf(net, 1));
    await training.step();
    training.dispose?.();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same weights and samples give the same loss, and the same loss again after one update. */
async function agreeOnLosses(net: Net, wasmind: Peer, peer: Peer): Promise<number> {
  const certain = withoutDropout(net);
  const batch = samplesOf(certain, 4);
  const [ours, theirs] = [await wasmind.training!(certain, batch), await peer.training!(certain, batch)];
  const losses = [await ours.step(), await ours.step()];
  const error = agree(`${peer.name}'s ${net.name}`, [await theirs.step(), await theirs.step()], losses, LOSS_TOLERANCE);
  ours.dispose?.();
  theirs.dispose?.();
  return error;
}

export function compared([ours, theirs]: number[][]): Compared {
  return { ours: median(ours), theirs: median(theirs), ratio: ratioOf(theirs, ours) };
}

/** The table, and a line for each peer that is not in it. */
export function trainingTables(rows: (Trained | Untrained)[]): string[] {
  const cells = (c?: Compared) => (c ? [digits(c.ours), digits(c.theirs), times(c.ratio.median)] : ["", "", ""]);
  const trained = rows.filter((row): row is Trained => "batch" in row);
  const untrained = rows.filter((row): row is Untrained => "cannot" in row);
  return [
    table(
      ["training, ms a step", "beside", "trainOnBatch: wasmind", "peer", "ratio", "fit: wasmind", "peer", "ratio", "losses differ by"],
      trained.map(row => [row.net, row.peer, ...cells(row.batch), ...cells(row.fit), row.error.toExponential(0)]),
    ),
    ...untrained.map(({ net, peer, cannot }) => `No ${net} beside ${peer}: ${cannot}`),
  ];
}
