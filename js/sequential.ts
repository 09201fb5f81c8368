import type { FileSource } from "./files/bytes.js";
import { toSafetensors } from "./files/modelFile.js";
import { type KerasOptions, save, saveWeights, toKeras } from "./files/save.js";
import { loadWeights } from "./files/weights.js";
import type { Layer } from "./layers/layer.js";
import { Model, type SequentialOptions } from "./model/model.js";

/** A chain of layers that can be trained, written to files and read from them. */
export class Sequential extends Model {
  /** A whole model in one file: layers, weights, and what it needs to train on. */
  toSafetensors(): Uint8Array {
    return toSafetensors(this);
  }

  /**
   * The same as a `.keras` archive, for `keras.models.load_model` in Python. The package h5wasm, to be installed beside wasmind, writes it.
   * @throws where that package is not installed or cannot run
   */
  toKeras(options?: KerasOptions): Promise<Uint8Array> {
    return toKeras(this, options);
  }

  /** Writes the weights and the optimizer's state to a file, whole or not at all. @param path ending in ".weights.h5" or ".safetensors" */
  saveWeights(path: string): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Takes the weights of a file, and what the optimizer remembers and `preprocessing` holds, where the file has it.
   * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response: .safetensors, .weights.h5, .h5 or .keras
   * @throws when they are not those of its layers; then nothing has changed
   */
  loadWeights(source: FileSource): Promise<void> {
    this.structure.built("loadWeights");
    return loadWeights(this, source);
  }

  /**
   * Writes the model to a file, whole or not at all; `loadModel` reads it.
   * @param path ending in ".safetensors" or ".keras"
   * @param options for ".keras"
   */
  async save(path: string, options?: KerasOptions): Promise<void> {
    await save(this, path, options);
  }
}

/** A model from its layers, first to last. */
export function sequential(layers: readonly (Layer | Model)[] = [], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}
