// The entry `wasmind/keras`: Keras's files without `import()`, for places that have none, such as service workers.

import { type FileSource, readBytes } from "./files/bytes.js";
import { allClasses } from "./files/classes.js";
import { readKeras } from "./files/keras/read.js";
import { type LoadOptions, loadDefaults } from "./files/model.js";
import { readOptions } from "./options.js";
import { type Sequential, sequential } from "./sequential.js";

export type { FileSource } from "./files/bytes.js";
export { toKeras, toWeightsH5 } from "./files/keras/write.js";
export type { LayerClass, LoadOptions } from "./files/model.js";

/** `loadModel` for `.keras`, `.h5` and tfjs's model.json alone. */
export async function loadKeras(source: FileSource, options?: LoadOptions): Promise<Sequential> {
  const all = readOptions("loadKeras", options, loadDefaults);
  const parts = { classes: allClasses("loadKeras", all.customLayers), make: sequential };
  return readKeras(await readBytes(source), source, parts, all);
}
