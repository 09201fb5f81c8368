import type { Constraint } from "../constraints.js";
import { slotFor, type View, viewOf } from "../engine/memory.js";
import type { Initializer } from "../initializers.js";
import type { Regularizer } from "../regularizers.js";
import { sizeOf } from "../tensor.js";

/** What a weight begins with, and what it has to obey. */
export interface WeightOptions {
  initializer: Initializer;
  regularizer?: Regularizer | null;
  constraint?: Constraint | null;
  /** false for numbers that the layer itself keeps up to date; default true */
  trainable?: boolean;
}

/** A parameter of a layer: where it lives, how it begins, what it is punished for, what it must be. */
export class Weight {
  /** the layer's name for it: "kernel", "bias" */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
  readonly trainable: boolean;
  readonly view: View;
  /** while a compiled model trains it */
  gradient: View | null = null;
  /** its numbers, on the way from one network's memory to another's */
  values: Float32Array | null = null;
  /** changes its numbers in the memory of the network that it belongs to */
  write: ((values: Float32Array) => void) | null = null;

  constructor(
    name: string,
    shape: readonly number[],
    { initializer, regularizer = null, constraint = null, trainable = true }: WeightOptions,
  ) {
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
    this.regularizer = regularizer;
    this.constraint = constraint;
    this.trainable = trainable;
    this.view = viewOf(slotFor(sizeOf(shape)), shape);
  }

  /** Gives it other numbers, wherever they live now. */
  assign(values: Float32Array): void {
    this.values = values;
    this.write?.(values);
  }

  get size(): number {
    return sizeOf(this.shape);
  }
}
