import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { instantiateSync } from "@assemblyscript/loader";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadKernels } from "#kernels";
import { bind, type Kernels, kernelNames } from "../js/engine/kernels.js";
import { compare } from "./kernels/compare.js";
import { checkGradient } from "./kernels/gradient.js";
import { rows } from "./kernels/index.js";
import type { Case, Data } from "./kernels/row.js";
import { type Bind, Laid, sameBits } from "./kernels/run.js";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url));
const release = new WebAssembly.Module(read("dist/kernels/simd.wasm"));
if (!WebAssembly.validate(read("dist/kernels/relaxed.wasm"))) setFlagsFromString("--experimental-wasm-relaxed-simd"); // Node 20
const fused = new WebAssembly.Module(read("dist/kernels/relaxed.wasm"));
const debug = new WebAssembly.Module(read("build/debug.wasm"));
const builds: Record<string, Bind> = {
  release: memory => bind(release, memory),
  relaxed: memory => bind(fused, memory),
  debug: memory => instantiateSync(debug, { env: { memory } }).exports as unknown as Kernels,
};

for (const [build, bindTo] of Object.entries(builds)) {
  describe(`${build} build`, () => {
    for (const row of rows) {
      describe(row.kernels.join(", "), () => {
        for (const testCase of row.cases) {
          // A debug build is slow, and the shapes of real nets are large.
          if (build === "debug" && testCase.bench) continue;
          it(testCase.label, () => check(bindTo, testCase));
        }
        if (row.random)
          it("random shapes", () =>
            fc.assert(
              fc.property(row.random!, random => check(bindTo, random)),
              { seed: 1, numRuns: 25 },
            ));
      });
    }
  });
}

function check(bindTo: Bind, testCase: Case): void {
  const whole = runIn(bindTo, testCase, 1);
  const { tolerance, sizes = {} } = testCase;
  for (const [name, truth] of Object.entries(testCase.expected())) compare(name, whole[name], truth, tolerance, sizes[name] ?? 1);
  if (testCase.gradient) checkGradient(testCase, whole);
  for (const pieces of testCase.bench ? [3] : [2, 3, 8]) expectSame(`in ${pieces} pieces`, runIn(bindTo, testCase, pieces), whole);
  if (!testCase.bench) {
    const laid = new Laid(bindTo, testCase);
    expect(laid.runApart(3)).toEqual([]);
    expectSame("in 3 pieces apart", outputsOf(testCase, laid), whole);
  }
  if (testCase.inPlace) expectSame("in place", runIn(bindTo, testCase, 1, testCase.inPlace), whole);
}

function runIn(bindTo: Bind, testCase: Case, pieces: number, shared?: Record<string, string>): Record<string, Data> {
  const laid = new Laid(bindTo, testCase, shared);
  laid.run(pieces);
  expect(laid.violations().join("\n")).toBe("");
  return outputsOf(testCase, laid);
}

function outputsOf(testCase: Case, laid: Laid): Record<string, Data> {
  return Object.fromEntries(Object.keys(testCase.outputs).map(name => [name, laid.views[name]]));
}

function expectSame(how: string, got: Record<string, Data>, whole: Record<string, Data>): void {
  for (const name of Object.keys(whole)) {
    if (sameBits(got[name], whole[name])) continue;
    const i = got[name].findIndex((x, at) => !Object.is(x, whole[name][at]));
    expect.fail(`${how}, ${name}[${i}] is ${got[name][i]}, but ${whole[name][i]} in one go`);
  }
}

describe("the builds", () => {
  const exportsOf = (module: WebAssembly.Module) =>
    WebAssembly.Module.exports(module)
      .filter(({ kind, name }) => kind === "function" && !name.startsWith("__"))
      .map(({ name }) => name);

  it("export exactly the kernels of the table", () => {
    const tested = rows.flatMap(row => row.kernels);
    expect(exportsOf(release).sort()).toEqual([...tested].sort());
    for (const module of [debug, fused]) expect(exportsOf(module).sort()).toEqual(exportsOf(release).sort());
    const called = new Set(rows.flatMap(row => row.cases.flatMap(c => c.calls.map(call => call.kernel))));
    expect(tested.filter(kernel => !called.has(kernel))).toEqual([]);
  });

  it("come out of the JavaScript that carries them as the compiler made them", async () => {
    for (const build of ["simd", "relaxed"] as const) {
      const carried = (await loadKernels(build, kernelNames)) as Uint8Array;
      expect(Buffer.compare(carried, read(`dist/kernels/${build}.wasm`)), build).toBe(0);
    }
  });

  it("need nothing but a memory, and write nothing when they are made", () => {
    expect(WebAssembly.Module.imports(release)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).fill(0xa5);
    bind(release, memory);
    expect(new Uint8Array(memory.buffer).every(byte => byte === 0xa5)).toBe(true);
  });

  it("tell the developer which contract was broken and where", () => {
    const kernels = builds.debug(new WebAssembly.Memory({ initial: 2 }));
    expect(() => kernels.relu(65536, 65540, 0, 4)).toThrow(/x must be aligned to 16 bytes at assembly\/map\.ts:\d+:\d+/);
  });
});
