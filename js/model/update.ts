import type { Arena, View } from "../engine/memory.js";
import type { Call, Plan } from "../engine/plan.js";
import type { Group, Optimizer } from "../optimizers/index.js";
import { recordConstraint } from "./constrain.js";
import type { TrainingMemory } from "./network.js";

/** Calls that are made at some steps only. */
export interface Phase {
  calls: readonly Call[];
  /** @param step steps made before */
  isDue(step: number): boolean;
}

/** squares that are added up before their sum is stored: CHUNK in assembly/optimizer/gradient.ts */
export const CHUNK = 4096;

/** What an optimizer does with the gradients, in Keras's order: gather, clip, decay, update, average, constrain. */
export class Update {
  readonly phases: readonly Phase[];
  readonly #optimizer: Optimizer;
  /** what changes from step to step: by how much weights decay, the weights' share in their average, the optimizer's rates */
  readonly #numbers: View;

  /** Records it behind the calls that compute the gradients. */
  constructor(plan: Plan, optimizer: Optimizer, memory: TrainingMemory) {
    this.#optimizer = optimizer;
    this.#numbers = plan.input([2 + optimizer.rates(1, 1).length]);
    plan.owner = optimizer.name;
    const { useEma, emaOverwriteFrequency, gradientAccumulationSteps } = optimizer.options;
    const { groups } = memory;
    const batches = gradientAccumulationSteps ?? 1;
    const isLast = (step: number) => (step + 1) % batches === 0;
    const phases: Phase[] = [];
    const phase = (isDue: Phase["isDue"], record: () => void) => {
      const from = plan.calls.length;
      record();
      phases.push({ calls: plan.calls.slice(from), isDue });
    };
    const average = () => {
      for (const { w, state, range } of groups)
        plan.call("movingAverage", { average: state.average, x: w, share: this.#number(1) }, { range });
    };
    const overwrite = () => {
      for (const { w, state, range } of groups) plan.call("scale", { y: w, x: state.average, factor: 1 }, { range });
    };

    if (batches > 1)
      phase(
        step => !isLast(step),
        () => gather(plan, groups),
      );
    phase(isLast, () => {
      if (batches > 1) takeMean(plan, groups, batches);
      this.#clip(plan, memory);
      this.#decay(plan, memory);
      for (const group of groups) optimizer.record(plan, group, this.#number(2));
    });
    if (useEma) phase(() => true, average);
    if (useEma && emaOverwriteFrequency) phase(step => (Math.floor(step / batches) + 1) % emaOverwriteFrequency === 0, overwrite);
    const constrained = memory.trained.map(([, weight]) => weight).filter(({ constraint }) => constraint);
    if (constrained.length > 0)
      phase(
        () => true,
        () => {
          for (const weight of constrained) recordConstraint(plan, weight);
        },
      );
    this.phases = phases;
  }

  /** Writes what changes from step to step. @param step steps made before */
  write(arena: Arena, step: number): void {
    const { weightDecay, emaMomentum, gradientAccumulationSteps } = this.#optimizer.options;
    const updates = Math.floor(step / (gradientAccumulationSteps ?? 1));
    const rate = this.#optimizer.rateAt(step);
    const share = updates === 0 ? 1 : 1 - emaMomentum;
    arena.read(this.#numbers).set([rate * (weightDecay ?? 0), share, ...this.#optimizer.rates(rate, updates + 1)]);
  }

  #number(i: number): View {
    return { ...this.#numbers, offset: 4 * i, shape: [1] };
  }

  #clip(plan: Plan, { groups, trained }: TrainingMemory): void {
    const { clipnorm, clipvalue, globalClipnorm } = this.#optimizer.options;
    if (clipvalue) for (const { dw, range } of groups) plan.call("clipValue", { x: dw, limit: clipvalue }, { range });
    const limit = clipnorm || globalClipnorm;
    if (!limit) return;
    const together = clipnorm ? trained.map(weight => [weight]) : [trained];
    for (const weights of together) {
      const chunks = weights.map(([, { size }]) => Math.ceil(size / CHUNK));
      const n = chunks.reduce((a, b) => a + b, 0);
      const sums = plan.tensor([2 * n]); // float64
      let at = 0;
      for (const [i, [, { gradient, size }]] of weights.entries()) {
        plan.call("squareSums", { sums: { ...sums, offset: 8 * at }, x: gradient, n: size }, { range: chunks[i] });
        at += chunks[i];
      }
      const factor = plan.tensor([1]);
      plan.call("clipFactor", { factor, sums, n, limit });
      for (const [, { gradient, size }] of weights) plan.call("scaleBy", { x: gradient, factor }, { range: size });
    }
  }

  #decay(plan: Plan, { groups, trained }: TrainingMemory): void {
    const { weightDecay, excludeFromWeightDecay } = this.#optimizer.options;
    if (!weightDecay) return;
    const amount = this.#number(0);
    if (excludeFromWeightDecay.length === 0) {
      for (const { w, range } of groups) plan.call("decay", { w, amount }, { range });
      return;
    }
    const excluded = new RegExp(excludeFromWeightDecay.join("|"));
    const decaying = trained.map(([, weight]) => weight).filter(({ name }) => !excluded.test(name));
    for (const { view, size } of decaying) plan.call("decay", { w: view, amount }, { range: size });
  }
}

/** Adds the gradients to those of the batches before. */
function gather(plan: Plan, groups: readonly Group[]): void {
  for (const { dw, state, range } of groups) {
    plan.call("add", { y: state.gradient_accumulator, a: state.gradient_accumulator, b: dw }, { range });
  }
}

/** The mean of the gradients of so many batches, in place of the last one's. */
function takeMean(plan: Plan, groups: readonly Group[], count: number): void {
  for (const { dw, state, range } of groups) plan.call("meanGradient", { dw, sum: state.gradient_accumulator, count }, { range });
}
