// The kernels for hosts without WebAssembly: a module of vectors becomes one of scalars, and that becomes JavaScript.
import { transformSync } from "esbuild";
import { binaryen } from "./ir.js";
import { toJavaScript } from "./javascript.js";
import { lower } from "./lower.js";

const PASSES = [
  "simplify-locals-nostructure",
  "vacuum",
  "precompute-propagate",
  "optimize-instructions",
  "coalesce-locals",
  "simplify-locals-nostructure",
  "vacuum",
  "remove-unused-names",
  "merge-blocks",
  "reorder-locals",
  "vacuum",
];

/**
 * @param wasm bytes of a module whose one import is the memory `env.memory`, with float32, int32 and vectors of these
 * @returns the text of a JavaScript module: `instantiate(memory)` makes the kernels for anything that has a `buffer`
 * @throws with the name of an instruction that is not known here
 */
export function scalarKernels(wasm) {
  const source = binaryen.readBinary(wasm);
  source.setFeatures(binaryen.Features.All);
  const scalar = lower(source);
  source.dispose();
  scalar.runPasses(PASSES);
  if (!scalar.validate()) throw new Error("The scalar module is not valid.");
  const { code } = transformSync(toJavaScript(scalar), { minify: true, format: "esm", target: "es2022" });
  scalar.dispose();
  return code;
}
