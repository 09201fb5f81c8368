import { simd } from "#kernels";

/** What the kernels run on here. */
export interface EngineInfo {
  /** which build of the kernels was chosen */
  build: "simd";
  threads: number;
  /** why the engine is not faster here, one reason a line; empty when nothing is missing */
  reasons: string[];
}

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
  const bytes = Uint8Array.from(atob(simd), char => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) {
    throw new Error(
      "wasmind needs WebAssembly SIMD (Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or newer), which this runtime does not have.",
    );
  }
  return WebAssembly.compile(bytes);
}

/** Which build runs here, and on how many threads. */
export function engineInfo(): EngineInfo {
  return { build: "simd", threads: 1, reasons: [] };
}
