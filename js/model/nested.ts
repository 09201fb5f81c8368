import type { View } from "../engine/memory.js";
import type { Plan, Recorded } from "../engine/plan.js";
import { recordChain } from "../layers/chain.js";
import { Layer, type Shape } from "../layers/layer.js";
import type { NumericArray } from "../tensor.js";
import type { Model } from "./model.js";
import type { Structure } from "./structure.js";

/** A model as a layer of another: its layers, one behind the other. Both have the same weights, which live in the other one's memory. */
export class Nested extends Layer {
  readonly model: Model;

  constructor(model: Model) {
    super("Sequential", { name: model.name }, {});
    this.model = model;
  }

  get structure(): Structure {
    return this.model.structure;
  }

  override get trainable(): boolean {
    return this.model.trainable;
  }

  override set trainable(value: boolean) {
    this.model.trainable = value;
  }

  protected build(inputShape: Shape): Shape {
    return this.model.layers.reduce((shape, layer) => this.buildInner(layer, shape), inputShape);
  }

  override checkInput(what: string, data: NumericArray, size: number): void {
    this.model.layers[0].checkInput?.(what, data, size);
  }

  record(plan: Plan, x: View): Recorded {
    return recordChain(plan, this.model.layers, x, `${plan.owner}/`);
  }
}
