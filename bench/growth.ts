import { interleave, type Pace } from "./measure.js";
import { type Layer, mlp, type Net, samplesOf } from "./nets.js";
import type { Peer } from "./peers/peer.js";
import { digits, table } from "./table.js";
import { stepsOf, unlearning } from "./training.js";

/** One size of a net grows, all others stay. */
interface Growth {
  what: string;
  sizes: number[];
  /** the power of the size that the work grows with where the size is large */
  power: number;
  net: (size: number) => Net;
  batch?: (size: number) => number;
}

const hidden = (units: number): Layer => ({ type: "dense", units, activation: "relu" });
const classes: Layer = { type: "dense", units: 10, activation: "softmax" };
const ofSteps = (steps: number): Net => ({
  ...mlp,
  name: `LSTM of ${steps} steps`,
  inputShape: [steps, 1],
  layers: [{ type: "lstm", units: 64 }, classes],
});
const conv: Layer = { type: "conv2d", filters: 32, kernelSize: 3, activation: "relu" };

const GROWTHS: Growth[] = [
  { what: "MLP, batch", sizes: [16, 32, 64, 128, 256, 512], power: 1, net: () => mlp, batch: size => size },
  { what: "dense(256) layers, depth", sizes: [2, 4, 8, 16, 32], power: 1, net: depth => deep(256, depth) },
  { what: "four dense layers, width", sizes: [64, 128, 256, 512, 1024], power: 2, net: width => deep(width, 4) },
  { what: "LSTM(64), steps", sizes: [16, 32, 64, 128, 256, 512], power: 1, net: ofSteps },
  {
    what: "two convolutions of 32 filters, side of the image",
    sizes: [12, 24, 48, 96],
    power: 2,
    net: side => ({
      ...mlp,
      inputShape: [side, side, 1],
      layers: [conv, conv, { type: "maxPooling2d", poolSize: side - 4 }, { type: "flatten" }, classes],
    }),
    batch: () => 8,
  },
];

const deep = (width: number, depth: number): Net => ({
  ...mlp,
  inputShape: [width],
  layers: [...Array.from({ length: depth }, () => hidden(width)), classes],
});

/** A training step as one size grows: twice the size should take 2^power the time. */
export async function growthTable(wasmind: Peer, pace: Pace, progress: (what: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const { what, sizes, power, net, batch = () => 32 } of GROWTHS) {
    progress(what);
    const works = [];
    for (const size of sizes) works.push(stepsOf(await wasmind.training!(unlearning(net(size)), samplesOf(net(size), batch(size)))));
    const times = (await interleave(works, { ...pace, budgetMs: pace.budgetMs / 2 })).map(samples => Math.min(...samples));
    const spots = sizes.map((size, i) => [Math.log(size), Math.log(times[i])] as const);
    rows.push([what, sizes.join(" "), times.map(digits).join(" "), `${power}`, slope(spots).toFixed(2), slope(spots.slice(-2)).toFixed(2)]);
  }
  return table(["a training step as it grows", "sizes", "ms, fastest", "power expected", "power found", "of the last two"], rows);
}

/** Of the straight line nearest to the spots. */
function slope(spots: (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(spots.map(([x]) => x)), mean(spots.map(([, y]) => y))];
  return mean(spots.map(([x, y]) => (x - mx) * (y - my))) / mean(spots.map(([x]) => (x - mx) ** 2));
}
