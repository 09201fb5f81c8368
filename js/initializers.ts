import { camelCase, checkNumber, checkSeed, type Identifier, readOptions, resolve } from "./options.js";
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
function seeded(className: string, options: Seeded, draw: Draw): Initializer {
  const { seed: given = null, ...numbers } = options;
  for (const [name, value] of Object.entries(numbers)) {
    checkNumber(camelCase(className), name, value, name === "stddev" ? 0 : Number.NEGATIVE_INFINITY);
  }
  const seed = checkSeed(camelCase(className), given) ?? nextSeed();
  return {
    className,
    config: { ...options },
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
export function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0], fanOut: shape[0] };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}

type Mode = "fanIn" | "fanAvg";

/** The deviation of a standard normal number that is cut off at ±2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

function varianceScaling(className: string, scale: number, mode: Mode, distribution: "normal" | "uniform") {
  return (options: Seeded = {}): Initializer => {
    const all = readOptions(camelCase(className), options, { seed: null as number | null });
    return seeded(className, all, (random, shape) => {
      const { fanIn, fanOut } = fansOf(shape);
      const variance = scale / Math.max(1, mode === "fanIn" ? fanIn : (fanIn + fanOut) / 2);
      if (distribution === "uniform") {
        const limit = Math.sqrt(3 * variance);
        return () => limit * (2 * random.uniform() - 1);
      }
      const stddev = Math.sqrt(variance) / TRUNCATED_DEVIATION;
      return () => truncatedNormalFrom(random, 0, stddev);
    });
  };
}

/** Even in ±√(6 / (fan in + fan out)): Glorot and Bengio, 2010. Keras's default for kernels. */
export const glorotUniform = varianceScaling("GlorotUniform", 1, "fanAvg", "uniform");
/** Truncated normal of variance 2 / (fan in + fan out): Glorot and Bengio, 2010. */
export const glorotNormal = varianceScaling("GlorotNormal", 1, "fanAvg", "normal");
/** Even in ±√(6 / fan in): He et al., 2015. */
export const heUniform = varianceScaling("HeUniform", 2, "fanIn", "uniform");
/** Truncated normal of variance 2 / fan in: He et al., 2015. */
export const heNormal = varianceScaling("HeNormal", 2, "fanIn", "normal");
/** Even in ±√(3 / fan in): LeCun et al., 1998. */
export const lecunUniform = varianceScaling("LecunUniform", 1, "fanIn", "uniform");
/** Truncated normal of variance 1 / fan in: LeCun et al., 1998. */
export const lecunNormal = varianceScaling("LecunNormal", 1, "fanIn", "normal");

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
  orthogonal,
  identity,
  zero: zeros,
  one: ones,
  normal: randomNormal,
  uniform: randomUniform,
};

/** An initializer from Keras's name, or from what a file says of it. @internal */
export function resolveInitializer(where: string, option: string, given: InitializerLike): Initializer {
  return resolve(where, option, given, "fill", byName);
}
