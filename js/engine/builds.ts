import { type Build, builds, type Loaded, loadKernels } from "#kernels";
import { show } from "../options.js";
import { type Compiled, kernelNames } from "./kernels.js";
import { newMemory } from "./plainMemory.js";
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
const compiled: { own?: Promise<Compiled>; shared?: Promise<WebAssembly.Module> } = {};

/** what `initEngine` got */
let given: Compiled | null = null;

/**
 * Gives the engine its kernels compiled, for places where WebAssembly may not be compiled at run time, or was elsewhere before: then nothing is
 * compiled here. Call it before the first model is used. Models then run on one thread, for which such a module is made.
 * @param module of `wasmind/wasm/simd.wasm`, or of `wasmind/wasm/relaxed.wasm` where relaxed SIMD runs; for hosts without WebAssembly, the `kernels` of
 * `wasmind/js`
 * @throws when it is no such module of this version, or comes too late
 */
export function initEngine(module: Compiled): void {
  const exported = new Set(exportsOf(module));
  const missing = kernelNames.find(name => !exported.has(name));
  if (missing) throw new Error(`initEngine: the module has no kernel "${missing}". Take the .wasm file of the same version of wasmind.`);
  if (compiled.own && given !== module)
    throw new Error("initEngine: models have loaded other kernels already. Call it before the first one is used.");
  given = module;
  compiled.own = Promise.resolve(module);
}

function exportsOf(module: Compiled): string[] {
  if (typeof module === "function") return Object.keys(module(newMemory(1)) ?? {});
  // A module of another realm is one, too: its class is not asked for.
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new Error(`initEngine: expected a WebAssembly.Module, got ${show(module)}. WebAssembly.compile(bytes) makes one.`);
  }
  return WebAssembly.Module.exports(module).map(({ name }) => name);
}

/** Which build models run on. */
export function runningBuild(): Build | "given" {
  if (typeof given === "function") return "js";
  return given ? "given" : chooseBuild();
}

/**
 * The compiled kernels, the same for every model.
 * @throws where WebAssembly or its SIMD is missing
 */
export function compileKernels(): Promise<Compiled> {
  compiled.own ??= load().then(kernels => (kernels instanceof Uint8Array ? compile(kernels) : kernels));
  return compiled.own;
}

/**
 * The same kernels for shared memories.
 * @throws as `compileKernels`, and where they run on one thread only
 */
export function compileShared(): Promise<WebAssembly.Module> {
  compiled.shared ??= loadShared().then(kernels => compile(withSharedMemory(kernels)));
  return compiled.shared;
}

async function load(): Promise<Loaded> {
  const build = chooseBuild();
  if (build !== "js" && typeof WebAssembly === "undefined") {
    throw new Error(
      'This runtime has no WebAssembly: import { kernels } from "wasmind/js", and initEngine(kernels) before the first model.',
    );
  }
  return loadKernels(build, kernelNames);
}

async function loadShared(): Promise<Uint8Array<ArrayBuffer>> {
  if (given) throw new Error("What initEngine was given is for one thread.");
  const kernels = await load();
  if (kernels instanceof Uint8Array) return kernels;
  throw new Error("The kernels for this runtime are for one thread.");
}

function compile(kernels: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  if (!WebAssembly.validate(kernels)) {
    throw new Error(
      "wasmind needs WebAssembly SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer), which this runtime does not have.",
    );
  }
  return WebAssembly.compile(kernels);
}

/** The fastest build that this runtime can run, of those that it was given. */
export function chooseBuild(): Build {
  if (builds.includes("js")) return "js";
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(PROBE) ? "relaxed" : "simd";
}
