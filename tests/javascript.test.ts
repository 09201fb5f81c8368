import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import binaryen from "binaryen";
import { describe, expect, test } from "vitest";
import { kernels } from "../dist/js.js";
import { bind, type Kernels, kernelNames } from "../js/engine/kernels.js";
// @ts-expect-error: as above
import { scalarKernels } from "../scripts/scalar/index.js";
// @ts-expect-error: the build's scripts are JavaScript without types
import { functionsOf } from "../scripts/scalar/ir.js";
// @ts-expect-error: as above
import { inferKinds } from "../scripts/scalar/kinds.js";
import { compare } from "./kernels/compare.js";
import { rows } from "./kernels/index.js";
import type { Case, Data, Row } from "./kernels/row.js";
import { type Bind, Laid } from "./kernels/run.js";

const simd = new WebAssembly.Module(readFileSync("dist/kernels/simd.wasm"));

/** The same bits, but those of NaN, which neither WebAssembly nor JavaScript promises. */
function firstDifference(a: Data, b: Data): number {
  return a.findIndex((x, i) => !Object.is(x, b[i]));
}

describe("the kernels in JavaScript", () => {
  const run = (bindTo: Bind, testCase: Case) => {
    const laid = new Laid(bindTo, testCase);
    laid.run(1);
    expect(laid.violations().join("\n")).toBe("");
    return laid.views;
  };

  test("are all there", () => {
    expect(Object.keys(kernels(new WebAssembly.Memory({ initial: 1 }))).sort()).toEqual([...kernelNames].sort());
  });

  // Of the largest there are smaller ones.
  const cases = (row: Row) => row.cases.filter(({ flops = 0 }) => flops < 1e9);

  test.each(rows.map(row => [row.kernels.join(), row] as const))("%s give the reference's numbers and the simd build's bits", (_, row) => {
    for (const testCase of cases(row)) {
      const got = run(memory => kernels(memory) as Kernels, testCase);
      const same = run(memory => bind(simd, memory), testCase);
      for (const name of Object.keys(testCase.outputs)) {
        const i = firstDifference(got[name], same[name]);
        if (i >= 0) expect.fail(`${testCase.label}: ${name}[${i}] is ${got[name][i]}, but ${same[name][i]} in the simd build`);
      }
      const { tolerance, sizes = {}, bench } = testCase;
      if (bench) continue;
      for (const [name, truth] of Object.entries(testCase.expected())) compare(name, got[name], truth, tolerance, sizes[name] ?? 1);
    }
  });
});

describe("a module of vectors as JavaScript", () => {
  const wasmOf = (body: string) => {
    const module = binaryen.parseText(`(module (import "env" "memory" (memory 1)) ${body})`);
    module.setFeatures(binaryen.Features.All);
    return module.emitBinary();
  };
  const load = async (wasm: Uint8Array) => import(`data:text/javascript,${encodeURIComponent(scalarKernels(wasm))}`);
  // biome-ignore format: a table
  const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 8388607.5, 16777216, 3e9, -3e9, 1e-40, -1e-40, 3.4e38, -3.4e38, Infinity, -Infinity, NaN, 0.1, 1 / 3];
  const words = [0, 1, -1, 2, 31, 32, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 0x3f800000, 123456789, -123456789];

  const vectors = (...ops: string[]) =>
    ops.map(op => [op, `(v128.store (local.get 0) (${op} (v128.load (local.get 1)) (v128.load (local.get 2))))`]);
  const vector = (...ops: string[]) => ops.map(op => [op, `(v128.store (local.get 0) (${op} (v128.load (local.get 1))))`]);
  const binary = ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax", "eq", "ne", "lt", "gt", "le", "ge"].map(op => `f32x4.${op}`);
  const whole = ["add", "sub", "mul", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"].map(op => `i32x4.${op}`);
  const masked = (op: string) =>
    `(v128.store (local.get 0) (v128.${op} (v128.load (local.get 1)) (f32x4.lt (v128.load (local.get 1)) (v128.load (local.get 2)))))`;
  const float = (code: string) =>
    `(f32.store (local.get 0) ${code.replaceAll("A", "(f32.load (local.get 1))").replaceAll("B", "(f32.load (local.get 2))")})`;
  const word = (code: string) =>
    `(i32.store (local.get 0) ${code.replaceAll("A", "(i32.load (local.get 1))").replaceAll("B", "(i32.load (local.get 2))").replaceAll("F", "(f32.load (local.get 1))").replaceAll("D", "(f64.promote_f32 (f32.load (local.get 1)))")})`;

  const onFloats = [
    ...vectors(...binary, "v128.and", "v128.andnot", "v128.or", "v128.xor"),
    ...vector(...["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"].map(op => `f32x4.${op}`), "v128.not"),
    ...["and", "andnot", "or", "xor"].map(op => [`v128.${op} of a mask`, masked(op)]),
    [
      "bitselect by a mask",
      `(v128.store (local.get 0) (v128.bitselect (v128.load (local.get 1)) (v128.load (local.get 2)) (f32x4.ge (v128.load (local.get 1)) (v128.load (local.get 2)))))`,
    ],
    [
      "bitselect by bits",
      `(v128.store (local.get 0) (v128.bitselect (v128.load (local.get 1)) (v128.load (local.get 2)) (v128.const i32x4 -1 0x80000000 0xff00 0)))`,
    ],
    ["any_true of a mask", `(i32.store (local.get 0) (v128.any_true (f32x4.lt (v128.load (local.get 1)) (v128.load (local.get 2)))))`],
    [
      "promote_low",
      `(f64.store (local.get 0) (f64x2.extract_lane 1 (f64x2.mul (f64x2.promote_low_f32x4 (v128.load (local.get 1))) (f64x2.abs (f64x2.promote_low_f32x4 (v128.load (local.get 2)))))))`,
    ],
    [
      "extract and replace",
      `(v128.store (local.get 0) (f32x4.replace_lane 2 (v128.load (local.get 1)) (f32x4.extract_lane 3 (v128.load (local.get 2)))))`,
    ],
    ["splat", `(v128.store (local.get 0) (f32x4.splat (f32.load (local.get 2))))`],
    ["load32_splat", `(v128.store (local.get 0) (v128.load32_splat offset=8 (local.get 2)))`],
    ...["load32_zero", "load64_zero"].map(op => [op, `(v128.store (local.get 0) (v128.${op} offset=4 (local.get 1)))`]),
    [
      "lanes",
      `(v128.store (local.get 0) (v128.load32_lane offset=4 3 (local.get 1) (v128.load64_lane 0 (local.get 1) (v128.load (local.get 2)))))`,
    ],
    [
      "stores of lanes",
      `(v128.store64_lane offset=8 0 (local.get 0) (v128.load (local.get 1))) (v128.store32_lane offset=4 3 (local.get 0) (v128.load (local.get 2)))`,
    ],
    ...[
      "f32.min A B",
      "f32.max A B",
      "f32.copysign A B",
      "f32.nearest A",
      "f32.trunc A",
      "f32.neg A",
      "f32.sqrt A",
      "f32.div A B",
      "f32.convert_i32_u (i32.reinterpret_f32 A)",
      "f32.convert_i32_s (i32.reinterpret_f32 A)",
      "f32.demote_f64 (f64.div (f64.promote_f32 A) (f64.promote_f32 B))",
    ].map(code => [code, float(`(${code})`)]),
    ...["i32.trunc_sat_f32_s F", "i32.trunc_sat_f32_u F", "i32.trunc_sat_f64_u D", "i32.trunc_sat_f64_s D"].map(code => [
      code,
      word(`(${code})`),
    ]),
  ];
  const onWords = [
    ...vectors(...whole, "v128.and", "v128.andnot", "v128.or", "v128.xor"),
    ...["low", "high"].flatMap(half => vectors(`i64x2.extmul_${half}_i32x4_u`)),
    ...["shl", "shr_s", "shr_u"].map(op => [
      `i32x4.${op}`,
      `(v128.store (local.get 0) (i32x4.${op} (v128.load (local.get 1)) (i32.load (local.get 2))))`,
    ]),
    ["convert", `(v128.store (local.get 0) (f32x4.convert_i32x4_s (v128.load (local.get 1))))`],
    [
      "shuffle onto itself",
      `(local $x v128) (local.set $x (v128.load (local.get 1))) (local.set $x (i8x16.shuffle 4 5 6 7 0 1 2 3 24 25 26 27 12 13 14 15 (local.get $x) (v128.load (local.get 2)))) (v128.store (local.get 0) (local.get $x))`,
    ],
    ["swizzle of words", `(v128.store (local.get 0) (i8x16.swizzle (v128.load (local.get 1)) (i32x4.splat (i32.const 0x0b0a0908))))`],
    ...[
      "i32.add A B",
      "i32.sub A B",
      "i32.mul A B",
      "i32.shl A B",
      "i32.shr_s A B",
      "i32.shr_u A B",
      "i32.and A B",
      "i32.eqz A",
      "i32.lt_u A B",
      "i32.ge_s A B",
      "i32.mul (i32.add A B) (i32.add A B)",
      "select A B (i32.gt_u A B)",
      "i32.div_s A (i32.or (i32.shr_u B (i32.const 9)) (i32.const 4096))",
      "i32.rem_s A (i32.or B (i32.const 4096))",
    ].map(code => [code, word(`(${code})`)]),
  ];

  const cases = [
    ...onFloats.map(([name, code]) => [`${name}, of floats`, code, new Int32Array(Float32Array.from(floats).buffer)] as const),
    ...onWords.map(([name, code]) => [`${name}, of words`, code, Int32Array.from(words)] as const),
  ];

  test.each(cases)("%s", async (_, code, values) => {
    const wasm = wasmOf(`(func (export "run") (param i32) (param i32) (param i32) ${code})`);
    const module = new WebAssembly.Module(Uint8Array.from(wasm));
    const scalar = await load(wasm);
    const results = [(memory: WebAssembly.Memory) => new WebAssembly.Instance(module, { env: { memory } }).exports, scalar.instantiate].map(
      make => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        const run = make(memory).run as (...args: number[]) => void;
        const at = new Int32Array(memory.buffer);
        // Every value meets every other one on each of the lanes.
        values.forEach((value, i) => {
          for (let lane = 0; lane < 4; lane++) at[1024 + 4 * i + lane] = values[(i + lane * 7) % values.length];
          at.fill(value, 4096 + 4 * i, 4100 + 4 * i);
        });
        for (let i = 0; i < values.length; i++) {
          for (let j = 0; j < values.length; j++) run(32768 + 16 * (i * values.length + j), 4096 + 16 * i, 16384 + 16 * j);
        }
        return at.slice(8192, 8192 + 4 * values.length ** 2);
      },
    );
    const isNaN_ = (bits: number) => (bits & 0x7fffffff) > 0x7f800000;
    const [expected, got] = results;
    const i = got.findIndex((bits, i) => bits !== expected[i] && !(isNaN_(bits) && isNaN_(expected[i])));
    expect([i, got[i]]).toEqual([-1, undefined]);
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  test("has lanes of what is computed with them, also where a function serves floats and words", () => {
    const module = binaryen.parseText(`(module (memory 1)
      (func $load (param i32) (result v128) (v128.load (local.get 0)))
      (func $floats (param i32) (local $sum v128)
        (local.set $sum (call $load (local.get 0)))
        (loop $next
          (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (local.get $sum) (v128.load offset=16 (local.get 0)))))
          (br_if $next (i32.load (local.get 0))))
        (v128.store (local.get 0) (local.get $sum)))
      (func $words (param i32) (v128.store (local.get 0) (i32x4.add (call $load (local.get 0)) (call $load (local.get 0))))))`);
    module.setFeatures(binaryen.Features.All);
    module.runPasses(["flatten", "ssa-nomerge"]);
    const functions = functionsOf(module);
    const kindOf = inferKinds(functions);
    const kindsIn = (name: string) => {
      const { locals } = functions.find((one: { name: string }) => one.name === name);
      return [...new Set([...locals.keys()].filter(local => locals[local] === binaryen.v128).map(local => kindOf(name, local)))];
    };
    expect([kindsIn("floats"), kindsIn("words"), kindOf("load", "result")]).toEqual([["f32"], ["i32"], "i32"]);
  });

  test("has views of a memory that has grown", async () => {
    const { instantiate } = await load(wasmOf(`(func (export "run") (param i32) (f32.store (local.get 0) (f32.const 2)))`));
    const memory = { buffer: new ArrayBuffer(65536) };
    const { run } = instantiate(memory);
    run(65532);
    memory.buffer = new ArrayBuffer(2 * 65536);
    run(65536);
    expect(new Float32Array(memory.buffer)[16384]).toBe(2);
  });

  test.each([
    [
      "f64x2.sqrt",
      "(f64.store (local.get 0) (f64x2.extract_lane 0 (f64x2.convert_low_i32x4_s (v128.load (local.get 0)))))",
      "f64x2.convert_low_i32x4_s",
    ],
    ["bytes", "(v128.store (local.get 0) (i8x16.add (v128.load (local.get 0)) (v128.load (local.get 0))))", "i8x16.add"],
    ["64 bits", "(i64.store (local.get 0) (i64.load (local.get 0)))", "i64.store"],
    [
      "a shuffle of bytes",
      "(v128.store (local.get 0) (i8x16.shuffle 1 0 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.load (local.get 0)) (v128.load (local.get 0))))",
      "shuffle of bytes",
    ],
  ])("is refused with %s, by name", (_, code, name) => {
    expect(() => scalarKernels(wasmOf(`(func (export "run") (param i32) ${code})`))).toThrow(name);
  });
});

describe("without WebAssembly", () => {
  const run = async (...args: string[]) => JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  const train = "tests/javascript/train.js";

  test("models learn to the bits of the simd build, by the condition or by hand", async () => {
    const expected = await run(train, "simd");
    const isTheSame = async (reason: string, ...args: string[]) => {
      const reasons = ["The kernels are JavaScript, for hosts without WebAssembly.", reason];
      expect(await run(...args)).toEqual({ losses: expected.losses, info: { build: "js", threads: 1, reasons } });
    };
    await isTheSame("The kernels for this runtime are for one thread.", "--jitless", "--conditions=fastly", train);
    await isTheSame("The kernels for this runtime are for one thread.", "--conditions=fastly", train);
    await isTheSame("What initEngine was given is for one thread.", "--jitless", train, "js");
  });

  test("the error says what to import", async () => {
    await expect(run("--jitless", train)).rejects.toThrow('import { kernels } from "wasmind/js", and initEngine(kernels)');
  });
});
