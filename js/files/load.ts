import { readOptions } from "../options.js";
import { type Sequential, sequential } from "../sequential.js";
import { type FileSource, formatOf, readBytes } from "./bytes.js";
import { allClasses } from "./classes.js";
import { type LoadOptions, loadDefaults } from "./model.js";
import { fromSafetensors } from "./readModelFile.js";

export type { LayerClass, LoadOptions } from "./model.js";

/**
 * A model from a file: layers, weights, and how it was compiled, with the optimizer's state. Reads what `model.save` writes, Keras's `.keras` and
 * `.h5` files, and tfjs's `model.json` with the files beside it.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob or Response
 * @throws when it is no such file, only a part of one, or holds a layer or an option that is not possible here
 */
export async function loadModel(source: FileSource, options?: LoadOptions): Promise<Sequential> {
  const all = readOptions("loadModel", options, loadDefaults);
  const parts = { classes: allClasses("loadModel", all.customLayers), make: sequential };
  const bytes = await readBytes(source);
  if (formatOf(bytes) !== "safetensors") {
    const { readKeras } = await import("./keras/read.js"); // and with it zip and HDF5, which most programs do without
    return readKeras(bytes, source, parts, all);
  }
  return fromSafetensors(bytes, parts, all.compile);
}
