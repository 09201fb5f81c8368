import type { JavaScriptKernels } from "#kernels";
import { type Signatures, signatures } from "./signatures.js";

/** The name of a kernel in assembly/. */
export type KernelName = keyof Signatures;

/** The parameters of a kernel by name, without the range that the engine sets. */
export type KernelParameters<K extends KernelName> = Omit<Signatures[K], "begin" | "end">;

/** The kernels of one instance, as the compiler exports them: numbers in, nothing out. */
export type Kernels = { [K in KernelName]: (...args: number[]) => void };

/** The names of every kernel's parameters in calling order; the kernels in that of a build's exports. */
const parameters = new Map(
  signatures.split("\n").map(line => {
    const [kernel, ...names] = line.split(" ");
    return [kernel, names];
  }),
);

export const kernelNames: readonly string[] = [...parameters.keys()];

/** The names of a kernel's parameters in calling order. */
export function parametersOf(kernel: KernelName): readonly string[] {
  return parameters.get(kernel)!;
}

/** Whether a kernel's work can be shared: its last parameters are then `begin, end`. */
export function isSplittable(kernel: KernelName): boolean {
  return parametersOf(kernel).at(-1) === "end";
}

/** Kernels that are ready to be made instances of. */
export type Compiled = WebAssembly.Module | JavaScriptKernels;

/** A fresh instance of compiled kernels on a memory of its own. */
export function bind(compiled: Compiled, memory: WebAssembly.Memory): Kernels {
  if (typeof compiled === "function") return compiled(memory) as Kernels;
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}
