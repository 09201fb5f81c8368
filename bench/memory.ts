import { BATCH, type Net, samplesOf } from "./nets.js";
import type { Remote } from "./peers/remote.js";
import { digits, table } from "./table.js";

/** The most memory of a process that trained, and how much of that it had before. */
export interface Held {
  net: string;
  peer: string;
  before: number;
  peak: number;
}

const STEPS = 5;

/** Trains a few steps in a fresh process; nothing for a peer that is missing or cannot: the training tables say why. */
export async function memoryOf(start: () => Promise<Remote>, net: Net): Promise<Held[]> {
  let peer: Remote | undefined;
  try {
    peer = await start();
    const { now: before } = await peer.memory();
    const training = await peer.training!(net, samplesOf(net, BATCH));
    for (let i = 0; i < STEPS; i++) await training.step();
    return [{ net: net.name, peer: peer.name, before, peak: (await peer.memory()).peak }];
  } catch {
    return [];
  } finally {
    peer?.end();
  }
}

export function memoryTable(rows: Held[]): string {
  const mb = (bytes: number) => digits(bytes / 2 ** 20);
  return table(
    ["peak memory of training, MB", "of", "whole process", "loaded, before the model", "the model and its steps"],
    rows.map(({ net, peer, before, peak }) => [net, peer, mb(peak), mb(before), mb(peak - before)]),
  );
}
