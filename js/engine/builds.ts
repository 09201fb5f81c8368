import { type Build, loadKernels } from "#kernels";
import { show } from "../options.js";
import { kernelNames } from "./kernels.js";
import { withSharedMemory } from "./sharedImport.js";

/** A module that is valid where f32x4.relaxed_madd is: (func (result v128) relaxed_madd of three i8x16.splat 0). */
// biome-ignore format: sections
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 123,
  3, 2, 1, 0,
  10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
]);

/** for memories of one thread, and for shared ones */
const compiled: Partial<Record<"own" | "shared", Promise<WebAssembly.Module>>> = {};

/** the module of `initEngine` */
let given: WebAssembly.Module | null = null;

/**
 * Gives the engine its kernels compiled, for places where WebAssembly may not be compiled at run time, or was elsewhere before: then nothing is
 * compiled here. Call it before the first model is used. Models then run on one thread, for which such a module is made.
 * @param module of `wasmind/wasm/simd.wasm`, or of `wasmind/wasm/relaxed.wasm` where relaxed SIMD runs
 * @throws when it is no such module of this version, or comes too late
 */
export function initEngine(module: WebAssembly.Module): void {
  // A module of another realm is one, too: its class is not asked for.
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new Error(`initEngine: expected a WebAssembly.Module, got ${show(module)}. WebAssembly.compile(bytes) makes one.`);
  }
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const missing = kernelNames.find(name => !exported.has(name));
  if (missing) throw new Error(`initEngine: the module has no kernel "${missing}". Take the .wasm file of the same version of wasmind.`);
  if (compiled.own && given !== module)
    throw new Error("initEngine: models have loaded other kernels already. Call it before the first one is used.");
  given = module;
  compiled.own = Promise.resolve(module);
}

/** Which build models run on. */
export function runningBuild(): Build | "given" {
  return given ? "given" : chooseBuild();
}

/**
 * The compiled kernels, the same for every model.
 * @throws where WebAssembly or its SIMD is missing
 */
export function compileKernels(memory: "own" | "shared" = "own"): Promise<WebAssembly.Module> {
  compiled[memory] ??= compile(memory === "shared");
  return compiled[memory];
}

async function compile(isShared: boolean): Promise<WebAssembly.Module> {
  if (isShared && given) throw new Error("The module given to initEngine is for one thread.");
  if (typeof WebAssembly === "undefined") throw new Error("wasmind needs WebAssembly, which this runtime does not have.");
  const kernels = await loadKernels(chooseBuild(), kernelNames);
  if (!(kernels instanceof Uint8Array)) {
    if (isShared) throw new Error("This runtime runs only modules that were compiled before, which are for one thread.");
    return kernels;
  }
  if (!WebAssembly.validate(kernels)) {
    throw new Error(
      "wasmind needs WebAssembly SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer), which this runtime does not have.",
    );
  }
  return WebAssembly.compile(isShared ? withSharedMemory(kernels) : kernels);
}

/** The fastest build that this runtime can run. */
export function chooseBuild(): Build {
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(PROBE) ? "relaxed" : "simd";
}
