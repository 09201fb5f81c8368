import type { Slot, View } from "../engine/memory.js";
import type { Plan } from "../engine/plan.js";
import { checkChoice, type Identifier, readOptions, snakeCase } from "../options.js";
import { sizeOf } from "../tensor.js";

/**
 * What labels look like: numbers of the output's shape, the same from 0 to 1, or in place of the last axis the number of a class, which the axis
 * has a place for, or of any group.
 */
export type LabelKind = "values" | "probabilities" | "classes" | "groups";

/** Whether one label stands for the output's last axis. */
export const isOneLabel = ({ labels }: { labels: LabelKind }) => labels === "classes" || labels === "groups";

/**
 * How the losses of rows (of all axes but the output's last) become one number, which is trained on:
 * their weighted sum by the number of rows, by the sum of the weights, or the sum itself.
 */
export type Reduction = "sum_over_batch_size" | "mean" | "mean_with_sample_weight" | "sum";

/** What every loss takes. */
export interface LossOptions {
  /** default "sum_over_batch_size", which "mean" is another name for */
  reduction?: Reduction;
  /** default: Keras's, the loss in snake_case */
  name?: string;
}

/**
 * Punishes the distance from labels to predictions. To write one, give an object with these members to `compile`: `record` calls kernels, as
 * layers do.
 */
export interface Loss extends Identifier {
  /** Keras's name: "categorical_crossentropy" */
  name: string;
  labels: LabelKind;
  /** default "sum_over_batch_size" */
  reduction?: Reduction;
  /** rows with this label do not count */
  ignoreClass?: number | null;
  /**
   * Records the loss of each row (of all axes but the last), unweighted, and with `wantsGradient` the gradient of Σ loss · weight · scale.
   * @param weights one for each row; null stands for ones
   */
  record(plan: Plan, y: View, target: View, weights: View | null, scale: number, wantsGradient: boolean): { values: View; dy: View | null };
}

/** What `compile` takes: Keras's name, or a loss. */
export type LossLike = string | Loss | Identifier;

/** The arguments that the kernels of losses share. */
export interface Common {
  losses: Slot;
  dy: View | null;
  y: View;
  target: View;
  weights: View | null;
  n: number;
  scale: number;
}

export type RecordLoss = (plan: Plan, args: Common, range: { range: number }) => void;

export const REDUCTIONS: readonly Reduction[] = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"];

/** The options over their defaults, with those that every loss takes. @param name Keras's, if it is not that of the function in snake_case */
export function readLoss<T extends object>(
  where: string,
  given: (Partial<T> & LossOptions) | undefined,
  defaults: T,
  name = snakeCase(where),
) {
  const all = { ...defaults, reduction: "sum_over_batch_size" as Reduction, name };
  const config = readOptions<typeof all>(where, given as Partial<typeof all> as typeof all | undefined, all);
  checkChoice(where, "reduction", config.reduction, REDUCTIONS);
  return config;
}

interface Kind {
  className: string;
  config: LossOptions & { name: string };
  labels?: LabelKind;
  ignoreClass?: number | null;
}

/** A loss of one kernel, with a second one that works on the logits of a softmax or sigmoid where there are any. */
export function lossOf(kind: Kind, record: RecordLoss, logits?: { of: "softmax" | "sigmoid"; record: RecordLoss }): Loss {
  const { className, config, labels = "values", ignoreClass = null } = kind;
  return {
    ...{
      className,
      config: config as unknown as Record<string, unknown>,
      name: config.name,
      labels,
      ignoreClass,
      reduction: config.reduction,
    },
    record(plan, output, target, weights, scale, wantsGradient) {
      const fused = logits !== undefined && output.logits?.of === logits.of;
      const y = fused ? output.logits!.view : output;
      const n = y.shape.at(-1)!;
      const rows = sizeOf(y.shape) / n;
      const values = plan.tensor([rows]);
      const dy = wantsGradient ? plan.tensor(y.shape) : null;
      if (dy && fused) dy.ofLogits = true;
      const call = fused ? logits.record : record;
      call(plan, { losses: values.slot, dy, y, target, weights, n, scale }, { range: rows });
      return { values, dy };
    },
  };
}
