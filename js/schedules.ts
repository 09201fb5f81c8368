import { checkArray, checkBoolean, checkInteger, checkNumber, type Identifier, readOptions, resolve } from "./options.js";

/** A learning rate that depends on the steps made. */
export interface Schedule extends Identifier {
  /** @param step steps made before: 0 at the first */
  /** The learning rate of a step, counted from 0. */
  at(step: number): number;
}

/** What the option `learningRate` takes beside a number. */
export type ScheduleLike = Schedule | Identifier;

/** Stands for what has no default; the check that follows refuses it. */
const required = undefined as never;

interface Decay {
  initialLearningRate: number;
  /** in how many steps it goes down once by its rate, or all the way */
  decaySteps: number;
  name?: string;
}

function checkSteps(where: string, name: string, steps: unknown): void {
  if (!(checkNumber(where, name, steps, 0) > 0)) throw new Error(`${where}: ${name} must be a number over 0, got ${steps}.`);
}

function checkDecay(where: string, { initialLearningRate, decaySteps }: Decay): void {
  checkNumber(where, "initialLearningRate", initialLearningRate, 0);
  checkSteps(where, "decaySteps", decaySteps);
}

interface RateDecay extends Decay {
  decayRate: number;
  /** goes down in steps of decaySteps instead of a little at each; default false */
  staircase?: boolean;
}

function rateDecay(className: string, where: string, options: RateDecay, f: (rate: number, turns: number) => number): Schedule {
  const defaults = { initialLearningRate: required, decaySteps: required, decayRate: required, staircase: false, name: className };
  const config: Required<RateDecay> = readOptions(where, options, defaults);
  checkDecay(where, config);
  checkNumber(where, "decayRate", config.decayRate, 0);
  checkBoolean(where, "staircase", config.staircase);
  const { initialLearningRate, decaySteps, decayRate, staircase } = config;
  return {
    className,
    config: { ...config },
    at: step => initialLearningRate * f(decayRate, staircase ? Math.floor(step / decaySteps) : step / decaySteps),
  };
}

/** initialLearningRate · decayRate^(step / decaySteps) */
export function exponentialDecay(options: RateDecay): Schedule {
  return rateDecay("ExponentialDecay", "exponentialDecay", options, (rate, turns) => rate ** turns);
}

/** initialLearningRate / (1 + decayRate · step / decaySteps) */
export function inverseTimeDecay(options: RateDecay): Schedule {
  return rateDecay("InverseTimeDecay", "inverseTimeDecay", options, (rate, turns) => 1 / (1 + rate * turns));
}

/** values[i] up to the step boundaries[i], that one included, and the last value behind the last boundary */
export function piecewiseConstantDecay(options: { boundaries: number[]; values: number[]; name?: string }): Schedule {
  const where = "piecewiseConstantDecay";
  const config = readOptions(where, options, { boundaries: required, values: required, name: "PiecewiseConstant" }) as Required<
    typeof options
  >;
  const boundaries = checkArray(where, "boundaries", config.boundaries).map(step => checkNumber(where, "a boundary", step, 0));
  const values = checkArray(where, "values", config.values).map(value => checkNumber(where, "a value", value, 0));
  if (values.length !== boundaries.length + 1) {
    throw new Error(`${where}: expected one value more than boundaries, got ${values.length} values and ${boundaries.length} boundaries.`);
  }
  if (boundaries.some((step, i) => step <= boundaries[i - 1])) throw new Error(`${where}: boundaries must rise, got ${boundaries}.`);
  const at = (step: number) => values[boundaries.findIndex(boundary => step <= boundary)] ?? values.at(-1)!;
  return { className: "PiecewiseConstantDecay", config: { ...config, boundaries, values }, at };
}

interface PolynomialDecay extends Decay {
  /** default 0.0001 */
  endLearningRate?: number;
  /** default 1 */
  power?: number;
  /** begins anew, with longer and longer turns, when it has arrived; default false */
  cycle?: boolean;
}

/** from the initial to the end rate along (1 - step / decaySteps)^power */
export function polynomialDecay(options: PolynomialDecay): Schedule {
  const where = "polynomialDecay";
  const defaults = {
    initialLearningRate: required,
    decaySteps: required,
    endLearningRate: 0.0001,
    power: 1,
    cycle: false,
    name: "PolynomialDecay",
  };
  const config: Required<PolynomialDecay> = readOptions(where, options, defaults);
  checkDecay(where, config);
  checkNumber(where, "endLearningRate", config.endLearningRate, 0);
  checkNumber(where, "power", config.power, 0);
  checkBoolean(where, "cycle", config.cycle);
  const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = config;
  return {
    className: "PolynomialDecay",
    config: { ...config },
    at(step) {
      const turns = cycle ? Math.max(1, Math.ceil(step / decaySteps)) : 1;
      const done = Math.min(step / (decaySteps * turns), 1);
      return (initialLearningRate - endLearningRate) * (1 - done) ** power + endLearningRate;
    },
  };
}

/** From 1 to 0 on half a cosine. */
const cosine = (done: number) => (1 + Math.cos(Math.PI * done)) / 2;

interface CosineDecay extends Decay {
  /** what remains at the end, as a share; default 0 */
  alpha?: number;
  /** the rate to rise to before it decays; default null: it does not rise */
  warmupTarget?: number | null;
  /** default 0 */
  warmupSteps?: number;
}

/** On half a cosine from the initial rate to alpha of it; with warmupTarget first on a line up to it: Loshchilov and Hutter, 2016 */
export function cosineDecay(options: CosineDecay): Schedule {
  const where = "cosineDecay";
  const defaults = {
    initialLearningRate: required,
    decaySteps: required,
    alpha: 0,
    name: "CosineDecay",
    warmupTarget: null,
    warmupSteps: 0,
  };
  const config: Required<CosineDecay> = readOptions<Required<CosineDecay>>(where, options, defaults);
  checkDecay(where, config);
  checkNumber(where, "alpha", config.alpha, 0);
  if (config.warmupTarget !== null) checkNumber(where, "warmupTarget", config.warmupTarget, 0);
  checkInteger(where, "warmupSteps", config.warmupSteps, 0);
  const { initialLearningRate, decaySteps, alpha, warmupTarget } = config;
  const warmupSteps = warmupTarget === null ? 0 : config.warmupSteps;
  const top = warmupTarget ?? initialLearningRate;
  return {
    className: "CosineDecay",
    config: { ...config },
    at(step) {
      if (step < warmupSteps) return initialLearningRate + ((top - initialLearningRate) * step) / warmupSteps;
      return top * ((1 - alpha) * cosine(Math.min((step - warmupSteps) / decaySteps, 1)) + alpha);
    },
  };
}

interface CosineDecayRestarts {
  initialLearningRate: number;
  /** of the first turn */
  firstDecaySteps: number;
  /** how much longer each turn is than the one before; default 2 */
  tMul?: number;
  /** how much higher each turn begins than the one before; default 1 */
  mMul?: number;
  /** what remains at the end of a turn, as a share; default 0 */
  alpha?: number;
  name?: string;
}

/** cosineDecay that begins anew when it has arrived: Loshchilov and Hutter, 2016 */
export function cosineDecayRestarts(options: CosineDecayRestarts): Schedule {
  const where = "cosineDecayRestarts";
  const defaults = { initialLearningRate: required, firstDecaySteps: required, tMul: 2, mMul: 1, alpha: 0, name: "SGDRDecay" };
  const config: Required<CosineDecayRestarts> = readOptions(where, options, defaults);
  checkNumber(where, "initialLearningRate", config.initialLearningRate, 0);
  checkSteps(where, "firstDecaySteps", config.firstDecaySteps);
  for (const name of ["mMul", "alpha"] as const) checkNumber(where, name, config[name], 0);
  checkNumber(where, "tMul", config.tMul, 1);
  const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = config;
  return {
    className: "CosineDecayRestarts",
    config: { ...config },
    at(step) {
      let turn = tMul === 1 ? Math.floor(step / firstDecaySteps) : 0;
      let begin = turn * firstDecaySteps;
      let length = firstDecaySteps;
      for (; step >= begin + length; turn++) {
        begin += length;
        length *= tMul;
      }
      return initialLearningRate * ((1 - alpha) * mMul ** turn * cosine((step - begin) / length) + alpha);
    },
  };
}

const byName = { exponentialDecay, inverseTimeDecay, piecewiseConstantDecay, polynomialDecay, cosineDecay, cosineDecayRestarts };

/** A schedule, or what a file says of one. @internal */
export function resolveSchedule(where: string, given: unknown): Schedule {
  return resolve<Schedule>(where, "learningRate", given, "at", byName as Record<string, (options?: object) => Schedule>);
}
