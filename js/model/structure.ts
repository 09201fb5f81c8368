import { Input } from "../layers/input.js";
import { Layer } from "../layers/layer.js";
import { checkShape, show } from "../options.js";
import { formatShape } from "../tensor.js";
import { Nested } from "./nested.js";
import { Network } from "./network.js";
import type { Predictor } from "./predict.js";
import type { Trainer } from "./trainer.js";

/**
 * What a model is made of: a chain of layers, and the network that they are once the input's shape is known.
 * It may be a layer of another one: its weights then live in the other one's memory. Only its own methods change it.
 */
export class Structure {
  readonly name: string;
  layers: readonly Layer[] = [];
  /** of one sample; null before it is known */
  inputShape: readonly number[] | null = null;
  /** another one after each change, for which what runs it is then made anew */
  network: Network | null = null;
  trainer: Trainer | null = null;
  predictor: Predictor | null = null;
  /** while `fit` runs nothing else may change the model */
  isFitting = false;
  #host: Structure | null = null;

  constructor(name: string) {
    this.name = name;
  }

  checkIdle(where: string): void {
    if (this.isFitting) throw new Error(`${where}: ${this.name} is being trained. Await the fit() that runs first.`);
  }

  #checkChangeable(where: string): void {
    this.checkIdle(where);
    if (this.#host)
      throw new Error(`${where}: ${this.name} is a layer of ${this.#host.name}, which its layers must fit. Change it before.`);
  }

  /** @throws before the layers and the input's shape are known */
  built(where: string): Network {
    if (!this.network) {
      const missing = this.layers.length === 0 ? "has no layers" : "does not know its input's shape. Give the first layer an inputShape";
      throw new Error(`${where}: ${this.name} ${missing}.`);
    }
    return this.network;
  }

  /** @throws before the kernels are loaded */
  ready(where: string): Network {
    const network = this.built(where);
    if (!network.engine.module) throw new Error(`${where}: the kernels are not loaded yet. Await model.ready() first.`);
    return network;
  }

  build(inputShape: readonly number[]): void {
    checkShape(`${this.name}: build`, "inputShape", inputShape);
    if (!this.inputShape) {
      this.#checkChangeable("build");
      this.#change(this.layers, inputShape);
    } else if (this.inputShape.join() !== inputShape.join()) {
      const [own, given] = [this.inputShape, inputShape].map(shape => formatShape([null, ...shape]));
      throw new Error(`${this.name}: build: the input's shape is ${own} already, got ${given}. Make a new model.`);
    }
  }

  find(which: string | number): Layer {
    const [first, ...rest] = typeof which === "string" ? which.split("/") : [];
    const model = rest.length > 0 && this.layers.find(({ name }) => name === first);
    if (model instanceof Nested) return model.structure.find(rest.join("/"));
    const layer = typeof which === "number" ? this.layers.at(which) : this.layers.find(({ name }) => name === which);
    if (!layer) throw new Error(`${this.name}: no layer ${show(which)}. Layers: ${this.layers.map(({ name }) => name).join(", ")}.`);
    return layer;
  }

  add(layer: unknown): void {
    this.#checkChangeable("add");
    this.extend([layer]);
  }

  /** Puts layers at the end, all or none. */
  extend(added: readonly unknown[]): void {
    const layers = [...this.layers];
    let { inputShape } = this;
    for (const layer of added) {
      if (!(layer instanceof Layer)) throw new Error(`${this.name}: add() takes a layer such as layers.dense(10), got ${show(layer)}.`);
      if (layer instanceof Input) {
        if (layers.length > 0 || inputShape) throw new Error(`${this.name}: an input must be the first layer.`);
        inputShape = layer.options.shape;
        continue;
      }
      if (layers.some(({ name }) => name === layer.name)) {
        throw new Error(`${this.name}: two layers are called "${layer.name}". Names must be unique.`);
      }
      const owner = layer instanceof Nested ? this.#hostOf(layer.structure) : layer.owner;
      if (owner !== null) {
        throw new Error(`${this.name}: ${layer.name} belongs to ${owner} already. Make a new layer, and setWeights().`);
      }
      if (layers.length === 0) inputShape ??= (layer instanceof Nested ? layer.structure : layer.options).inputShape ?? null;
      layers.push(layer);
    }
    this.#change(layers, inputShape);
    for (const layer of layers) layer.owner = this.name;
  }

  /** The name of the one that another one is a layer of, or null. @throws when the other one cannot be a layer here */
  #hostOf(other: Structure): string | null {
    other.checkIdle("add");
    if (other === this) throw new Error(`${this.name}: a model cannot be a layer of itself.`);
    if (other.layers.length === 0) throw new Error(`${this.name}: ${other.name} has no layers.`);
    return other.#host?.name ?? null;
  }

  pop(): Layer {
    this.#checkChangeable("pop");
    const layer = this.layers.at(-1);
    if (!layer) throw new Error(`${this.name}: there is no layer to pop.`);
    this.#change(this.layers.slice(0, -1), this.inputShape);
    layer.owner = null;
    if (layer instanceof Nested) layer.structure.#settle(null, layer.inputShape);
    return layer;
  }

  /** Another chain of layers; those that stay keep their weights. @throws when they do not fit; then nothing has changed */
  #change(layers: readonly Layer[], inputShape: readonly number[] | null): void {
    const before = this.network;
    before?.release();
    const nested = layers.filter(layer => layer instanceof Nested);
    for (const { structure } of nested) if (structure.network?.engine !== before?.engine) structure.network?.release();
    const networks = [before, ...nested.map(({ structure }) => structure.network)];
    const module = networks.find(network => network?.engine.module)?.engine.module;
    this.network = inputShape && layers.length > 0 ? new Network(layers, inputShape, module) : null;
    this.inputShape = inputShape;
    this.layers = layers;
    this.trainer = null;
    this.predictor = null;
    for (const layer of nested) layer.structure.#settle(this, layer.inputShape);
  }

  /** Goes to live in the memory of one that it is a layer of, or in its own again, to which its weights bring their values. */
  #settle(host: Structure | null, inputShape: readonly number[] | null): void {
    const around = host ? host.network : null;
    this.#host = host;
    if (!inputShape || (host && !around)) return;
    this.network = new Network(this.layers, inputShape, this.network?.engine.module, around?.engine);
    this.inputShape = inputShape;
    this.trainer = null;
    this.predictor = null;
    for (const layer of this.layers) if (layer instanceof Nested) layer.structure.#settle(this, layer.inputShape);
  }
}
