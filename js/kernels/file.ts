import type { Build } from "./build.js";
import { lengths } from "./data.js";
import { loadKernels as unpackKernels } from "./inline.js";

export { type Build, builds, type JavaScriptKernels, type Loaded } from "./build.js";

/** The kernels in Node: their own file, where the package lies as it was installed. To read it takes a tenth of the time of unpacking. */
export async function loadKernels(build: Build, names: readonly string[]): ReturnType<typeof unpackKernels> {
  return readFile(build) ?? unpackKernels(build, names);
}

function readFile(build: Build): Uint8Array<ArrayBuffer> | null {
  if ("Deno" in globalThis) return null; // it would ask its user whether files may be read
  try {
    const folder = import.meta.url; // bundlers would look for what they see in new URL()
    const bytes = globalThis.process.getBuiltinModule("node:fs").readFileSync(new URL(`../kernels/${build}.wasm`, folder));
    return bytes.length === lengths[build] ? bytes : null;
  } catch {
    return null; // a bundle, a page, or files may not be read
  }
}
