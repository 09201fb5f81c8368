import { agree } from "./agree.js";
import { interleave, type Pace } from "./measure.js";
import { type Net, samplesOf } from "./nets.js";
import type { Peer } from "./peers/peer.js";
import { digits, table, times } from "./table.js";
import { type Compared, compared } from "./training.js";

/** A peer beside wasmind, in milliseconds a prediction of the whole batch. */
export interface Predicted extends Compared {
  net: string;
  peer: string;
  batch: number;
  error: number;
}

const TOLERANCE = 1e-5;

export async function compareInference(net: Net, batch: number, wasmind: Peer, peer: Peer, pace: Pace): Promise<Predicted> {
  const { x } = samplesOf(net, batch);
  const [ours, theirs] = [await wasmind.inference!(net, x), await peer.inference!(net, x)];
  const error = agree(`${peer.name}'s ${net.name}`, await theirs.result(), await ours.result(), TOLERANCE);
  const samples = await interleave([ours.work, theirs.work], pace);
  ours.dispose?.();
  theirs.dispose?.();
  return { net: net.name, peer: peer.name, batch, error, ...compared(samples) };
}

export function inferenceTable(rows: Predicted[]): string {
  return table(
    ["inference, ms", "batch", "beside", "wasmind", "peer", "ratio", "outputs differ by"],
    rows.map(r => [r.net, String(r.batch), r.peer, digits(r.ours), digits(r.theirs), times(r.ratio.median), r.error.toExponential(0)]),
  );
}
