import type { Work } from "../measure.js";
import type { Floats, Net, Values } from "../nets.js";

/** of a library in this process that can have several */
export const THREADS = Number(process.env["BENCH_THREADS"] ?? 1);

/** A library beside which wasmind is measured. What it cannot do it leaves out, or refuses with an error that says why. */
export interface Peer {
  name: string;
  /** A product of matrices that are stored transposed or not. */
  product?(shape: Product): Promise<Task>;
  /** A convolution with stride 1, images and filters in the layout that the peer likes best. */
  convolution?(shape: Convolution): Promise<Task>;
  /** The net nearest to the one that is asked for which the peer can train, where it cannot train that very one. */
  nearest?(net: Net): { net: Net; remark: string };
  /** after how many samples it updates, where that is not a batch */
  samplesAnUpdate?: number;
  training?(net: Net, batch: { x: Values; y: Values }): Promise<Training>;
  /** The net with its initial weights, predicting the whole of x. */
  inference?(net: Net, x: Values): Promise<Task>;
}

/** C[m,n] = A[m,k] · B[k,n], where A is stored [k,m] if transposeA, B [n,k] if transposeB. */
export interface Product {
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  a: Floats;
  b: Floats;
}

/** Y[batch, out, out, filters] = X[batch, height, width, channels] ⋆ W[size, size, channels, filters], with `padding` zeros on all sides. */
export interface Convolution {
  batch: number;
  height: number;
  width: number;
  channels: number;
  filters: number;
  size: number;
  padding: number;
  x: Floats;
  w: Floats;
}

/** Something a peer does again and again, and what came out. */
export interface Task {
  work: Work;
  result(): Promise<Float32Array>;
  dispose?(): void;
}

/** A compiled model and a batch. */
export interface Training {
  /** One step on the batch; the loss before the update. */
  step(): number | Promise<number>;
  /** the same, to be timed, where `step` itself is not what to time */
  steps?: Work;
  /** One epoch of so many steps through the library's own loop. */
  fit?(steps: number, epochs?: number): Work;
  dispose?(): void;
}
