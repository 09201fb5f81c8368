/**
 * The builds of the kernels. With relaxed SIMD a multiplication and an addition are one instruction, rounded once; "js" is plain JavaScript, for hosts
 * without WebAssembly.
 */
export type Build = "simd" | "relaxed" | "js";

/** Those of WebAssembly. */
export const builds: readonly Build[] = ["simd", "relaxed"];

/** Makes the kernels on a memory, which may grow. */
export type JavaScriptKernels = (memory: { readonly buffer: ArrayBufferLike }) => Record<string, (...args: number[]) => void>;

/** What a runtime gets of a build: its bytes, or something that is compiled already. */
export type Loaded = Uint8Array<ArrayBuffer> | WebAssembly.Module | JavaScriptKernels;
