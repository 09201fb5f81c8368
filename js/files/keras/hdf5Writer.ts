import type { Tensor } from "../../tensor.js";

/** A group's tensors by number, and whole numbers of 32 bits; `name` is what Keras calls their owner. */
export interface Variables {
  path: string;
  name: string;
  values: (Tensor | number)[];
}

/**
 * An HDF5 file, by the HDF5 library itself.
 * @throws where the package h5wasm is not installed, or WebAssembly may not be compiled
 */
export async function writeHdf5(groups: readonly Variables[]): Promise<Uint8Array> {
  const { File, ready } = await library();
  const { FS } = await ready;
  const path = `/${groups.length}-${nextFile++}.h5`; // in memory
  const file = new File(path, "w");
  try {
    for (const { path, name, values } of groups) {
      let group: ReturnType<typeof file.create_group> = file;
      for (const part of path.split("/"))
        group = group.keys().includes(part) ? (group.get(part) as typeof group) : group.create_group(part);
      group.create_attribute("name", name);
      for (const [i, value] of values.entries()) {
        const number = { data: Int32Array.of(value as number), shape: [], dtype: "<i4" };
        group.create_dataset({ name: String(i), ...(typeof value === "number" ? number : { ...value, dtype: "<f4" }) });
      }
    }
    file.close();
    return FS.readFile(path) as Uint8Array;
  } finally {
    FS.unlink(path);
  }
}

let nextFile = 0;

async function library() {
  const alternative = "model.toSafetensors() works everywhere.";
  // where compiling is forbidden, as in some workers, h5wasm would wait for ever
  try {
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  } catch (error) {
    throw new Error(`Keras's files cannot be written here: the HDF5 library needs to compile WebAssembly. ${alternative}`, {
      cause: error,
    });
  }
  try {
    return await import("h5wasm");
  } catch (error) {
    throw new Error(`Keras's files are written by the package h5wasm: npm install h5wasm. ${alternative}`, { cause: error });
  }
}
