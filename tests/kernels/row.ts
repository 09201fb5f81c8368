import type { Arbitrary } from "fast-check";
import type { KernelName } from "../../js/engine/kernels.js";

export type Data = Float32Array | Float64Array | Int32Array | Uint32Array;

/** What a kernel is called with: a number, or the name of one of the case's buffers (a null pointer is 0). */
export type Arg = number | string;

export interface Call {
  kernel: KernelName;
  /** by parameter name, without begin and end */
  args: Record<string, Arg>;
  /** the whole range of a kernel that ends in `begin, end` */
  range?: number;
}

/** One shape or option setting of a kernel: buffers, the calls on them, and what must come out. */
export interface Case {
  /** what a reader needs to find it: "m=5 n=9 k=1", "lecture conv2" */
  label: string;
  /** what the calls read; a forward reference may read more */
  inputs: Record<string, Data>;
  /** what they write, in elements; filled with NaN before the first call */
  outputs: Record<string, number | { f64: number }>;
  /** memory that the calls use as they like, in elements; filled with NaN, too */
  scratch?: Record<string, number>;
  /** outputs that start from a value, for kernels that add or update */
  initial?: Record<string, Data>;
  calls: Call[];
  /** output → the input that it may overwrite; the case is then run in place, too */
  inPlace?: Record<string, string>;
  /** the float64 truth of each output that is compared, by tests/reference.ts */
  expected: () => Record<string, ArrayLike<number>>;
  /** largest |got - expected| / max(size, |expected|) */
  tolerance: number;
  /** the size of an output's numbers, if it is far from 1 */
  sizes?: Record<string, number>;
  /** floating point operations and bytes moved by the calls, for the bench */
  flops?: number;
  bytes?: number;
  /** a case from a real net, or of a size worth timing: the bench prints it */
  bench?: boolean;
  /** for kernels that are a way back: the float64 function they differentiate, checked along a random direction */
  gradient?: {
    /** the case's inputs → the function's output */
    forward: (inputs: Record<string, ArrayLike<number>>) => ArrayLike<number>;
    /** the input that holds the output's gradient; all ones without it */
    dy?: string;
    /** gradient (an output of the case) → the input it belongs to */
    of: Record<string, string>;
  };
}

/** Everything about one kernel, or about kernels that only make sense together. */
export interface Row {
  kernels: KernelName[];
  cases: Case[];
  /** shapes that nobody thought of */
  random?: Arbitrary<Case>;
}
