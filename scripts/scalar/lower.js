// Makes a module without vectors of one that has them: a vector becomes as many scalars as it has lanes, operation by operation in the same order.
// A function that does the same on every lane and touches no memory becomes one of a single lane, and is called for each.
import { FunctionLowering } from "./function.js";
import { binaryen, functionsOf } from "./ir.js";
import { inferKinds } from "./kinds.js";
import { findLanewise } from "./lanewise.js";

const half = (name, which) =>
  which === "high" ? `(i32.shr_u (local.get ${name}) (i32.const 16))` : `(i32.and (local.get ${name}) (i32.const 65535))`;

/** What the new module has beside the functions: the lanes of results but the first, and the upper half of an unsigned product. */
const PRELUDE = `(module
  (import "env" "memory" (memory 1))
  ${["f32", "i32"].flatMap(type => [1, 2, 3].map(lane => `(global $${type}_${lane} (mut ${type}) (${type}.const 0))`)).join(" ")}
  (func $mulHigh (param $a i32) (param $b i32) (result i32) (local $x i32) (local $y i32)
    (local.set $x (i32.add
      (i32.mul ${half("$a", "high")} ${half("$b", "low")})
      (i32.shr_u (i32.mul ${half("$a", "low")} ${half("$b", "low")}) (i32.const 16))))
    (local.set $y (i32.add (i32.mul ${half("$a", "low")} ${half("$b", "high")}) ${half("$x", "low")}))
    (i32.add (i32.mul ${half("$a", "high")} ${half("$b", "high")}) (i32.add ${half("$x", "high")} ${half("$y", "high")}))))`;

/** @param source a module, which is flattened by this @throws with the name of an instruction that is not known here */
export function lower(source) {
  source.runPasses(["flatten", "ssa-nomerge"]);
  const functions = functionsOf(source);
  const lanewise = findLanewise(functions);
  const results = new Map(functions.map(({ name, results }) => [name, results]));
  const program = { kindOf: inferKinds(functions), isLanewise: name => lanewise.has(name), resultsOf: name => results.get(name) };
  const target = binaryen.parseText(PRELUDE);
  const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt } = binaryen.Features;
  target.setFeatures(BulkMemory | BulkMemoryOpt | NontrappingFPToInt);
  for (const one of functions) new FunctionLowering(target, one, program).run();
  for (let i = 0; i < source.getNumExports(); i++) {
    const { name, value, kind } = binaryen.getExportInfo(source.getExportByIndex(i));
    if (kind === binaryen.ExternalFunction) target.addFunctionExport(value, name);
  }
  return target;
}
