import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { engineInfo, initEngine, layers, sequential, setThreads } from "../js/index.js";

const wasm = (name: string) => new WebAssembly.Module(readFileSync(`dist/kernels/${name}.wasm`));

test("a module that is given is the one that runs, and nothing else is compiled", async () => {
  const compile = vi.spyOn(WebAssembly, "compile");
  expect(() => initEngine(new Uint8Array(8) as never)).toThrow("expected a WebAssembly.Module");
  const empty = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  expect(() => initEngine(empty)).toThrow("has no kernel");
  const module = wasm("simd");
  initEngine(module);
  const model = sequential([layers.dense(1, { inputShape: [2], kernelInitializer: "ones" })]);
  expect((await model.predict([[1, 2]])).data).toEqual(new Float32Array([3]));
  expect(compile).not.toHaveBeenCalled();
  expect(engineInfo().build).toBe("given");
  const { threads, reasons } = await setThreads(2);
  expect({ threads, reasons }).toEqual({ threads: 1, reasons: ["What initEngine was given is for one thread."] });
  initEngine(module);
  expect(() => initEngine(wasm("simd"))).toThrow("already");
});
