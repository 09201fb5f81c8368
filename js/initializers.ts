import { camelCase, checkChoice, checkNumber, checkSeed, type Identifier, readOptions, resolve } from "./options.js";
import { nextSeed, Random } from "./random.js";
import { sizeOf } from "./tensor.js";

/** Fills a new weight. */
export interface Initializer {
  /** Keras's class name */
  className: string;
  config: Record<string, unknown>;
  /** @param shape [..., fan in, fan out]; the axes before the last two are a receptive field */
  fill(data: Float32Array, shape: readonly number[]): void;
}

/** What an option such as `kernelInitializer` takes: Keras's name, or an initializer. */
export type InitializerLike = string | Initializer | Identifier;

interface Seeded {
  /** null: drawn from the stream that `setSeed` fixes */
  seed?: number | null;
}

type Draw = (random: Random, shape: readonly number[]) => () => number;

/** Keras: an initializer draws its seed when it is made, and gives the same numbers at each call. */
function seeded(
  className: string,
  options: Seeded & Record<string, number | null | undefined>,
  draw: Draw,
  choices: Record<string, string> = {},
): Initializer {
  const { seed: given = null, ...numbers } = options;
  for (const [name, value] of Object.entries(numbers)) {
    checkNumber(camelCase(className), name, value, name === "stddev" ? 0 : Number.NEGATIVE_INFINITY);
  }
  const seed = checkSeed(camelCase(className), given) ?? nextSeed();
  return {
    className,
    config: { ...options, ...choices },
    fill(data, shape) {
      const next = draw(new Random(seed), shape);
      for (let i = 0; i < data.length; i++) data[i] = next();
    },
  };
}

function constantly(className: string, value: number, config: Record<string, unknown> = {}): Initializer {
  return { className, config, fill: data => void data.fill(value) };
}

/**
 * Orthogonal rows, or columns if there are more rows, of length gain: Saxe et al., 2014. All axes but the last count as rows.
 * @param options gain: default 1
 */
export function orthogonal(options: Seeded & { gain?: number } = {}): Initializer {
  const all = readOptions("orthogonal", options, { gain: 1, seed: null as number | null });
  return seeded("Orthogonal", all, (random, shape) => {
    if (shape.length < 2) throw new Error(`orthogonal: expected a weight of two axes or more, got shape [${shape.join(", ")}].`);
    const columns = shape.at(-1)!;
    const rows = sizeOf(shape) / columns;
    const vectors = orthonormal(random, Math.min(rows, columns), Math.max(rows, columns));
    let i = 0;
    return () => {
      const [row, column] = [Math.floor(i / columns), i++ % columns];
      return all.gain * (rows < columns ? vectors[row][column] : vectors[column][row]);
    };
  });
}

/** Random orthogonal vectors of length 1, as Gram and Schmidt make them, twice for precision: Q of QR where R's diagonal is positive. */
function orthonormal(random: Random, count: number, length: number): Float64Array[] {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const done: Float64Array[] = [];
  while (done.length < count) {
    const v = new Float64Array(length).map(() => random.normal());
    for (const u of [...done, ...done]) {
      const share = dot(u, v);
      for (let i = 0; i < length; i++) v[i] -= share * u[i];
    }
    const norm = Math.sqrt(dot(v, v));
    done.push(v.map(x => x / norm));
  }
  return done;
}

/** The identity matrix times gain; for matrices alone. @param options gain: default 1 */
export function identity(options: { gain?: number } = {}): Initializer {
  const { gain } = readOptions("identity", options, { gain: 1 });
  checkNumber("identity", "gain", gain, Number.NEGATIVE_INFINITY);
  return {
    className: "Identity",
    config: { gain },
    fill(data, shape) {
      if (shape.length !== 2) throw new Error(`identity: expected a weight of two axes, got shape [${shape.join(", ")}].`);
      const columns = shape[1];
      data.forEach((_, i) => {
        data[i] = Math.floor(i / columns) === i % columns ? gain : 0;
      });
    },
  };
}

/** Normal numbers, drawn again while they are over two deviations from the mean. */
function truncatedNormalFrom(random: Random, mean: number, stddev: number): number {
  for (;;) {
    const z = random.normal();
    if (Math.abs(z) <= 2) return mean + stddev * z;
  }
}

export function zeros(): Initializer {
  return constantly("Zeros", 0);
}

export function ones(): Initializer {
  return constantly("Ones", 1);
}

/** @param options value: default 0 */
export function constant(options: { value?: number } = {}): Initializer {
  const { value } = readOptions("constant", options, { value: 0 });
  checkNumber("constant", "value", value, Number.NEGATIVE_INFINITY);
  return constantly("Constant", value, { value });
}

/** Normal numbers; mean 0 and stddev 0.05 by default. */
export function randomNormal(options: Seeded & { mean?: number; stddev?: number } = {}): Initializer {
  const all = readOptions("randomNormal", options, { mean: 0, stddev: 0.05, seed: null as number | null });
  return seeded("RandomNormal", all, random => () => all.mean + all.stddev * random.normal());
}

/** Even numbers; from -0.05 to 0.05 by default. */
export function randomUniform(options: Seeded & { minval?: number; maxval?: number } = {}): Initializer {
  const all = readOptions("randomUniform", options, { minval: -0.05, maxval: 0.05, seed: null as number | null });
  return seeded("RandomUniform", all, random => () => all.minval + (all.maxval - all.minval) * random.uniform());
}

/** Normal numbers within two deviations of the mean; mean 0 and stddev 0.05 by default. */
export function truncatedNormal(options: Seeded & { mean?: number; stddev?: number } = {}): Initializer {
  const all = readOptions("truncatedNormal", options, { mean: 0, stddev: 0.05, seed: null as number | null });
  return seeded("TruncatedNormal", all, random => () => truncatedNormalFrom(random, all.mean, all.stddev));
}

/** What flows in and out of a weight, as Keras counts it. */
function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0], fanOut: shape[0] };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}

/** Keras's names; "normal" is "truncated_normal". */
type Distribution = "truncated_normal" | "untruncated_normal" | "uniform" | "normal";
interface Scaling {
  scale: number;
  mode: "fan_in" | "fan_out" | "fan_avg";
  distribution: Distribution;
}

/** The deviation of a standard normal number that is cut off at ±2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Numbers of mean 0 and variance scale / fan. */
function scaled({ scale, mode, distribution }: Scaling): Draw {
  return (random, shape) => {
    const { fanIn, fanOut } = fansOf(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode];
    const stddev = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === "uniform") return () => Math.sqrt(3) * stddev * (2 * random.uniform() - 1);
    if (distribution === "untruncated_normal") return () => stddev * random.normal();
    return () => truncatedNormalFrom(random, 0, stddev / TRUNCATED_DEVIATION);
  };
}

/**
 * Numbers whose variance is scale / fan, the fan being what flows into a weight, out of it, or the mean of both: a receptive field times
 * the last axis but one, or the last.
 * @param options scale: default 1; mode: "fan_in", which is the default, "fan_out" or "fan_avg"; distribution: "truncated_normal", which is the
 * default (normal, drawn again while over two deviations from 0), "untruncated_normal" or "uniform"
 */
export function varianceScaling(options: Seeded & Partial<Scaling> = {}): Initializer {
  const defaults: Seeded & Scaling = { scale: 1, mode: "fan_in", distribution: "truncated_normal", seed: null };
  const { seed, scale, mode, distribution } = readOptions("varianceScaling", options, defaults);
  if (!(checkNumber("varianceScaling", "scale", scale, 0) > 0)) throw new Error(`varianceScaling: scale must be over 0, got ${scale}.`);
  checkChoice("varianceScaling", "mode", mode, ["fan_in", "fan_out", "fan_avg"]);
  checkChoice("varianceScaling", "distribution", distribution, ["truncated_normal", "untruncated_normal", "uniform", "normal"]);
  return seeded("VarianceScaling", { scale, seed }, scaled({ scale, mode, distribution }), { mode, distribution });
}

function namedScaling(className: string, scale: number, mode: Scaling["mode"], distribution: Distribution) {
  return (options: Seeded = {}): Initializer => {
    const all = readOptions(camelCase(className), options, { seed: null as number | null });
    return seeded(className, all, scaled({ scale, mode, distribution }));
  };
}

/** Even in ±√(6 / (fan in + fan out)): Glorot and Bengio, 2010. Keras's default for kernels. */
export const glorotUniform = namedScaling("GlorotUniform", 1, "fan_avg", "uniform");
/** Truncated normal of variance 2 / (fan in + fan out): Glorot and Bengio, 2010. */
export const glorotNormal = namedScaling("GlorotNormal", 1, "fan_avg", "truncated_normal");
/** Even in ±√(6 / fan in): He et al., 2015. */
export const heUniform = namedScaling("HeUniform", 2, "fan_in", "uniform");
/** Truncated normal of variance 2 / fan in: He et al., 2015. */
export const heNormal = namedScaling("HeNormal", 2, "fan_in", "truncated_normal");
/** Even in ±√(3 / fan in): LeCun et al., 1998. */
export const lecunUniform = namedScaling("LecunUniform", 1, "fan_in", "uniform");
/** Truncated normal of variance 1 / fan in: LeCun et al., 1998. */
export const lecunNormal = namedScaling("LecunNormal", 1, "fan_in", "truncated_normal");

const byName: Record<string, (options?: object) => Initializer> = {
  zeros,
  ones,
  constant,
  randomNormal,
  randomUniform,
  truncatedNormal,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  varianceScaling,
  orthogonal,
  identity,
  identityInitializer: identity,
  orthogonalInitializer: orthogonal,
  zero: zeros,
  one: ones,
  normal: randomNormal,
  uniform: randomUniform,
};

/** An initializer from Keras's name, or from what a file says of it. @internal */
export function resolveInitializer(where: string, option: string, given: InitializerLike): Initializer {
  return resolve(where, option, given, "fill", byName);
}
