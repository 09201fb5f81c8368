import { type Build, loadKernels } from "#kernels";

/** What the kernels run on here. */
export interface EngineInfo {
  /** which build of the kernels was chosen */
  build: Build;
  threads: number;
  /** why the engine is not faster here, one reason a line; empty when nothing is missing */
  reasons: string[];
}

/** A module that is valid where f32x4.relaxed_madd is: (func (result v128) relaxed_madd of three i8x16.splat 0). */
// biome-ignore format: sections
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 123,
  3, 2, 1, 0,
  10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
]);

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * The compiled kernels, shared by every model.
 * @throws where WebAssembly or its SIMD is missing
 */
export function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined") throw new Error("wasmind needs WebAssembly, which this runtime does not have.");
  const kernels = await loadKernels(chooseBuild());
  if (!(kernels instanceof Uint8Array)) return kernels;
  if (!WebAssembly.validate(kernels)) {
    throw new Error(
      "wasmind needs WebAssembly SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer), which this runtime does not have.",
    );
  }
  return WebAssembly.compile(kernels);
}

/** The fastest build that this runtime can run. */
export function chooseBuild(): Build {
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(PROBE) ? "relaxed" : "simd";
}

/** Which build runs here, and on how many threads. */
export function engineInfo(): EngineInfo {
  const build = chooseBuild();
  return { build, threads: 1, reasons: build === "relaxed" ? [] : ["This runtime has no relaxed SIMD."] };
}
