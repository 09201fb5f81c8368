import { type Activation, type ActivationLike, recurrentNames } from "../activations/index.js";
import type { ConstraintLike } from "../constraints.js";
import { type Slot, type View, viewOf } from "../engine/memory.js";
import { Carried, type Plan, type Recorded } from "../engine/plan.js";
import type { Initializer, InitializerLike } from "../initializers.js";
import { checkBoolean, checkInteger, checkSeed, show } from "../options.js";
import type { RegularizerLike } from "../regularizers.js";
import { from, GateGradients, type Gates, kernelPanels, transposedPanels, wideBias, widthOf } from "./gates.js";
import { Layer, type LayerOptions, type Resolved, type Shape } from "./layer.js";
import { SCRATCH } from "./product.js";
import type { Weight } from "./weight.js";

/** What all recurrent layers take. */
export interface RecurrentOptions extends LayerOptions {
  units: number;
  /** default "tanh" */
  activation?: ActivationLike;
  /** default true */
  useBias?: boolean;
  /** default "glorot_uniform" */
  kernelInitializer?: InitializerLike;
  /** default "orthogonal" */
  recurrentInitializer?: InitializerLike;
  /** default "zeros" */
  biasInitializer?: InitializerLike;
  kernelRegularizer?: RegularizerLike;
  kernelConstraint?: ConstraintLike;
  recurrentRegularizer?: RegularizerLike;
  recurrentConstraint?: ConstraintLike;
  biasRegularizer?: RegularizerLike;
  biasConstraint?: ConstraintLike;
  activityRegularizer?: RegularizerLike;
  /** the share of the inputs' features that a training step does without, the same at all steps of a sequence: from 0 to below 1, default 0 */
  dropout?: number;
  /** the same for the state on its way to the next step; each gate then has its own inputs and states left out; default 0 */
  recurrentDropout?: number;
  /** the outputs of all steps, [batch, steps, units], instead of the last one's, [batch, units]; default false */
  returnSequences?: boolean;
  /** from the last step to the first; the outputs come in that order; default false */
  goBackwards?: boolean;
  /** a batch begins where the same rows of the batch before have ended, until `resetStates`; default false */
  stateful?: boolean;
  /** the output of steps that the mask leaves out is 0 instead of the one before; default false */
  zeroOutputForMask?: boolean;
  /** for files of Keras, where it says how to compute; it changes no number here; default false */
  unroll?: boolean;
  /** of the dropouts; default: from the model's seed */
  seed?: number | null;
}

/** `RecurrentOptions` with Keras's defaults. */
export const recurrentDefaults: Required<Omit<RecurrentOptions, keyof LayerOptions>> = {
  units: 0,
  activation: "tanh",
  useBias: true,
  kernelInitializer: "glorot_uniform",
  recurrentInitializer: "orthogonal",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  kernelConstraint: null,
  recurrentRegularizer: null,
  recurrentConstraint: null,
  biasRegularizer: null,
  biasConstraint: null,
  activityRegularizer: null,
  dropout: 0,
  recurrentDropout: 0,
  returnSequences: false,
  goBackwards: false,
  stateful: false,
  zeroOutputForMask: false,
  unroll: false,
  seed: null,
};

/** As in assembly/rnn/sequence.ts. */
const [SEQUENCES, BACKWARDS, ZERO_MASKED] = [1, 2, 4];
export const KEEP = 8;
/** float32 of a thread's scratch, for gemm or for so many widths */
const scratchFor = (width: number) => Math.max(SCRATCH, 384 + 6 * width);

type Own = Resolved<Omit<RecurrentOptions, keyof LayerOptions>>;

/** What the kernels of all recurrent layers take, by their parameters' names. */
interface Common {
  z: Slot;
  mask: View | null;
  drop: Slot | null;
  spare: Slot;
  scratch: Slot;
  batch: number;
  steps: number;
  features: number;
  units: number;
  xGate: number;
  flags: number;
  activation: number;
  option: number;
}

export interface Forward extends Common {
  y: View;
  h: Slot;
  h0: View | null;
  x: View;
  w: Slot;
  r: Slot;
  bias: Slot | null;
}

export interface Backward extends Common {
  dx: View | null;
  dh: Slot;
  dy: View;
  h: Slot;
  w: Slot;
  r: Slot;
}

export interface Work {
  range: number;
  flops: number;
}

/** The gates of the recurrent kernel that were multiplied by the state, or by what stands in a block of z. */
interface StateGates extends Gates {
  by?: number;
}

/**
 * A layer with a state that goes from step to step. Each class has its kernel, which goes through all steps in one call, and back in another;
 * gradients of weights are products over all steps at once.
 */
export abstract class Recurrent<Options extends RecurrentOptions> extends Layer<Options> {
  override readonly supportsMasking: boolean;
  /** gates of the weights, and blocks of z: the gates, and what else is kept of a step */
  readonly #gates: number;
  readonly #blocks: number;
  readonly #stateGates: readonly StateGates[];
  readonly #states = new Map<string, Carried>();
  readonly #own: Own;
  #kernel!: Weight;
  #recurrentKernel!: Weight;
  #bias: Weight | null = null;

  constructor(
    className: string,
    given: Options,
    defaults: Required<Omit<Options, keyof LayerOptions>>,
    cell: { gates: number; blocks: number; stateGates: readonly StateGates[] },
  ) {
    super(className, given, defaults);
    this.#own = this.options as unknown as Own;
    const own = this.#own;
    checkInteger(this.name, "units", own.units);
    for (const [name, byDefault] of Object.entries(defaults)) {
      const value = own[name as keyof typeof own];
      if (typeof byDefault === "boolean") checkBoolean(this.name, name, value);
      if (/dropout$/i.test(name)) checkShare(this.name, name, value);
      if (/activation$/i.test(name)) checkActivation(this.name, name, value as Activation);
    }
    checkSeed(this.name, own.seed);
    this.#gates = cell.gates;
    this.#blocks = cell.blocks;
    this.#stateGates = cell.stateGates;
    this.supportsMasking = own.returnSequences;
  }

  /** The state is zeros again, as at the beginning. */
  override resetStates(): void {
    for (const state of this.#states.values()) state.values = null;
  }

  /** rows of the bias */
  protected get biasShape(): Shape {
    return [this.#gates * this.#own.units];
  }

  protected get biasInitializer(): Initializer {
    return this.#own.biasInitializer;
  }

  /** Records the kernel, and returns what records its way back. */
  protected abstract forward(plan: Plan, args: Forward, work: Work): (args: Backward, work: Work) => void;

  /** The state's place in a plan, if it is carried on. */
  protected carried(plan: Plan, name: string, batch: number): View | null {
    if (!this.#own.stateful) return null;
    let state = this.#states.get(name);
    if (!state) this.#states.set(name, (state = new Carried()));
    return plan.carry(state, [batch, widthOf(this.#own.units)]);
  }

  protected build(inputShape: Shape): Shape {
    const { units, useBias, returnSequences } = this.#own;
    this.checkRank(inputShape, 2, "steps, features", "Add reshape() before it, or returnSequences: true to the recurrent layer before it.");
    const [steps, features] = inputShape;
    const columns = this.#gates * units;
    this.#kernel = this.addWeight("kernel", [features, columns], this.weightOptions("kernel"));
    this.#recurrentKernel = this.addWeight("recurrent_kernel", [units, columns], this.weightOptions("recurrent"));
    const bias = { ...this.weightOptions("bias"), initializer: this.biasInitializer };
    this.#bias = useBias ? this.addWeight("bias", this.biasShape, bias) : null;
    return returnSequences ? [steps, units] : [units];
  }

  record(plan: Plan, x: View): Recorded {
    const { units, activation, returnSequences, goBackwards, zeroOutputForMask } = this.#own;
    const [batch, steps, features] = x.shape;
    const needsGradient = this.needsGradient(x);
    const keep = plan.training && needsGradient;
    const width = widthOf(units);
    const kept = keep ? steps : 1;
    const [number, option] = activation.recurrent!;
    const inputs = this.#dropInputs(plan, x);
    const drop = this.#drop(plan, this.#own.recurrentDropout, this.#gates, batch * width);
    const flags = [returnSequences && SEQUENCES, goBackwards && BACKWARDS, zeroOutputForMask && ZERO_MASKED, keep && KEEP];
    const common: Common = {
      z: plan.slot(kept * batch * this.#blocks * width),
      mask: x.mask ?? null,
      drop,
      spare: plan.slot(batch * width),
      scratch: plan.scratch(scratchFor(width)),
      ...{ batch, steps, features, units, xGate: inputs.xGate },
      flags: flags.reduce<number>((sum, flag) => sum + Number(flag), this.flags),
      ...{ activation: number, option },
    };
    const h = plan.slot((keep ? steps + 1 : 1) * batch * width);
    const y = plan.tensor([batch, ...this.outputShape!], needsGradient);
    const macs = batch * steps * this.#gates * units;
    const forward: Forward = {
      ...common,
      ...{ y, h, h0: this.carried(plan, "h", batch), x: inputs.x },
      w: kernelPanels(plan, this.#kernel, this.#gates, units),
      r: kernelPanels(plan, this.#recurrentKernel, this.#gates, units),
      bias: this.#bias && wideBias(plan, this.#bias, this.#gates, units),
    };
    const back = this.forward(plan, forward, { range: batch, flops: 2 * macs * (features + units) });
    return {
      y,
      backward: dy => {
        const dx = x.needsGradient ? inputs.gradient() : null;
        const work = { range: batch, flops: 2 * macs * ((dx ? features : 0) + units) };
        const [w, r] = [transposedPanels(plan, this.#kernel), transposedPanels(plan, this.#recurrentKernel)];
        back({ ...common, dx, dy, h, w, r, dh: plan.slot(batch * width) }, work);
        this.#weightGradients(plan, common, h, inputs.x);
        return dx && inputs.backward(dx);
      },
    };
  }

  /** flags of its own */
  protected get flags(): number {
    return 0;
  }

  /** The inputs as the gates get them, each its own where states are dropped, too; and the way back. */
  #dropInputs(plan: Plan, x: View) {
    const { dropout, recurrentDropout } = this.#own;
    const [batch, steps, n] = x.shape;
    const copies = recurrentDropout > 0 ? this.#gates : 1;
    const factors = this.#drop(plan, dropout, copies, batch * n);
    if (!factors) return { x, xGate: 0, gradient: () => plan.tensor(x.shape), backward: (dx: View) => dx };
    const xGate = copies === 1 ? 0 : Math.ceil((batch * steps * n) / 4) * 4;
    const room = () => viewOf(plan.slot(Math.max(batch * steps * n, copies * xGate)), x.shape);
    const range = batch * steps;
    const scale = (y: View, x: View, yAt: number, xAt: number, copy: number) => {
      const pointers = { y: from(y.slot, yAt), x: from(x.slot, x.offset / 4 + xAt), factors: from(factors, copy * batch * n) };
      plan.call("scaleRows", { ...pointers, n, repeat: steps, period: batch }, { range });
    };
    const dropped = room();
    for (let copy = 0; copy < copies; copy++) scale(dropped, x, copy * xGate, 0, copy);
    return {
      x: dropped,
      xGate,
      gradient: room,
      backward: (dx: View) => {
        for (let copy = 0; copy < copies; copy++) {
          scale(dx, dx, copy * xGate, copy * xGate, copy);
          if (copy > 0) plan.call("add", { y: dx, a: dx, b: from(dx.slot, copy * xGate) }, { range: batch * steps * n });
        }
        return dx;
      },
    };
  }

  /** Records the drawing of factors, 0 for what is dropped; null where nothing is. */
  #drop(plan: Plan, rate: number, copies: number, n: number): Slot | null {
    if (!plan.training || rate === 0) return null;
    const y = plan.slot(copies * n);
    const draw = plan.random(this.#own.seed);
    const work = { range: copies * n };
    plan.call("randomUniform", { y, ...draw, low: 1, high: 1 }, work); // ones
    plan.call("dropout", { y, x: y, ...draw, rate }, work);
    return y;
  }

  #weightGradients(plan: Plan, { z, drop, scratch, batch, steps, features, units, xGate, flags }: Common, h: Slot, x: View): void {
    const [kernel, recurrentKernel, bias] = [this.#kernel, this.#recurrentKernel, this.#bias].map(weight => weight?.gradient);
    const width = widthOf(units);
    const rows = batch * steps;
    const gradients = new GateGradients(plan, z, rows, this.#blocks, units, scratch);
    const all = { first: 0, count: this.#gates, block: 0 };
    const each = (gates: Gates) =>
      Array.from({ length: gates.count }, (_, i) => ({ first: gates.first + i, count: 1, block: gates.block + i }));
    if (kernel) {
      for (const gates of xGate ? each(all) : [all]) {
        const inputs = plan.slot(rows * features);
        const isBackwards = flags & BACKWARDS;
        const own = from(x.slot, x.offset / 4 + gates.first * xGate);
        plan.call("stepsFirst", { y: inputs, x: own, batch, steps, n: features, isBackwards }, { range: steps });
        gradients.kernel(kernel, from(inputs, 0), features, gates);
      }
    }
    if (bias) gradients.bias(bias, 0, all);
    for (const state of this.#stateGates) {
      if (bias && bias.shape.length === 2) gradients.bias(bias, all.count * units, state);
      if (!recurrentKernel) continue;
      if (state.by !== undefined) gradients.kernel(recurrentKernel, from(z, state.by * width), this.#blocks * width, state);
      else if (!drop) gradients.kernel(recurrentKernel, from(h, 0), width, state);
      else {
        for (const gates of each(state)) {
          const states = plan.slot(rows * width);
          const factors = from(drop, gates.first * batch * width);
          plan.call("scaleRows", { y: states, x: h, factors, n: width, repeat: 1, period: batch }, { range: rows });
          gradients.kernel(recurrentKernel, from(states, 0), width, gates);
        }
      }
    }
  }
}

function checkShare(where: string, name: string, value: unknown): void {
  if (typeof value === "number" && value >= 0 && value < 1) return;
  throw new Error(`${where}: ${name} must be a number from 0 to below 1, got ${show(value)}.`);
}

function checkActivation(where: string, option: string, { name, recurrent }: Activation): void {
  if (recurrent) return;
  throw new Error(`${where}: ${option} "${name}" is not possible in a recurrent layer. Possible: ${recurrentNames.join(", ")}.`);
}
